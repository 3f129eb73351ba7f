import type { Millis } from '../time.ts'

interface Timed {
  readonly at: Millis
}

/** Several sequences, each in order, as one in order. It holds one of each. Among those of one moment, the earlier sequence is first. */
export function* merged<T extends Timed>(
  sequences: readonly Iterator<T>[],
  order: 'oldest first' | 'newest first',
): Generator<T> {
  const isBefore = order === 'oldest first' ? (a: T, b: T) => a.at < b.at : (a: T, b: T) => a.at > b.at
  const heads = sequences.flatMap(headOf)
  for (;;) {
    let [next] = heads
    if (next === undefined) return
    for (const head of heads) if (isBefore(head.value, next.value)) next = head
    yield next.value
    heads.splice(heads.indexOf(next), 1, ...headOf(next.rest))
  }
}

interface Head<T> {
  readonly value: T
  readonly rest: Iterator<T>
}

function headOf<T>(rest: Iterator<T>): readonly Head<T>[] {
  const { done, value } = rest.next()
  return done === true ? [] : [{ value, rest }]
}

/**
 * The same values in order, where none stands further from its place than `withinMs`, as in a log that several processes write
 * in portions. It holds what lies within that time, at most `most` values.
 */
export function* straightened<T extends Timed>(
  values: Iterable<T>,
  order: 'oldest first' | 'newest first',
  { withinMs, most }: { readonly withinMs: number; readonly most: number },
): Generator<T> {
  const sign = order === 'oldest first' ? 1 : -1
  const held: T[] = []
  for (const value of values) {
    let place = held.length
    while (place > 0 && sign * (held[place - 1]?.at ?? 0) > sign * value.at) place -= 1
    held.splice(place, 0, value)
    const newest = held.at(-1)?.at ?? 0
    while (held[0] !== undefined && (sign * (newest - held[0].at) > withinMs || held.length > most)) {
      const [first] = held.splice(0, 1)
      if (first !== undefined) yield first
    }
  }
  yield* held
}

import { randomFrom, shuffled } from '../../soak/random.ts'

/** How a run of an operation went, as far as its disk shows it. */
export interface Timeline {
  /** How long the operation took. */
  readonly lengthMs: number
  /** How long the log of writes was, at these milliseconds after the operation began. */
  readonly growth: readonly (readonly [ms: number, bytes: number])[]
}

/** A moment in which the power is cut. */
export interface Cut {
  /** In milliseconds after the operation began. */
  readonly ms: number
  /** The log of writes goes so far. */
  readonly at: number
  /** What of the unflushed writes survives follows from it. */
  readonly seed: number
}

/** A cut may come a little later than the end of the operation. */
const BEYOND = 1.05

/** As soon as the operation says that it is done: what it says must outlive the cut. */
export function cutAtEnd(timeline: Timeline, seed: number): Cut {
  return { ms: timeline.lengthMs, at: lengthAt(timeline, timeline.lengthMs), seed }
}

/**
 * When the power is cut: half of the moments are random in time, one in each of equal parts of the operation, and half are random in
 * what is written meanwhile, in the same way: a machine computes most of the time, and what is on its disk differs more by the writes.
 * They come in a random order, and each operation has its own: they do not depend on which others are tried.
 */
export function cutsOf(
  operation: string,
  timeline: Timeline,
  { seed, rounds }: { readonly seed: number; readonly rounds: number },
): readonly Cut[] {
  const random = randomFrom([...operation].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed))
  const endMs = timeline.lengthMs * BEYOND
  const [first, last] = [lengthAt(timeline, 0), lengthAt(timeline, endMs)]
  const inTime = eachPart(Math.ceil(rounds / 2), random).map((part) => {
    const ms = Math.round(part * endMs)
    return { ms, at: lengthAt(timeline, ms) }
  })
  const inWrites = eachPart(Math.floor(rounds / 2), random).map((part) => {
    const at = Math.round(first + part * (last - first))
    return { ms: timeline.growth.find(([, bytes]) => bytes >= at)?.[0] ?? 0, at }
  })
  return shuffled(random, [...inTime, ...inWrites]).map((cut) => ({ ...cut, seed: Math.floor(random() * 2 ** 31) }))
}

function eachPart(parts: number, random: () => number): readonly number[] {
  return Array.from({ length: parts }, (_, index) => (index + random()) / parts)
}

function lengthAt({ growth }: Timeline, ms: number): number {
  return growth.findLast(([at]) => at <= ms)?.[1] ?? 0
}

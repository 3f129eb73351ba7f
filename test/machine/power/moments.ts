import { randomFrom } from '../../soak/random.ts'

/** A cut may come a little later than the operation took the first time: it does not always take the same. */
const BEYOND = 1.05

/**
 * When the power of each trial is cut, in milliseconds after the operation began: one moment in each of `rounds` equal parts of the
 * operation, in a random order. So few trials reach its beginning and its end too, and those of a run that is ended early do.
 * Each operation has moments of its own: they do not depend on which others are tried.
 */
export function momentsOf(operation: string, { seed, rounds, lengthMs }: Draw): readonly number[] {
  const random = randomFrom([...operation].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed))
  const part = (lengthMs * BEYOND) / rounds
  const moments = Array.from({ length: rounds }, (_, index) => Math.round((index + random()) * part))
  return shuffled(moments, random)
}

export interface Draw {
  readonly seed: number
  readonly rounds: number
  /** How long the operation took when nobody cut it. */
  readonly lengthMs: number
}

function shuffled(values: readonly number[], random: () => number): readonly number[] {
  return values
    .map((value) => ({ value, at: random() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ value }) => value)
}

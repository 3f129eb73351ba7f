import type { Millis } from '../time.ts'

/** What somebody who waits has seen: the last thing that moved, and how long it has been looked at since without a change. */
export interface Stillness {
  readonly movement: string
  readonly stillMs: number
  readonly lookedAt: Millis
}

/** Between two looks so much counts at most: while nobody looked, nobody knows that nothing moved. */
const MOST_BETWEEN_LOOKS_MS = 2000

/** `movement` is anything that becomes another text when there is progress. */
export function look(before: Stillness | undefined, movement: string, now: Millis): Stillness {
  if (before === undefined || before.movement !== movement) return { movement, stillMs: 0, lookedAt: now }
  const passed = Math.min(Math.max(0, now - before.lookedAt), MOST_BETWEEN_LOOKS_MS)
  return { movement, stillMs: before.stillMs + passed, lookedAt: now }
}

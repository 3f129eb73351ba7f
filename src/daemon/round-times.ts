import type { RoundReport } from '../control/protocol.ts'
import type { Millis } from '../time.ts'

/** How many of the last rounds are looked at: at rest those of as many seconds. */
const KEPT = 16

/** How long the rounds of the daemon take: while one lasts, nothing else is supervised. */
export class RoundTimes {
  readonly #last: number[] = []
  #count = 0

  took(begun: Millis, ended: Millis): void {
    this.#last[this.#count % KEPT] = ended - begun
    this.#count += 1
  }

  report(): RoundReport {
    const sorted = this.#last.toSorted((one, other) => one - other)
    return { count: this.#count, medianMs: rounded(sorted[sorted.length >> 1]), longestMs: rounded(sorted.at(-1)) }
  }
}

function rounded(ms: number | undefined): number {
  return Math.round((ms ?? 0) * 10) / 10
}

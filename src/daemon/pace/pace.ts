import type { Millis } from '../../time.ts'

/**
 * Why a round begins. `workers`: something of them, or of who waits for them, has changed; nothing else is known to have. `time`:
 * nothing has, as far as is known.
 */
export type Cause = 'workers' | 'time' | 'anything'

/** A whole round that takes less is never left out. */
const COSTLY_MS = 10
/** So soon after a whole round nothing but workers is looked at. */
const WITHIN_MS = 250
/** At rest whole rounds take one part in so many of the time, as long as they are not further apart than that. */
const REST_FACTOR = 50
const LONGEST_REST_MS = 3000

/**
 * Tells which rounds may leave out what they only repeat: to look through the files of a thousand plugins and to tell of them
 * again would take longer than to start the worker that somebody waits for. Where that takes no time each round is a whole one.
 */
export class Pace {
  #wholeAt = 0
  #tookMs = 0
  /** Of a change of workers nobody has been told yet. */
  #isOwed = false

  isShort(cause: Cause, now: Millis): boolean {
    if (cause === 'anything' || this.#tookMs < COSTLY_MS) return false
    const restMs = Math.min(LONGEST_REST_MS, this.#tookMs * REST_FACTOR)
    const isShort = now < this.#wholeAt + (cause === 'workers' || this.#isOwed ? WITHIN_MS : restMs)
    if (isShort && cause === 'workers') this.#isOwed = true
    return isShort
  }

  /** A whole round has ended. */
  whole(begun: Millis, ended: Millis): void {
    this.#wholeAt = ended
    this.#tookMs = ended - begun
    this.#isOwed = false
  }

  /** Milliseconds until what short rounds have left out of a change is to be done. */
  restMs(now: Millis): number {
    return this.#isOwed ? Math.max(0, this.#wholeAt + WITHIN_MS - now) : Number.POSITIVE_INFINITY
  }
}

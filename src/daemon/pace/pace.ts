import type { Millis } from '../../time.ts'

/** Why a round begins. `workers`: something of them, or of who waits for them, has changed; nothing else is known to have. */
export type Cause = 'workers' | 'anything'

/** A whole round that takes less is never left out. */
const COSTLY_MS = 10
/** So soon after a whole round nothing but workers is looked at. */
const WITHIN_MS = 250

/**
 * Tells which rounds may leave out what they only repeat: to look through the files of a thousand plugins and to tell of them
 * again would take longer than to start the worker that somebody waits for. Where that takes no time each round is a whole one.
 */
export class Pace {
  #wholeAt = 0
  #costly = false

  isShort(cause: Cause, now: Millis): boolean {
    return cause === 'workers' && this.#costly && now < this.#wholeAt + WITHIN_MS
  }

  /** A whole round has ended. */
  whole(begun: Millis, ended: Millis): void {
    this.#wholeAt = ended
    this.#costly = ended - begun >= COSTLY_MS
  }

  /** Milliseconds until the next whole round, after a short one. */
  restMs(now: Millis): number {
    return Math.max(0, this.#wholeAt + WITHIN_MS - now)
  }
}

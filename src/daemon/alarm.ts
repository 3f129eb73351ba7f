import type { Cause } from './pace/pace.ts'

/**
 * Wakes a loop. A ring while nobody waits is kept, so nothing that happens during a round is missed. Between two rounds what
 * the system has to tell gets its turn, however often it rings: processes that ended, connections, timers.
 */
export class Alarm {
  #rung: Cause | undefined
  #wake: (() => void) | undefined

  ring(cause: Cause = 'anything'): void {
    if (this.#rung !== 'anything') this.#rung = cause
    this.#wake?.()
  }

  /** Answers at the next ring with its cause, or undefined after `ms`; undefined waits for a ring alone. */
  async wait(ms: number | undefined): Promise<Cause | undefined> {
    if (this.#rung === undefined) {
      await new Promise<void>((resolve) => {
        const timer = ms === undefined ? undefined : setTimeout(resolve, ms)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    } else {
      await new Promise(setImmediate)
    }
    this.#wake = undefined
    const rung = this.#rung
    this.#rung = undefined
    return rung
  }
}

/**
 * Wakes a loop. A ring while nobody waits is kept, so nothing that happens during a round is missed. Between two rounds what
 * the system has to tell gets its turn, however often it rings: processes that ended, connections, timers.
 */
export class Alarm {
  #rung = false
  #wake: (() => void) | undefined

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  /** Answers at the next ring, or after `ms`; undefined waits for a ring alone. */
  async wait(ms: number | undefined): Promise<void> {
    if (!this.#rung) {
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
    this.#rung = false
  }
}

import { setTimeout as delay } from 'node:timers/promises'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** From its beginning to its end the first Ctrl-C, or SIGTERM, does not end this process but says that what it does is not wanted. */
export class Interruption {
  readonly #controller = new AbortController()
  readonly #abort = (): void => this.#controller.abort()

  private constructor() {
    for (const signal of SIGNALS) process.once(signal, this.#abort)
  }

  static begin(): Interruption {
    return new Interruption()
  }

  /** From now on a signal ends this process again. */
  end(): void {
    for (const signal of SIGNALS) process.off(signal, this.#abort)
  }

  get hasCome(): boolean {
    return this.#controller.signal.aborted
  }

  /** Answers after so many milliseconds, or once it has come. */
  async pause(ms: number): Promise<void> {
    const { signal } = this.#controller
    try {
      await delay(ms, undefined, { signal })
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** Answers with the work, or undefined once it has come; the work goes on, and nobody waits for it. */
  async unless<T>(work: Promise<T>): Promise<T | undefined> {
    const { signal } = this.#controller
    if (signal.aborted) return undefined
    const come = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true })
    })
    return await Promise.race([work, come])
  }
}

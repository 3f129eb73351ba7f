/** The rounds that have ended since the start: who asked for a look waits for one that began afterwards. */
export class Rounds {
  #ended = 0
  #next = Promise.withResolvers<void>()

  /** How many have ended. */
  get ended(): number {
    return this.#ended
  }

  /** Answers when the one that is under way has ended. */
  next(): Promise<void> {
    return this.#next.promise
  }

  /** One has ended, or there will be none any more. */
  end(): void {
    this.#ended += 1
    this.#next.resolve()
    this.#next = Promise.withResolvers<void>()
  }
}

import type { ProcessId } from '../../worker/state.ts'

/** Whether another daemon is to take the place of this one, and who waits to learn how that ends. */
export class Succession {
  #successor: ProcessId | undefined
  readonly #freed = Promise.withResolvers<'let-go' | 'stopping'>()
  readonly #decided = Promise.withResolvers<void>()

  /** Who asked for the place; the round that is under way is the last then. */
  get successor(): ProcessId | undefined {
    return this.#successor
  }

  /** Answers when nothing is done here any more. */
  ask(successor: ProcessId): Promise<'let-go' | 'stopping'> {
    this.#successor = successor
    return this.#freed.promise
  }

  /** Nothing is done here any more. */
  free(how: 'let-go' | 'stopping'): void {
    this.#freed.resolve(how)
  }

  /** It is known who supervises. */
  decide(): void {
    this.#decided.resolve()
  }

  decided(): Promise<void> {
    return this.#decided.promise
  }
}

/** What is to be read. `again`: what changed, and what came of it before was lost. */
export type Scope = 'stale' | 'again' | 'all'

/**
 * What of the disk has been read, and led to a desired state. A change counts as seen only then: whatever fails before is read
 * again, and nothing is lost because its time of change was noted too early.
 */
export class Reading {
  #seen: string | undefined
  #next: Scope = 'all'

  /** Whatever the files say of their age. */
  askForAll(): void {
    this.#next = 'all'
  }

  /** Calls `read` with what has to be read. `stamps`: of the files, from before it. */
  async run(stamps: string, read: (scope: Scope) => Promise<void>): Promise<void> {
    const scope = stamps === this.#seen ? this.#next : 'all'
    // Who asks while it is read means the next time.
    this.#next = 'stale'
    try {
      await read(scope)
    } catch (error) {
      if (this.#next === 'stale') this.#next = scope === 'stale' ? 'again' : scope
      throw error
    }
    this.#seen = stamps
  }
}

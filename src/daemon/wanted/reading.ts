/** What is to be read. `again`: as `stale`, and what came of it before was lost. `changed`: also what only its files tell. */
export type Scope = (typeof WIDER)[number]

/** Each reads what those before it do. */
const WIDER = ['stale', 'again', 'changed', 'all'] as const

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

  /** Also where no stamp tells of a change. */
  askForChanges(): void {
    this.#next = wider(this.#next, 'changed')
  }

  /** Calls `read` with what has to be read. `stamps`: of the files, from before it. */
  async run(stamps: string, read: (scope: Scope) => Promise<void>): Promise<void> {
    const scope = stamps === this.#seen ? this.#next : wider(this.#next, 'changed')
    // Who asks while it is read means the next time.
    this.#next = 'stale'
    try {
      await read(scope)
    } catch (error) {
      this.#next = wider(this.#next, wider(scope, 'again'))
      throw error
    }
    this.#seen = stamps
  }
}

function wider(one: Scope, other: Scope): Scope {
  return WIDER.indexOf(one) < WIDER.indexOf(other) ? other : one
}

import type { Report } from '../build/run-tool.ts'

export interface Phase {
  readonly name: string
  readonly ms: number
}

/** Says what a command is at, and keeps how long each phase took. */
export class Timeline {
  readonly #report: Report
  readonly #phases: Phase[] = []

  constructor(report: Report) {
    this.#report = report
  }

  /** In the order of their ends. */
  get phases(): readonly Phase[] {
    return this.#phases
  }

  /** A line of progress that is no phase. */
  say(text: string): void {
    this.#report(text)
  }

  async phase<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    this.#report(`- ${name}...`)
    const begun = performance.now()
    try {
      return await work()
    } finally {
      this.#phases.push({ name, ms: Math.round(performance.now() - begun) })
    }
  }
}

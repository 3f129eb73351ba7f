import type { Report } from '../../host/process/run-tool.ts'

/** Keeps how long the phases of a change took. */
export interface PhaseKeeper {
  phase<T>(name: string, work: () => T | Promise<T>): Promise<T>
}

/** Says what a command is at, one line for each phase. */
export class Timeline {
  readonly #report: Report
  readonly #keeper: PhaseKeeper | undefined

  constructor(report: Report, keeper?: PhaseKeeper) {
    this.#report = report
    this.#keeper = keeper
  }

  /** The same, and the phases are kept. */
  keptBy(keeper: PhaseKeeper): Timeline {
    return new Timeline(this.#report, keeper)
  }

  /** A line of progress that is no phase. */
  say(text: string): void {
    this.#report(text)
  }

  async phase<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    this.#report(`- ${name}...`)
    return this.#keeper === undefined ? await work() : await this.#keeper.phase(name, work)
  }
}

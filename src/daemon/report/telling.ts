import { recordDaemon } from '../../control/daemon-record.ts'
import type { PluginReport, StatusReport } from '../../control/protocol.ts'
import { welcomeData, writeWelcomeData } from '../../control/status-file.ts'
import { absentPasswords } from '../../host/plugins/front/absent-passwords.ts'
import { isError, type Problem } from '../../problem.ts'
import { unfinished } from '../fault.ts'
import { STOP_WITHIN_MS } from '../stop-all.ts'
import { ModuleReporter, type Sources } from './report-module.ts'
import type { Standing } from './standing.ts'

interface TellingInput extends Sources {
  readonly standing: Standing
  /** What is wrong with the disk of the runtime home, if anything is. */
  readonly disk: { readonly problem: Problem | undefined }
  /** Why /metrics is not served. */
  readonly metrics: { readonly problem: Problem | undefined }
}

/** What the daemon says of itself and of the plugins: in its status, on the welcome page, and to a daemon before this one. */
export class Telling {
  readonly #input: TellingInput
  readonly #reporter: ModuleReporter
  #welcomeData = ''
  /** What it was made from. */
  #welcomed: readonly PluginReport[] | undefined
  #isRecorded = false
  /** What went wrong in the last round. */
  #fault: Problem | undefined

  constructor(input: TellingInput) {
    this.#input = input
    this.#reporter = new ModuleReporter(input)
  }

  plugins(): readonly PluginReport[] {
    return this.#reporter.plugins()
  }

  /** What is known of the module now. */
  status(): StatusReport {
    const { word, because } = this.#input.standing
    return this.#reporter.module({ word, because, problems: this.#problems(), stopMs: STOP_WITHIN_MS })
  }

  /** For the welcome page, and for a daemon before this one. `isRecorded` is called once, when that one may leave. */
  publish(plugins: readonly PluginReport[], isRecorded: () => void): void {
    const { paths, code } = this.#input
    if (plugins !== this.#welcomed) {
      const data = welcomeData(plugins)
      if (data !== this.#welcomeData) writeWelcomeData(paths, data)
      this.#welcomeData = data
      this.#welcomed = plugins
    }
    if (this.#isRecorded) return
    recordDaemon(paths, code, 'supervising')
    this.#isRecorded = true
    isRecorded()
  }

  /** Finds the word of the module. `fault`: what went wrong in this round. */
  judge(plugins: readonly PluginReport[], fault: Problem | undefined): void {
    this.#fault = fault
    const { publisher, standing } = this.#input
    const ofNginx = publisher.problem
    const problems = [...this.#problems(), ...(ofNginx === undefined ? [] : [ofNginx])].filter(isError)
    standing.judge({ nginx: this.#reporter.stateOfFront(), plugins, problems })
  }

  /** What is wrong with the module itself. */
  #problems(): readonly Problem[] {
    const { configuration, disk, metrics, machinery, wanted } = this.#input
    return [
      ...configuration.problems,
      ...wanted.certificates.problems,
      ...absentPasswords((wanted.state?.plugins ?? []).map(({ plugin }) => plugin)),
      ...[disk.problem, metrics.problem].filter((problem) => problem !== undefined),
      ...(this.#fault === undefined ? [] : [this.#fault]),
      ...[...machinery.faults].map(([subject, fault]) => unfinished(`${subject}: ${fault}`)),
    ]
  }
}

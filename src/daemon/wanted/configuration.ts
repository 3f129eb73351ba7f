import type { Config } from '../../config/config.ts'
import { hasLost } from '../../config/lost.ts'
import { systemProblem } from '../../host/disk/disk-problem.ts'
import { readText } from '../../host/disk/read-text.ts'
import { stampsOf } from '../../host/disk/stamps.ts'
import type { WholeFiles } from '../../host/disk/whole-files.ts'
import type { Paths } from '../../host/home/paths.ts'
import { log } from '../../host/logs/logger.ts'
import { keepGoodConfig, keptSource, untilConfigured } from '../../host/module/good-config.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { configFiles, configOf, type ReadConfig, readConfig } from '../../host/module/read-config.ts'
import { steadyNow } from '../../host/process/clock.ts'
import { formatProblem, isError, type Problem, Problems } from '../../problem.ts'
import { later, type Millis } from '../../time.ts'

/** How often a configuration that was refused is tried again: a port becomes free, the files of a certificate are put right. */
const RETRY_MS = 2000

/** What nginx would not take of a configuration; nothing that runs is touched. */
export type Prove = (config: Config) => Promise<readonly Problem[]>

/**
 * The configuration of the module: which one is in force, and why not the newest. One that has a mistake, or that nginx would not
 * take, never takes the place of one that was good; the last good one is kept on disk, for the next start.
 */
export class Configuration {
  readonly #paths: Paths
  readonly #prove: Prove
  readonly #whole: WholeFiles
  #stamps: string
  #inForce: ReadConfig
  #served: ReadConfig | undefined
  /** Of the newest: its warnings or, when it is not in force, why. */
  #problems: readonly Problem[]
  #retryAt: Millis | undefined
  #nextLook: Millis | undefined
  /** What was last seen to be good, so that it is not compared with what is kept each time. */
  #seenGood: string | undefined
  #fault: string | undefined

  private constructor(paths: Paths, prove: Prove, whole: WholeFiles, stamps: string, { inForce, problems, retryAt }: Choice) {
    this.#paths = paths
    this.#prove = prove
    this.#whole = whole
    this.#stamps = stamps
    this.#inForce = inForce
    this.#problems = problems
    this.#retryAt = retryAt
  }

  /** Throws Problems when the newest has a mistake and none was ever good. */
  static async begin(paths: Paths, prove: Prove): Promise<Configuration> {
    const whole = await untilConfigured(paths, process.env)
    const stamps = stampsOf(configFiles(paths, process.env))
    const found = new Configuration(paths, prove, whole, stamps, await choose(paths, prove))
    found.#tell([])
    return found
  }

  get inForce(): ReadConfig {
    return this.#inForce
  }

  /** What nginx serves: the one in force, once it has taken it. */
  get served(): ReadConfig {
    return this.#served ?? this.#inForce
  }

  get problems(): readonly Problem[] {
    return this.#problems
  }

  /** Whether the files say something else than what is in force. */
  isLastGood(): boolean {
    return this.#problems.some(isError)
  }

  /** Milliseconds until it should be looked at again although nothing tells; undefined: when something does. */
  restMs(): number | undefined {
    const times = [this.#nextLook, this.#retryAt].filter((time) => time !== undefined)
    return times.length === 0 ? undefined : Math.max(0, Math.min(...times) - steadyNow())
  }

  /** Whether one of the files is being written: what it says so far does not count yet. */
  isBeingWritten(): boolean {
    return this.#nextLook !== undefined
  }

  /** Reads the files again if they changed and are whole, or if `scope` says so; answers whether another one is in force. */
  async refresh(scope: 'stale' | 'all'): Promise<'changed' | 'same'> {
    const stamps = stampsOf(configFiles(this.#paths, process.env))
    const isRetry = this.#retryAt !== undefined && (scope === 'all' || steadyNow() >= this.#retryAt)
    if (stamps === this.#stamps && scope === 'stale' && !isRetry) return 'same'
    const rest = Math.max(0, ...configFiles(this.#paths, process.env).map((file) => this.#restOf(file)))
    this.#nextLook = rest === 0 ? undefined : later(steadyNow(), rest)
    if (rest > 0) return 'same'
    const newest = readConfig(this.#paths, readHardware(), process.env)
    const before = this.#problems
    const changed = await this.#take(newest)
    this.#stamps = stamps
    this.#tell(before)
    return changed
  }

  /** nginx runs with what is in force: it is the one to start with next time, whatever happens to the files. */
  taken(publishedAt: Millis): void {
    this.#served = this.#inForce
    const seen = `${publishedAt} ${JSON.stringify(this.#inForce.source)}`
    if (seen === this.#seenGood) return
    try {
      keepGoodConfig(this.#paths, this.#inForce)
      this.#seenGood = seen
      this.#fault = undefined
    } catch (error) {
      const problem = systemProblem(error, this.#paths.goodConfig)
      if (problem === undefined) throw error
      if (problem.message !== this.#fault) log('ERROR', formatProblem(problem))
      this.#fault = problem.message
    }
  }

  async #take(newest: ReadConfig): Promise<'changed' | 'same'> {
    const isSame = JSON.stringify(newest.source) === JSON.stringify(this.#inForce.source)
    const errors = newest.problems.filter(isError)
    if (isSame && this.#retryAt === undefined && errors.length === 0) {
      this.#problems = newest.problems
      // The environment and the hardware may have changed.
      this.#inForce = newest
      return 'same'
    }
    // Where none was ever good, the newest is tried for what it is.
    const refused = errors.length > 0 || keptSource(this.#paths) === undefined ? errors : await this.#prove(newest.config)
    this.#problems = [...refused, ...newest.problems.filter((problem) => !isError(problem))]
    this.#retryAt = refused.length > errors.length ? later(steadyNow(), RETRY_MS) : undefined
    if (refused.length > 0) return 'same'
    this.#inForce = newest
    return 'changed'
  }

  #restOf(file: string): number {
    const before = this.#inForce.source.layers.find((layer) => layer.file === file)?.text
    return this.#whole.restOf(file, () => hasLost(before, readText(file, [])), steadyNow())
  }

  #tell(before: readonly Problem[]): void {
    const told = before.map(formatProblem)
    for (const problem of this.#problems) {
      const text = formatProblem(problem)
      if (!told.includes(text)) log(isError(problem) ? 'ERROR' : 'WARNING', text)
    }
    const wasLastGood = before.some(isError)
    if (this.isLastGood() && !wasLastGood)
      log('WARNING', 'the configuration is not taken as it is: the last good one is in force')
    if (!this.isLastGood() && wasLastGood) log('INFO', 'the configuration is in force as it is')
  }
}

interface Choice {
  readonly inForce: ReadConfig
  readonly problems: readonly Problem[]
  readonly retryAt: Millis | undefined
}

/** For a start: the newest if nginx would take it, else the last good one. */
async function choose(paths: Paths, prove: Prove): Promise<Choice> {
  const hardware = readHardware()
  const newest = readConfig(paths, hardware, process.env)
  const errors = newest.problems.filter(isError)
  const kept = keptSource(paths)
  const asWritten = { inForce: newest, problems: newest.problems, retryAt: undefined }
  if (kept === undefined) {
    if (errors.length > 0) throw new Problems(errors)
    return asWritten
  }
  const isSame = JSON.stringify(kept) === JSON.stringify(newest.source)
  if (errors.length === 0 && isSame) return asWritten
  const refused = errors.length > 0 ? errors : await prove(newest.config)
  if (refused.length === 0) return asWritten
  const problems = [...refused, ...newest.problems.filter((problem) => !isError(problem))]
  const retryAt = errors.length > 0 ? undefined : later(steadyNow(), RETRY_MS)
  const last = configOf(kept, paths, hardware, process.env)
  if ((await prove(last.config)).length === 0) return { inForce: last, problems, retryAt }
  // Nothing would be served with either. Of the two the newest is what people are told of, if it can be read at all.
  return errors.length > 0 ? { inForce: last, problems, retryAt } : asWritten
}

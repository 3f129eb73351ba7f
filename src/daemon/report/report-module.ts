import { join } from 'node:path'
import type { CandidateReport, PluginReport, StatusReport } from '../../control/protocol.ts'
import { reportProblem } from '../../control/report-problem.ts'
import type { Facts, Verdict } from '../../control/word.ts'
import type { Machine } from '../../desired/environment.ts'
import { appId, linkName } from '../../desired/slot.ts'
import type { CronRunner } from '../../host/cron/cron-runner.ts'
import type { Paths } from '../../host/home/paths.ts'
import { baseUrl } from '../../host/module/desire-settings.ts'
import type { Front } from '../../host/nginx/front.ts'
import { onTheClock } from '../../host/process/clock.ts'
import type { ServiceManager } from '../../host/service/service-manager.ts'
import type { ObservedWorker } from '../../plan/observed.ts'
import type { Problem } from '../../problem.ts'
import type { Millis } from '../../time.ts'
import { type Machinery, observe } from '../loop.ts'
import type { Publisher } from '../publisher.ts'
import type { RoundTimes } from '../round-times.ts'
import type { Configuration } from '../wanted/configuration.ts'
import type { WantedState } from '../wanted/wanted.ts'
import { Kept, KeptEach } from './kept.ts'
import { patienceMs } from './patience.ts'
import { type ReportInput, reportPlugins, SOME_MOMENT } from './report.ts'
import { reportCandidates } from './report-candidates.ts'
import { reportCron } from './report-cron.ts'

/** Where the facts of a report are. */
export interface Sources {
  readonly paths: Paths
  readonly machine: Pick<Machine, 'version'>
  readonly code: string
  readonly manager: Pick<ServiceManager, 'is'>
  readonly front: Front
  readonly since: Millis
  readonly rounds: RoundTimes
  readonly configuration: Configuration
  readonly publisher: Publisher
  readonly machinery: Machinery
  readonly wanted: WantedState
  readonly cron: CronRunner
}

interface Judged extends Pick<Verdict, 'word' | 'because'> {
  readonly problems: readonly Problem[]
  /** How long nginx may take to end. */
  readonly stopMs: number
}

type Now = Pick<ReportInput, 'baseUrl' | 'disk' | 'desired' | 'observed'>

/** Puts together what is told of the module. */
export class ModuleReporter {
  readonly #sources: Sources
  readonly #plugins = new Kept<readonly PluginReport[]>()
  readonly #each = new KeptEach<PluginReport>()

  constructor(sources: Sources) {
    this.#sources = sources
  }

  module({ word, because, problems, stopMs }: Judged): StatusReport {
    const { machine, code, manager, front, since, rounds, configuration, publisher, cron } = this.#sources
    const { problem, reloads } = publisher
    const pid = front.pid() ?? null
    return {
      status: word,
      because,
      version: machine.version,
      url: baseUrl(configuration.served.config),
      daemon: {
        pid: process.pid,
        since,
        code,
        ...(manager.is === 'nobody' ? {} : { service: manager.is }),
        rounds: rounds.report(),
      },
      nginx: {
        pid,
        state: this.#hasFront() ? (pid === null ? 'stopped' : 'running') : 'off',
        reloads,
        problem: problem === undefined ? undefined : reportProblem(problem),
      },
      plugins: this.plugins(),
      candidates: this.#candidates(),
      cron: cron.jobs().map(reportCron),
      configuration: configuration.isLastGood() ? 'last good' : 'as written',
      problems: problems.map(reportProblem),
      certificates: this.#sources.wanted.certificates.reports,
      limits: this.#sources.machinery.workers.groups.level,
      patienceMs: this.#patienceMs(stopMs),
    }
  }

  /** The same list as before while nothing in it can have changed. */
  plugins(): readonly PluginReport[] {
    const { configuration, machinery, wanted } = this.#sources
    if (wanted.state === undefined) return []
    const desired = machinery.demand.of(wanted.state)
    const now: Now = {
      baseUrl: baseUrl(configuration.served.config),
      disk: wanted.plugins.all(),
      desired,
      observed: observe(machinery, this.#hasFront()),
    }
    return this.#plugins.of(this.#changing(now), () => this.#report(now))
  }

  /** Everything that a report of the plugins is made from. */
  #changing({ baseUrl, disk, desired, observed }: Now): readonly unknown[] {
    const { publisher, machinery } = this.#sources
    return [
      baseUrl,
      desired,
      publisher.quarantined,
      publisher.withKeptFragments,
      machinery.quotas.problems,
      onTheClock(SOME_MOMENT),
      disk.length,
      ...disk.flatMap((plugin) => [plugin, publisher.isComing(plugin.name)]),
      observed.workers.length,
      ...observed.workers.flatMap((worker) => [worker, machinery.workers.history(worker.slot)]),
      observed.links.size,
      ...[...observed.links].flat(),
      ...[...machinery.holds].flatMap(([app, hold]) => [app, hold.held()]),
      machinery.room?.held(),
    ]
  }

  #report(now: Now): readonly PluginReport[] {
    const { paths, publisher, machinery } = this.#sources
    const input: ReportInput = {
      ...now,
      quarantined: publisher.quarantined,
      withKeptFragments: publisher.withKeptFragments,
      overQuota: machinery.quotas.problems,
      isComing: (plugin) => publisher.isComing(plugin),
      held: (plugin, app) => machinery.holds.get(appId(plugin, app))?.held() ?? machinery.room?.held(plugin) ?? 0,
      history: (slot) => machinery.workers.history(slot),
      onTheClock,
      linkOf: (slot) => join(paths.run, linkName(slot)),
    }
    return reportPlugins(input, this.#each)
  }

  stateOfFront(): Facts['nginx'] {
    const { front, publisher } = this.#sources
    if (!this.#hasFront()) return 'off'
    if (front.pid() !== undefined) return 'serves'
    return publisher.last === undefined ? 'untried' : 'down'
  }

  #candidates(): readonly CandidateReport[] {
    const { wanted, machinery } = this.#sources
    const desired = wanted.state
    if (desired === undefined) return []
    const socketOf = (worker: ObservedWorker): string => machinery.workers.socketOf(worker)
    return reportCandidates(wanted.candidates.all(), desired, machinery.workers.observed(), socketOf)
  }

  #patienceMs(stopMs: number): number {
    const { configuration, machinery, wanted } = this.#sources
    const policies = machinery.workers.observed().flatMap(({ id }) => machinery.workers.get(id)?.policy ?? [])
    const { nginx, supervisor } = configuration.inForce.config.settings
    return patienceMs(wanted.state, policies, [stopMs, nginx.smart_stop_delay * 1000, supervisor.start_timeout * 1000])
  }

  #hasFront(): boolean {
    return this.#sources.configuration.inForce.config.settings.nginx.flag
  }
}

import type { CertificateReport, CronReport, PluginReport, SlotReport, StatusReport, StatusWord } from '../../control/protocol.ts'
import type { Labels, Sample } from '../../metrics/page/metric.ts'
import type { Told } from '../../metrics/page/render.ts'
import { RESTART_CAUSES } from '../../worker/history.ts'

const WORDS: readonly StatusWord[] = ['STARTING', 'RUNNING', 'DEGRADED', 'DRAINING', 'ERROR', 'STOPPING', 'STOPPED']
const PLUGIN_STATES: readonly PluginReport['state'][] = ['serving', 'starting', 'failing', 'refused', 'quarantined', 'stopped']
const WORKER_STATES: readonly SlotReport['actual'][] = ['ready', 'starting', 'failed', 'draining', 'stopping', 'absent', 'asleep']

/** What the page tells of what the daemon says. */
export function toldOfStatus(report: StatusReport): Told {
  const { plugins, daemon, nginx, problems } = report
  return {
    mfserv_daemon_start_time_seconds: daemon.since === null ? [] : [one({}, daemon.since / 1000)],
    mfserv_daemon_longest_round_seconds: daemon.rounds === undefined ? [] : [one({}, daemon.rounds.longestMs / 1000)],
    mfserv_status: WORDS.map((status) => one({ status }, report.status === status ? 1 : 0)),
    mfserv_problems: [one({}, problems.length)],
    mfserv_plugin_info: plugins.map(({ name, version, release }) => one({ plugin: name, version, release }, 1)),
    mfserv_plugin_state: plugins.flatMap(({ name, state }) =>
      PLUGIN_STATES.map((each) => one({ plugin: name, state: each }, each === state ? 1 : 0)),
    ),
    mfserv_plugin_problems: plugins.map((plugin) => one({ plugin: plugin.name }, plugin.problems.length)),
    mfserv_workers_leaving: plugins.map(({ name, leaving }) => one({ plugin: name }, leaving)),
    ...toldOfWorkers(plugins),
    mfserv_nginx_up: [one({}, nginx.state === 'running' ? 1 : 0)],
    mfserv_nginx_reloads: [one({}, nginx.reloads)],
    ...toldOfCron(report.cron),
    ...toldOfCertificates(report.certificates ?? []),
  }
}

function toldOfCertificates(all: readonly CertificateReport[]): Told {
  const label = ({ section, file }: CertificateReport) => ({ section, file })
  return {
    mfserv_certificate_not_before_timestamp_seconds: all.map((each) => one(label(each), each.from / 1000)),
    mfserv_certificate_not_after_timestamp_seconds: all.map((each) => one(label(each), each.until / 1000)),
  }
}

/** The parts of a plugin that have workers. */
export interface Part {
  readonly plugin: string
  /** A daemon is called @ and its name, as an app cannot be. */
  readonly app: string
  readonly slots: readonly SlotReport[]
}

export function partsOf({ name, apps, daemons }: PluginReport): readonly Part[] {
  return [
    ...apps.map((app) => ({ plugin: name, app: app.name, slots: app.slots })),
    ...daemons.map((daemon) => ({ plugin: name, app: `@${daemon.name}`, slots: daemon.slots })),
  ]
}

function toldOfWorkers(plugins: readonly PluginReport[]): Told {
  const parts = plugins.flatMap(partsOf)
  return {
    mfserv_workers: parts.flatMap(({ plugin, app, slots }) =>
      WORKER_STATES.map((state) => one({ plugin, app, state }, slots.filter(({ actual }) => actual === state).length)),
    ),
    mfserv_worker_restarts: parts.flatMap(({ plugin, app, slots }) =>
      RESTART_CAUSES.map((cause) => {
        const value = slots.reduce((sum, slot) => sum + (slot.restartsBy?.[cause] ?? 0), 0)
        return one({ plugin, app, cause }, value)
      }),
    ),
    mfserv_held_requests: plugins.flatMap(({ name, apps }) =>
      apps.map(({ name: app, held }) => one({ plugin: name, app }, held)),
    ),
  }
}

function toldOfCron(jobs: readonly CronReport[]): Told {
  const about = (told: (job: CronReport) => number | null | undefined, scale = 1): readonly Sample[] =>
    jobs.flatMap((job) => {
      const value = told(job)
      return value == null ? [] : [one({ plugin: job.plugin, job: job.job }, value * scale)]
    })
  return {
    mfserv_cron_job_info: jobs.map(({ plugin, job, line, schedule }) => one({ plugin, job, line, schedule }, 1)),
    mfserv_cron_runs: jobs.flatMap(({ plugin, job, runs, failed, skipped, missed }) =>
      Object.entries({ ok: runs - failed, failed, skipped, missed }).map(([result, value]) =>
        one({ plugin, job, result }, value),
      ),
    ),
    mfserv_cron_running: about(({ running }) => (running === null ? 0 : 1)),
    mfserv_cron_last_end_timestamp_seconds: about(({ lastRun }) => lastRun?.endedAt, 1 / 1000),
    mfserv_cron_last_duration_seconds: about(({ lastRun }) => lastRun?.durationMs, 1 / 1000),
    mfserv_cron_next_timestamp_seconds: about(({ next }) => next, 1 / 1000),
  }
}

export function one(labels: Labels, value: number): Sample {
  return { labels, value }
}

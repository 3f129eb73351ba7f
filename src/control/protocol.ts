import type { Level } from '../bounds/level.ts'
import type { SandboxLevel } from '../config/settings/sandbox-settings.ts'
import type { CronAnswer } from '../cron/answer.ts'
import type { Aside } from '../plugin/aside.ts'
import type { Millis } from '../time.ts'
import type { RestartReport, RestartsBy } from '../worker/history.ts'
import type { FailureReason } from '../worker/state.ts'

/** The module's word, as in `var/status`. The health location answers OK for RUNNING and DEGRADED: requests are served. */
export type StatusWord = 'STARTING' | 'RUNNING' | 'DEGRADED' | 'DRAINING' | 'ERROR' | 'STOPPING' | 'STOPPED'

/** What `GET /status` on the control socket answers and `mfserv.status --json` prints. */
export interface StatusReport {
  readonly status: StatusWord
  /** Why it is not RUNNING, for people. */
  readonly because: readonly string[]
  readonly version: string
  readonly url: string | undefined
  readonly daemon: DaemonFacts
  readonly nginx: NginxReport
  readonly plugins: readonly PluginReport[]
  /** Releases that are tried beside what serves. */
  readonly candidates: readonly CandidateReport[]
  /** By plugin and line of its crontab. */
  readonly cron: readonly CronReport[]
  /** `last good`: the files have a mistake, or nginx would not take what they say; the problems tell. */
  readonly configuration: 'as written' | 'last good'
  readonly problems: readonly ProblemReport[]
  /** Those that nginx has; undefined of a daemon before this key. */
  readonly certificates?: readonly CertificateReport[]
  /** What holds the plugins to their limits; undefined of a daemon before this key. */
  readonly limits?: Level
  /** So many milliseconds may pass without a change here while something is under way; a longer silence says that it hangs. */
  readonly patienceMs: number
}

export interface CertificateReport {
  /** The section of the configuration that names it. */
  readonly section: string
  /** Whose clients get it. */
  readonly names: readonly string[]
  /** As it is configured. */
  readonly file: string
  readonly from: Millis
  readonly until: Millis
  readonly serial: string
  readonly issuer: string
  /** Whether nginx has what is in the file, and not the copy of the one before. */
  readonly isAsWritten: boolean
}

export interface DaemonFacts {
  readonly pid: number | null
  readonly since: Millis | null
  /** What it runs: another text after every change of mfserv, and in another clone. */
  readonly code?: string
  /** Who started it and starts it again when it ends; undefined of one that a person started. */
  readonly service?: 'systemd'
  readonly rounds?: RoundReport
}

export interface RoundReport {
  /** Rounds since the start of the daemon. */
  readonly count: number
  /** Milliseconds that the last rounds took: half of them no longer than this. */
  readonly medianMs: number
  readonly longestMs: number
}

export interface NginxReport {
  readonly pid: number | null
  readonly state: 'running' | 'stopped' | 'off'
  /** Reloads since the daemon started. */
  readonly reloads: number
  readonly problem: ProblemReport | undefined
}

export interface ProblemReport {
  readonly code: string
  readonly message: string
  readonly fix: string
  readonly file: string | undefined
  readonly line: number | undefined
}

export interface PluginReport {
  readonly name: string
  readonly version: string
  readonly release: string
  readonly summary: string
  readonly home: string
  /** That of its main app, or of the first that has one; empty when no app has. */
  readonly url: string
  /** `serving`: every app answers. `starting`: not yet. `failing`: a worker fails. `refused`: an error in its files. `quarantined`: nginx refused it. `stopped`: by plugins.stop. */
  readonly state: 'serving' | 'starting' | 'failing' | 'refused' | 'quarantined' | 'stopped'
  /** What keeps requests from it, first what counts first. Undefined of a daemon before this key. */
  readonly aside?: readonly Aside[]
  /** What keeps its processes in now. Undefined of a daemon before this key, and where nothing is to run. */
  readonly sandbox?: SandboxLevel
  readonly apps: readonly AppReport[]
  readonly daemons: readonly DaemonReport[]
  /** Workers that finish what they are at and then end, because others have taken their place. */
  readonly leaving: number
  readonly problems: readonly ProblemReport[]
}

/** A release that is tried: its workers run beside those that serve. */
export interface CandidateReport {
  readonly plugin: string
  /** The id of the release. */
  readonly release: string
  /** `ready`: every worker of every app answers. `failing`: one failed. `refused`: something keeps it from being started at all. */
  readonly state: 'starting' | 'ready' | 'failing' | 'refused'
  readonly apps: readonly CandidateAppReport[]
  readonly problems: readonly ProblemReport[]
}

export interface CandidateAppReport {
  readonly name: string
  readonly type: string
  /** Slots of the serving version that point at the candidate. */
  readonly canarySlots: number
  /** Only the newest worker of each slot. */
  readonly workers: readonly CandidateWorkerReport[]
}

export interface CandidateWorkerReport {
  readonly slot: number
  readonly actual: SlotReport['actual']
  readonly pid: number | null
  /** Where it can be asked. */
  readonly socket: string
  readonly failure: { readonly reason: FailureReason; readonly output: string } | undefined
}

/** The section of config.ini that a part of a plugin is written in. */
interface Written {
  readonly file: string
  readonly line?: number | undefined
  /** The line of it with the command, or with what the part begins with. */
  readonly entryLine?: number | undefined
}

/** A URL that nginx serves. Those that say the same in more words, `/blog/main` beside `/blog`, are left out. */
export interface ServedUrl {
  readonly url: string
  /** What stands in front of the app's own paths in the path that it gets; empty where it stands at `/`. */
  readonly prefix: string
  /** Whether `mount = 1` would take that away. */
  readonly canMount: boolean
  /** A PHP app whose index.php could answer every URL, by `front_controller`. */
  readonly canHaveFront?: true
}

export interface AppReport extends Written {
  readonly name: string
  readonly type: string
  /** The first of `urls`; empty when no route leads to the app. */
  readonly url: string
  /** Undefined of a daemon before this key, which a newer command may still ask: `urlsOf` reads both. */
  readonly urls?: readonly ServedUrl[]
  /** Whether there is to be anything at its URL: nothing with workers = 0. */
  readonly isServed: boolean
  /** Requests that wait now: for a worker, or for the end of a pause. */
  readonly held: number
  /** Where nginx finds its first worker; undefined when it has none. */
  readonly socket: string | undefined
  /** Between how many workers it has; undefined where it has always as many. */
  readonly scale?: { readonly least: number; readonly most: number }
  readonly slots: readonly SlotReport[]
}

export interface DaemonReport extends Written {
  readonly name: string
  readonly slots: readonly SlotReport[]
}

export interface SlotReport {
  readonly slot: number
  /** Of the newest worker; `absent` when there is none, `asleep` when none is needed until somebody asks. */
  readonly actual: 'ready' | 'starting' | 'failed' | 'draining' | 'stopping' | 'absent' | 'asleep'
  /** Of the worker that gets the requests. */
  readonly pid: number | null
  readonly generation: number
  readonly restarts: number
  /** Those by why. Undefined of a daemon before this key. */
  readonly restartsBy?: RestartsBy
  /** Attempts of the wanted version that ended badly, one after the other, since the last that did not. */
  readonly failures: number
  readonly since: Millis | null
  /** Why the slot was last replaced or failed. */
  readonly lastRestart: RestartReport | undefined
  /** When the next attempt is made, if the newest worker failed. */
  readonly retryAt: Millis | null
}

/** One line of a plugin's crontab. Times are milliseconds since the epoch. */
export interface CronReport {
  readonly plugin: string
  /** The id of the job: the same as long as the text of the line is. */
  readonly job: string
  readonly line: number
  /** As written. */
  readonly schedule: string
  readonly command: string
  /** The time zone of the schedule if it is not that of the machine. */
  readonly zone: string | undefined
  readonly logFile: string
  /** Null when it is not due any more, as `@reboot` after its run. */
  readonly next: Millis | null
  readonly running: { readonly pid: number | null; readonly since: Millis } | null
  readonly lastRun: CronRunReport | null
  /** Runs that ended, and those of them that failed. */
  readonly runs: number
  readonly failed: number
  /** Due times at which the run before was not over. */
  readonly skipped: number
  /** Due times at which no daemon ran. */
  readonly missed: number
  /** What came of the newest due time, when it is not a good run. */
  readonly trouble: 'failed' | 'skipped' | 'missed' | null
}

export interface CronRunReport {
  /** Null when a person asked for the run. */
  readonly due: Millis | null
  readonly startedAt: Millis
  readonly endedAt: Millis
  readonly durationMs: number
  /** Null when it is not known, or when it did not start. */
  readonly exitCode: number | null
  readonly signal: string | null
  /** How it ended, for people. */
  readonly outcome: string
  readonly output: string
}

/** What happened to a job: a run, or due times without one. */
export type CronEntryReport =
  | ({ readonly is: 'ran' } & CronRunReport)
  | { readonly is: 'skipped' | 'missed'; readonly count: number; readonly first: Millis; readonly last: Millis }

/** Requests of the control socket; each answers JSON. */
export interface ControlApi {
  /** The state now. */
  'GET /status': StatusReport
  /** Look at the disk again, now; answers when the plan has been applied once. Of all plugins, or of `plugin` and of what changed. */
  'POST /look': StatusReport
  /** Somebody waits for the app `app`, as `blog/main`, in a daemon that supervises nothing any more. */
  'POST /wake': { readonly is: 'asked' }
  /** The history of the job `job` of the plugin `plugin`, oldest first; empty when there is no such job. */
  'GET /cron/history': readonly CronEntryReport[]
  /** Run the job `job` of the plugin `plugin` now. */
  'POST /cron/run': CronAnswer
  /**
   * Let the process `pid`, which runs `code`, supervise instead; answers when nothing is supervised here any more. Who asks
   * takes the lock then. One that runs the same code has to say that it is meant, by `even-same`.
   */
  'POST /hand-over': HandOverAnswer
  /** Start `command`, JSON of words, as a process of the service that the daemon is. It asks for the place then. */
  'POST /successor': SuccessorAnswer
  /** Stop workers and nginx, then the daemon. */
  'POST /stop': StatusReport
}

/** `let-go`: its lock is free. `not-needed`: it runs that code itself. `stopping`: it was told to stop. */
export interface HandOverAnswer {
  readonly is: 'let-go' | 'not-needed' | 'stopping'
}

/** `no service`: the daemon was started by a person, and another one starts as it did. */
export type SuccessorAnswer = { readonly is: 'started'; readonly pid: number } | { readonly is: 'no service' }

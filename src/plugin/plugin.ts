import type { PluginBounds, WrittenBounds } from '../bounds/bounds.ts'
import type { SandboxLevel } from '../config/settings/sandbox-settings.ts'
import type { Schedule } from '../cron/schedule.ts'
import type { Where } from '../problem.ts'
import type { AppType } from '../runtime/app-type.ts'
import type { Rules } from './front/rules.ts'

/** A plugin as read from its directory: both dialects of config.ini end here. Paths are absolute. Times are seconds. */
export interface Plugin {
  readonly name: string
  readonly home: string
  /** `documented`: `type`, `main_arg`, `workers`. `later`: `_cmd_and_args`, `numprocesses`. */
  readonly dialect: Dialect
  readonly version: string
  readonly release: string
  readonly summary: string
  readonly license: string
  readonly url: string
  readonly maintainer: string
  readonly vendor: string
  /** What makes the files that it serves, where it is developed. */
  readonly build?: { readonly command: string; readonly where: Where | undefined }
  /** Of everything in it together; absent: none of its own. */
  readonly bounds?: PluginBounds
  /** Bytes that its data and its temporary files may take on the disk. */
  readonly diskMax?: number
  readonly apps: readonly App[]
  readonly daemons: readonly ExtraDaemon[]
  /** The lines of the file `crontab`. */
  readonly crontab: readonly CronJob[]
  /** nginx fragments for the whole plugin. */
  readonly fragments: {
    readonly http: Fragment | undefined
    readonly server: Fragment | undefined
    /** Lua that each nginx worker runs when it starts. */
    readonly initWorker?: Fragment | undefined
  }
  /** The text of a page for what nginx answers itself. */
  readonly errorPage?: string
  /** Absent: as the module says. */
  readonly sandbox?: { readonly level: SandboxLevel; readonly isRequired: boolean }
  /** Lua in nginx does not look for files in the plugin. */
  readonly addPluginDirToLuaPath?: false
  /** Put the plugin's directory on PYTHONPATH. */
  readonly addPluginDirToPythonPath: boolean
  /** `MFSERV_CURRENT_PLUGIN_<SECTION>_<KEY>` for every public key of every section that is given. */
  readonly environment: Readonly<Record<string, string>>
  /** `.layerapi2_extra_env`, as written. */
  readonly extraEnv: Readonly<Record<string, string>>
  /** Labels of `.layerapi2_dependencies`; an optional one has its `-` removed. */
  readonly dependencies: readonly { readonly label: string; readonly optional: boolean; readonly where: Where }[]
}

export type Dialect = 'documented' | 'later'

export interface App {
  readonly name: string
  readonly where: Where
  readonly lines?: Lines
  readonly type: AppType
  /** Of its code and its files, relative to the plugin; `.` is the plugin itself, undefined the name of the app. */
  readonly directory?: string
  /** Of the files that nginx may serve beside what is not for visitors, in small letters; undefined: as the type has it. */
  readonly staticExtensions?: readonly string[]
  /** The script in the directory of a PHP app that answers every URL that is no file. */
  readonly frontController?: string
  /** The file in the directory of a static app that does so. */
  readonly fallback?: string
  readonly listsDirectories?: boolean
  /** Each client stays at one worker. */
  readonly isSticky?: boolean
  readonly rules?: Rules
  /** The line that names a file of passwords outside of the plugin. */
  readonly passwordsWhere?: Where
  /** For its virtual hosts. */
  readonly certificate?: OwnCertificate
  /** `main_arg` of the documented dialect; for type `command` the whole command line with its placeholders. */
  readonly entry: string
  readonly nodeExtraOpts: string
  /** How many workers to keep running, at the most where `scale` says that they may be fewer; 0 for a static app. */
  readonly workers: number
  /** Absent: as many as `workers` says, all the time. */
  readonly scale?: AppScale
  /** Seconds one request may take; 0 means the module's `[nginx] timeout`. */
  readonly timeout: number
  readonly debug: boolean
  /** Seconds until a worker is replaced, jitter excluded; 0 means never. */
  readonly maxAge: number
  /** Seconds until a worker has to answer for the first time; 0 means the module's `[supervisor] start_timeout`. */
  readonly startTimeout: number
  /** Seconds between SIGTERM and SIGKILL. */
  readonly gracefulTimeout: number
  readonly limits: Limits
  /** Absent: as the module says. */
  readonly bounds?: WrittenBounds
  /** Absent: as the module says. */
  readonly logSplit?: LogSplit
  readonly routing: Routing
  readonly fragments: { readonly app: Fragment | undefined; readonly static: Fragment | undefined }
  readonly addAppDirToPythonPath: boolean
  readonly httpTest: HttpTest | undefined
  /** `fastcgi` or `proxy` (the default). */
  readonly gateway: 'proxy' | 'fastcgi'
}

/** As many workers as requests need, from `least` to `workers` of the app. */
export interface AppScale {
  readonly least: number
  /** Seconds without a request until there is none, where `least` is 0. 0: never; undefined: as the module says. */
  readonly sleepAfter: number | undefined
}

/** The files of a certificate and its key: absolute, or relative to the plugin. */
export interface OwnCertificate {
  readonly certificate: string
  readonly key: string
  /** The line that names it. */
  readonly where: Where | undefined
}

/** Lines of the file of `where`, for problems with what stands there; undefined when it stands in another file. */
export interface Lines {
  /** The command, or what the app begins with. */
  readonly entry: number | undefined
  readonly extraRoutes?: number | undefined
  readonly extraVhosts?: number | undefined
}

export interface Routing {
  readonly prefix: boolean
  /** Below its own prefixes the app behaves as if it stood at `/`. */
  readonly mount: boolean
  readonly virtualDomain: boolean
  readonly extraVhosts: readonly string[]
  readonly extraRoutes: readonly string[]
  /** Serve files of `directory`, relative to the app's, under `urlPrefix` of the app; undefined when switched off. */
  readonly static: { readonly urlPrefix: string; readonly directory: string } | undefined
}

/** Resource limits of a worker, in bytes or counts; undefined means no limit. */
export interface Limits {
  readonly as: number | undefined
  readonly nofile: number | undefined
  readonly nproc: number | undefined
  readonly stack: number | undefined
  readonly core: number | undefined
  readonly fsize: number | undefined
}

/** Whether stdout and stderr, and whether workers, have files of their own; what is absent is as the module says. */
export interface LogSplit {
  readonly streams?: boolean
  readonly workers?: boolean
}

export interface HttpTest {
  readonly endpoint: string
  readonly expectedStatus: number
  readonly expectedBody: string
  readonly timeout: number
}

export interface ExtraDaemon {
  readonly name: string
  /** What mfserv itself runs for the plugin; undefined for a command of the plugin. */
  readonly service?: 'redis'
  readonly where: Where
  readonly lines?: Lines
  readonly command: string
  readonly numprocesses: number
  readonly gracefulTimeout: number
  readonly maxAge: number
  readonly debug: boolean
  readonly limits: Limits
  /** Absent: as the module says. */
  readonly bounds?: WrittenBounds
  /** Absent: as the module says. */
  readonly logSplit?: LogSplit
}

export interface CronJob {
  readonly where: Where & { readonly line: number }
  /** The whole line as written, without superfluous blanks: no two jobs of a plugin have the same. */
  readonly name: string
  readonly schedule: Schedule
  /** For `shell -c`. */
  readonly command: string
  /** What the command reads from its standard input. */
  readonly input: string | undefined
  /** Absolute path. */
  readonly shell: string
  /** The time zone of this job if it is not that of the machine. */
  readonly zone: string | undefined
  /** The `NAME=value` lines above it. */
  readonly env: Readonly<Record<string, string>>
}

/** A file whose text goes into nginx.conf as it is. */
export interface Fragment {
  readonly file: string
  readonly text: string
}

import type { DesiredBounds } from '../bounds/bounds.ts'
import type { Listener } from '../config/listen/listener.ts'
import type { ConfiguredCertificate } from '../config/tls/certificates.ts'
import type { Schedule } from '../cron/schedule.ts'
import type { Aside } from '../plugin/aside.ts'
import type { Rules } from '../plugin/front/rules.ts'
import type { Limits } from '../plugin/plugin.ts'
import type { Problem } from '../problem.ts'
import type { AppId, SpecHash } from './ids.ts'
import type { LayeredPlugin } from './installed.ts'
import type { Sandbox } from './sandbox/facts.ts'
import type { Scale } from './scale/bounds.ts'
import type { TlsSettings } from './tls/tls-settings.ts'
import type { Visitors } from './visitors.ts'

/** What should be: a pure function of the plugins on disk and the settings. */
export interface DesiredState {
  readonly apps: ReadonlyMap<AppId, DesiredApp>
  /** New versions that are tried beside what serves; an app of a plugin that is only being installed stands here alone. */
  readonly candidates: ReadonlyMap<AppId, CandidateApp>
  readonly routes: Routes
  /** Those it was made from, with their layers. */
  readonly plugins: readonly LayeredPlugin[]
  /** Equal exactly when two states have the same routes. */
  readonly routesKey: string
  /** What plugins name for their virtual hosts; `routes` has those that are in force. */
  readonly ownCertificates: readonly ConfiguredCertificate[]
  /** By plugin and line. */
  readonly cron: readonly DesiredCronJob[]
  /** Names of the plugins that are installed and are not to run. */
  readonly stopped: ReadonlySet<string>
  /** What keeps requests from plugins, by name; `stopped` too. */
  readonly asides: ReadonlyMap<string, readonly Aside[]>
  /** Whether nginx is to run at all. */
  readonly front: boolean
  /** What keeps a plugin, or a part of one, from being served; keyed by plugin name. */
  readonly problems: ReadonlyMap<string, readonly Problem[]>
  /** The same of its candidate. */
  readonly candidateProblems: ReadonlyMap<string, readonly Problem[]>
}

export interface DesiredApp {
  readonly id: AppId
  readonly plugin: string
  /** Its name; of a daemon with the `@`. */
  readonly app: string
  readonly kind: WorkerKind
  readonly slots: number
  /** Undefined: there are to be as many workers all the time. */
  readonly scale?: Scale
  readonly spec: WorkerSpec
  readonly bounds?: DesiredBounds
  /** The daemon that its workers need: they are started when it is up, or has failed. */
  readonly after?: AppId
}

/** A new version of an app: its workers are started and proved, and get no requests until the version is committed. */
export interface CandidateApp {
  readonly app: DesiredApp
  /** So many slots of the app that serves point at the candidate, once it is ready: the share of a canary. */
  readonly canarySlots: number
}

/** One line of a plugin's crontab, and how its command is run. */
export interface DesiredCronJob {
  readonly plugin: string
  /** A short name of the line's text: other lines of the file may change without changing it. */
  readonly id: string
  /** Of the crontab, from 1. */
  readonly line: number
  readonly schedule: Schedule
  /** The time zone of this job if it is not that of the machine. */
  readonly zone: string | undefined
  /** For `shell -c`. */
  readonly command: string
  readonly shell: string
  /** What the command reads from its standard input. */
  readonly input: string | undefined
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** As of a worker. */
  readonly sandbox?: Sandbox
  /** Both output streams are appended here; no other job writes to it. */
  readonly logFile: string
}

/**
 * `app`: answers requests; a new worker is started beside the old one. `daemon`: never two of one slot at the same time, so
 * the old one ends before the new one starts.
 */
export type WorkerKind = 'app' | 'daemon'

/** How one worker is started and treated. The socket stands as `{unix_socket_path}` in `argv`, the slot number as `{slot}` in `env`. */
export interface WorkerSpec {
  readonly hash: SpecHash
  readonly argv: readonly string[]
  /** Stands in front of `argv` and is the process of the worker: what starts the program, and is bound by no limit of it. */
  readonly launcher?: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** A symbolic link by which others find what it listens on. */
  readonly link?: { readonly at: string; readonly to: string }
  /** A digest of the code of mfserv that runs in the worker; undefined where none does. */
  readonly code?: string | undefined
  readonly limits: Limits
  /** Absent: nothing keeps it from what its user may reach. */
  readonly sandbox?: Sandbox
  /** Both output streams are appended here, or stderr alone; the slot number stands as `{slot}` in it. */
  readonly logFile: string
  /** Where stdout goes if it has a file of its own. */
  readonly stdoutFile?: string
  readonly ready: Readiness
  /** How long open connections may hold up the end of a worker that is no longer linked. */
  readonly drainMs: number
  /** Nobody must have been connected for so long before such a worker ends sooner. */
  readonly quietMs?: number
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number
  /** 0 is never. The real age is drawn between this and twice this. */
  readonly maxAgeMs: number
}

/**
 * How a worker is known to be up: it answers a request on its socket, over HTTP unless another protocol is given, or it has lived
 * for a while. `through` a port: what comes to the socket is passed on to the TCP port that its program listens on.
 */
export type Readiness =
  | {
      readonly by: 'answer'
      readonly path: string
      readonly protocol?: 'fastcgi'
      readonly through?: 'port'
      readonly withinMs: number
    }
  | { readonly by: 'living'; readonly forMs: number }

/** Everything nginx.conf is rendered from. */
export interface Routes {
  readonly server: ServerSettings
  readonly paths: NginxPaths
  /** By name of the plugin. */
  readonly plugins: readonly PluginRoutes[]
}

export interface PluginRoutes {
  readonly plugin: string
  /** Undefined where the plugin needs no Lua in nginx. */
  readonly lua?: LuaRoutes | undefined
  /** Changes with the files that its fragments have nginx read, where their paths stay. */
  readonly filesVersion?: string
  readonly httpFragment: string | undefined
  readonly serverFragment: string | undefined
  /** The files that the fragments come from, for problems with them. */
  readonly httpFile?: string | undefined
  readonly serverFile?: string | undefined
  /** The text of a page that stands for what nginx answers itself. */
  readonly errorPage?: string | undefined
  readonly apps: readonly AppRoutes[]
}

export interface LuaRoutes {
  /** The file that needs it, for problems. */
  readonly file: string
  /** What each nginx worker runs when it starts. */
  readonly init: { readonly file: string; readonly text: string } | undefined
  /** Where `require` looks. */
  readonly directories: readonly string[]
  /** Changes with the files of the plugin. */
  readonly version: string
}

export interface AppRoutes {
  readonly app: string
  readonly kind: 'proxy' | 'fastcgi' | 'files'
  /** The script of a directory: it answers every URL that names no script of its kind. Only for fastcgi. */
  readonly index?: 'index.php'
  /** The script, by its name in the directory, that answers every URL that is neither a file nor another script. Only for fastcgi. */
  readonly front?: string | undefined
  /** What answers every URL that is no file: the path of a file in the directory. Only for `files`. */
  readonly fallback?: string | undefined
  /** Show what is in a directory without an index. Only for `files`. */
  readonly lists?: boolean | undefined
  /** Each client stays at one worker: what the paths of its sockets begin with, in front of the number of the slot. Only for proxy. */
  readonly sticky?: string | undefined
  /** URL prefixes without a trailing slash, own prefix first; `/` for a catch-all route. Empty when prefix routing is off. */
  readonly prefixes: readonly string[]
  /** Those of `prefixes` below which the app behaves as if it stood at `/`; undefined unless it is mounted. */
  readonly mounted?: readonly string[]
  /** Names of virtual hosts of this app; empty when off. */
  readonly hosts: readonly string[]
  /** Directory of the app, for `files` and fastcgi. */
  readonly directory: string
  /** Its files are those of a release, which are never written again. */
  readonly isRelease?: boolean | undefined
  /** Which of its files visitors may read, where it holds more than what is made for them; undefined: all of them. */
  readonly visitors?: Visitors | undefined
  /** Static files of a dynamic app: URL below each prefix, and the directory they come from. */
  readonly static: { readonly urlPrefix: string; readonly directory: string } | undefined
  /** Link paths of the slots, in order; empty for `files`. */
  readonly sockets: readonly string[]
  /** Where requests wait for a worker. */
  readonly holdSocket: string
  readonly keepAlive: boolean
  /** What nginx does in front of it; its files are absolute. */
  readonly rules?: Rules
  /** Its workers believe a client whom nginx lets debug. */
  readonly debug?: boolean
  /** Seconds for nginx: the app's timeout + 2. */
  readonly timeoutSeconds: number
  readonly appFragment: string | undefined
  readonly staticFragment: string | undefined
  /** The files that the fragments come from, for problems with them. */
  readonly appFile?: string | undefined
  readonly staticFile?: string | undefined
}

/** The `[nginx]` settings that reach nginx.conf, typed. */
export interface ServerSettings {
  /** 0 switches the listener off. */
  readonly port: number
  readonly httpsPort: number
  /** Every address that nginx listens on; empty: all of this machine, at the two ports. */
  readonly listen: readonly Listener[]
  readonly tls: TlsSettings
  readonly workers: number
  readonly timeoutSeconds: number
  readonly uploadMaxBodySizeMb: number
  readonly accessLog: boolean
  readonly debugLog: boolean
  readonly addRequestIdHeader: boolean
  readonly acceptIncomingRequestIdHeader: boolean
  /** Pass on a W3C trace context, or begin one. */
  readonly trace: boolean
  readonly addXForwardedHeaders: boolean
  /** Undefined switches it off. */
  readonly healthLocation: string | undefined
  readonly healthAccessLog: boolean
  readonly ignoreClientAbort: boolean
  readonly serverTokens: boolean
  readonly portInRedirect: boolean
  readonly realIp: { readonly header: string; readonly recursive: boolean; readonly from: readonly string[] } | undefined
  readonly uuidExtraAllows: readonly string[]
  /** Networks that may read the list of plugins of the welcome page. */
  readonly pluginListExtraAllows: readonly string[]
  /** Show the welcome page where no plugin answers. */
  readonly welcome: boolean
  /** The text of a page that stands for what nginx answers itself, for the plugins that have none. */
  readonly errorPage?: string | undefined
  /** Networks whose clients get the debugger, besides this machine. */
  readonly debugAllow: readonly string[]
}

/** Absolute paths, but for the last two. */
export interface NginxPaths {
  readonly pidFile: string
  readonly accessLog: string
  readonly errorLog: string
  /** Client bodies and proxy buffers. */
  readonly tempDirectory: string
  readonly mimeTypes: string
  /** Holds one empty file named as the module's status word. */
  readonly healthDirectory: string
  /** Holds the body of the 404 for unclaimed URLs, `index.html`. */
  readonly welcomeDirectory: string
  /** An entry for each plugin that an administrator keeps requests from: a directory if it refuses them all, a file if only files wait. */
  readonly asideDirectory: string
  /** Holds a file with the name of each plugin that plugins.stop stopped. */
  readonly stoppedDirectory: string
  /** Holds a link for each plugin in maintenance, to a directory that ends in the seconds of Retry-After and may have a `page.html`. */
  readonly maintenanceDirectory: string
  /** Where requests for the files of a paused plugin wait. */
  readonly pauseSocket: string
  /** Where nginx asks what a developer is told of a plugin that does not serve. */
  readonly developerSocket: string
  /** Holds what a certificate authority looks for. */
  readonly challengeDirectory: string
  /** The identity of the runtime home, 32 hexadecimal digits: the answer of `/uuid`. */
  readonly uuid: string
  /** Undefined unless nginx starts as root. */
  readonly user: string | undefined
}

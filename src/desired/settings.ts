import type { ModuleBounds } from '../bounds/bounds.ts'
import type { Aside } from '../plugin/aside.ts'
import type { NginxPaths, ServerSettings } from './desired.ts'
import type { ModuleEnvironment } from './environment.ts'
import type { Candidate, LayeredPlugin } from './installed.ts'
import type { SandboxSettings } from './sandbox/facts.ts'

export interface DesireSettings {
  readonly server: ServerSettings
  readonly nginxPaths: NginxPaths
  /** Whether nginx is to run at all. */
  readonly front: boolean
  readonly environment: ModuleEnvironment
  /** Absent: nobody is kept from anything. */
  readonly sandbox?: SandboxSettings
  readonly startTimeoutMs: number
  /** Without a request for so long an app that may sleep does; 0 is never. */
  readonly sleepAfterMs: number
  /** Of a core file, for processes whose app says nothing; undefined: as the system has it. */
  readonly coreBytes?: number | undefined
  /** `[limits]`; absent: no limits. */
  readonly bounds?: ModuleBounds
  /** Whether stdout and stderr, and whether the workers of an app, have log files of their own; absent: neither. */
  readonly logSplit?: { readonly streams: boolean; readonly workers: boolean }
  /** The plugins of the state before: what goes on when a plugin it depends on is gone. */
  readonly before?: readonly LayeredPlugin[]
  /** Plugins that are to stay installed and not to run. */
  readonly stopped?: ReadonlySet<string>
  /** What keeps requests from plugins, by name. */
  readonly asides?: ReadonlyMap<string, readonly Aside[]>
  /** How often the workers of a plugin were to be replaced although nothing changed. */
  readonly restarts?: ReadonlyMap<string, number>
  /** Releases that are tried before they are committed. */
  readonly candidates?: readonly Candidate[]
}

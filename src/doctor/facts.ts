import type { Level } from '../bounds/level.ts'
import type { SandboxFacts } from '../desired/sandbox/facts.ts'

/** What is known of a machine and a runtime home. `undefined`: it could not be learned here, and nothing is said of it. */
export interface Facts {
  readonly now: number
  readonly home: HomeFacts
  readonly machine: MachineFacts
  readonly limits: LimitFacts
  readonly disks: readonly DiskFacts[]
  readonly clock: ClockFacts
  readonly certificates: readonly CertificateFacts[]
  readonly programs: readonly ProgramFacts[]
  readonly daemon: DaemonFacts
  readonly unit: UnitFacts
  /** Undefined: no plugin is to have one. */
  readonly sandbox?: SandboxFacts | undefined
  /** What mfserv itself says is wrong: of its configuration, its ports, its plugins. */
  readonly troubles: readonly Trouble[]
}

export interface HomeFacts {
  readonly path: string
  /** `not ours`: it belongs to somebody else, or cannot be one. */
  readonly is: 'there' | 'missing' | 'not ours'
  readonly why?: string
  readonly fix?: string
  readonly ofOthers: Some
  readonly openToOthers: Some
  /** What killed processes left, and nobody needs. */
  readonly stale: Some
  readonly hasDevelopment: boolean
}

/** The first few of many. */
export interface Some {
  readonly count: number
  readonly paths: readonly string[]
}

export interface MachineFacts {
  readonly processors: number
  readonly memoryKb: number
  readonly availableKb: number | undefined
}

export interface LimitFacts {
  /** What nginx may raise its own limit to. */
  readonly openFiles: number | undefined
  readonly systemFiles: Used | undefined
  readonly somaxconn: number | undefined
  readonly inotifyWatches: number | undefined
  /** The tightest of those that hold for our processes. */
  readonly processes: Used | undefined
}

export interface Used {
  readonly used: number
  readonly most: number
  /** What sets the limit, where there are several. */
  readonly by?: string
}

export interface DiskFacts {
  readonly path: string
  readonly bytes: number
  readonly totalBytes: number
  readonly files: number
  readonly totalFiles: number
  readonly isReadOnly: boolean
  readonly logBytes: number
  readonly releaseBytes: number
}

export interface ClockFacts {
  readonly isSynchronised: boolean | undefined
  /** When this mfserv was made: no right clock shows an earlier time. */
  readonly notBefore: number
  /** The newest time on a file of the runtime home. */
  readonly newestFile: { readonly path: string; readonly at: number } | undefined
}

export interface CertificateFacts {
  readonly file: string
  readonly from: number
  readonly until: number
  /** Whether the key that is set belongs to it. */
  readonly fitsKey: boolean
}

export interface ProgramFacts {
  readonly name: string
  /** Whoever needs it; nobody: it is not needed here. */
  readonly neededBy: readonly string[]
  readonly problem: Trouble | undefined
}

export type DaemonFacts =
  | { readonly is: 'down' }
  /** It was killed, and nginx or workers run on without it. */
  | { readonly is: 'gone' }
  | { readonly is: 'silent'; readonly why: string }
  | { readonly is: 'running'; readonly word: string; readonly because: readonly string[]; readonly limits?: Level | undefined }

/** `no systemd`: who starts mfserv at a boot cannot be told. */
export type UnitFacts = { readonly is: 'no systemd' | 'none' } | { readonly is: 'there'; readonly file: string }

export interface Trouble {
  readonly what: string
  readonly fix: string
  readonly isError: boolean
}

import type { SandboxLevel } from '../../config/settings/sandbox-settings.ts'

/** What the administrator says of it. */
export interface SandboxSettings {
  readonly level: SandboxLevel
  readonly python2_level: SandboxLevel
  readonly required: boolean
  readonly off: readonly string[]
  readonly home: readonly string[]
  readonly strict: readonly string[]
  readonly read: readonly string[]
  readonly write: readonly string[]
}

/** What this system has for a sandbox. */
export interface SandboxFacts {
  /** Why a process cannot have a view of its own of the files; undefined when it can. */
  readonly noView: string | undefined
  /** Whether processes can be kept from signalling those outside. */
  readonly keepsSignals: boolean
}

export interface WantedSandbox {
  readonly level: SandboxLevel
  /** Rather not at all than without. */
  readonly isRequired: boolean
}

/** How the processes of one plugin are kept from what is not theirs. */
export type Sandbox =
  | {
      readonly is: 'in force'
      readonly level: Exclude<SandboxLevel, 'off'>
      readonly plugin: string
      readonly runtimeHome: string
      /** Paths of which they see what is in them. */
      readonly reads: readonly string[]
      readonly writes: readonly string[]
      /** The plugins by the names they are found by. Each leads to what this process runs, which need not be in force yet or any more. */
      readonly entries: readonly { readonly name: string; readonly home: string }[]
      /** Programs that may lie anywhere, and bring a directory with them. */
      readonly programs: readonly string[]
      /** Where a plugin in development is, and the Python packages it has. */
      readonly developed?: { readonly home: string; readonly sitePackages: string | undefined }
    }
  | { readonly is: 'missing'; readonly level: Exclude<SandboxLevel, 'off'>; readonly why: string }

import type { Result } from './output.ts'

/** A command as data. Its help, its place in `bin/`, the completion and its part of the reference page all come from this. */
export interface CommandEntry {
  /** The words after `mfserv`; the first of two is a group. */
  readonly words: readonly [string] | readonly [string, string]
  /** The documented name, a launcher in `bin/`. */
  readonly launcher?: string
  /** Another launcher for it, where the original installed the command under a second name. */
  readonly alias?: string
  /** One sentence, for lists of commands too. */
  readonly summary: string
  /** What else its own help says. */
  readonly more?: string
  readonly arguments: readonly ArgumentData[]
  readonly options: readonly OptionData[]
  readonly examples: Examples
  /** It changes something of what is served, always or with this option: the audit trail keeps who called it. */
  readonly changes?: true | `--${string}`
  /** For what makes files of the caller outside of the runtime home, or becomes a program of the caller. */
  readonly umask?: 'of the caller'
  /** Imports what the command needs, and nothing before it is called. */
  readonly load: () => Promise<CommandModule>
}

/** Commands that share a first word; the one without words is `mfserv` itself. */
export interface GroupEntry {
  readonly words: readonly [] | readonly [string]
  readonly launcher?: string
  readonly summary: string
  readonly examples: Examples
}

export interface CommandTable {
  readonly commands: readonly CommandEntry[]
  readonly groups: readonly GroupEntry[]
}

export interface ArgumentData {
  /** As usage lines write it: `FILE`. */
  readonly name: string
  readonly says: string
  /** Exactly once unless said otherwise. `own`: all that follows is a command with its own options. */
  readonly often?: 'perhaps' | 'any' | 'own'
  readonly is?: ValueKind
  /** The only words it may be. */
  readonly choices?: readonly string[]
}

export interface OptionData {
  readonly flag: `--${string}`
  /** One letter that stands for it: `-f`. */
  readonly short?: string
  readonly says: string
  /** The name of its value, `DIRECTORY`; a flag without one is there or not. */
  readonly value?: string
  readonly is?: ValueKind
}

/** What completion offers for a value. */
export type ValueKind = 'plugin' | 'release file' | 'directory' | 'file' | 'template' | 'key' | 'release'

/** Two, each the words behind the name and what they do. */
export type Examples = readonly [Example, Example]
export type Example = readonly [words: string, says: string]

export interface CommandModule {
  /** Without a result where the command has become another program. */
  readonly run: (args: never, options: never, table: CommandTable) => Promise<Result | undefined>
}

/** The words of a person, told apart by the data of the command. */
export type ArgumentsOf<A extends readonly ArgumentData[]> = {
  readonly [K in keyof A]: A[K] extends { readonly often: 'any' | 'own' }
    ? readonly string[]
    : A[K] extends { readonly often: 'perhaps' }
      ? string | undefined
      : string
}

export type OptionsOf<O extends readonly OptionData[]> = {
  readonly [K in O[number] as PropertyOf<K['flag']>]?: K extends { readonly value: string } ? string : true
} & { readonly json?: true }

/** `--new-name` is `newName`. */
type PropertyOf<F extends string> = F extends `--${infer Name}` ? CamelCase<Name> : never
type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : S

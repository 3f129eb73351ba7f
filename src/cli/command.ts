import type { Command } from 'commander'

export interface CommandModule {
  /** Adds the command, with its options and its action, below `parent`. */
  readonly register: (parent: Command, table: CommandTable) => void
}

/** Every command, and the groups that share a first word. */
export interface CommandTable {
  readonly commands: readonly CommandEntry[]
  readonly groups: Readonly<Record<string, string>>
}

export interface CommandEntry {
  /** The words after `mfserv`; the first may be a group. */
  readonly words: readonly [string] | readonly [string, string]
  /** The documented name, a launcher in `bin/`. */
  readonly launcher: string | undefined
  /** Another launcher for it, where the original installed the command under a second name. */
  readonly alias?: string
  readonly summary: string
  /** What its first argument names, for completion. */
  readonly completes?: 'plugin'
  readonly load: () => Promise<CommandModule>
  /**
   * For what is started again and again, by cron above all: takes the words that are written behind the launcher without the
   * parser of options, or answers false where they need it.
   */
  readonly direct?: (words: readonly string[]) => Promise<boolean>
  /** For what makes files of the caller outside of the runtime home, or becomes a program of the caller. */
  readonly umask?: 'of the caller'
}

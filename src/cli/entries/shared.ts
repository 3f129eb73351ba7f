import type { ArgumentData, ArgumentsOf, CommandEntry, CommandTable, OptionData, OptionsOf } from '../command.ts'
import type { Result } from '../output.ts'

/** An entry of the table, checked: its `run` takes what its arguments and options give. */
export function command<const A extends readonly ArgumentData[], const O extends readonly OptionData[]>(
  entry: Omit<CommandEntry, 'arguments' | 'options' | 'load'> & {
    readonly arguments?: A
    readonly options?: O
    readonly load: () => Promise<{
      readonly run: (args: ArgumentsOf<A>, options: OptionsOf<O>, table: CommandTable) => Promise<Result | undefined>
    }>
  },
): CommandEntry {
  return { ...entry, arguments: entry.arguments ?? [], options: entry.options ?? [] }
}

/** Options that several commands take. */
export const BASE_DIRECTORY = {
  flag: '--plugins-base-dir',
  value: 'DIRECTORY',
  is: 'directory',
  says: 'look for the plugin in this directory',
} as const satisfies OptionData

export const DRY_RUN = {
  flag: '--dry-run',
  says: 'only show what would change; the exit code is 2 if something would',
} as const satisfies OptionData

export const PLUGIN_PATH = {
  flag: '--plugin-path',
  value: 'DIRECTORY',
  is: 'directory',
  says: 'the directory of the plugin; default: the current directory',
} as const satisfies OptionData

export const CANARY_SECONDS = {
  flag: '--canary-seconds',
  value: 'SECONDS',
  says: 'how long the canary runs; default: as long as --watch. Only with --canary',
} as const satisfies OptionData

/** The shells that `mfserv completion` writes for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

import { didYouMean, nearest } from '../../config/nearest.ts'
import { Problem } from '../../problem.ts'
import type { CommandEntry, CommandTable, GroupEntry } from '../command.ts'
import { childrenOf, type FoundNothing, lastWordOf } from './find.ts'
import { HELP_OPTION, isOption, JSON_OPTION, VERSION_OPTION, type Wrong } from './parse.ts'
import { documentedName, usageOf } from './usage.ts'

/** Words that a command does not take. */
export function wrongWords({ what, word = '', known = [] }: Wrong, command: CommandEntry, typed: string): Problem {
  const fix = `${didYouMean(word, known)}Write: ${usageOf(typed, command)}\nAll options, with examples: ${typed} --help`
  return new Problem('USAGE', what, fix)
}

/** A word that is no command, or an option where a command is missing. */
export function noSuchCommand({ word, group, typed }: FoundNothing, table: CommandTable): Problem {
  const all = `All commands: ${typed} --help`
  if (isOption(word)) {
    const flags = [JSON_OPTION, HELP_OPTION, VERSION_OPTION].map(({ flag }) => flag)
    return new Problem('USAGE', `there is no option ${word}`, `${didYouMean(word, flags)}${all}`)
  }
  const meant = meantBy(word, group, table)
  const hint = meant === undefined ? '' : `Did you mean "${meant}"? `
  return new Problem('USAGE', `there is no command "${typed} ${word}"`, `${hint}${all}`)
}

export function commandMissing(typed: string): Problem {
  return new Problem('USAGE', 'a command is missing', `All commands: ${typed} --help`)
}

/** A word of the group; at the top also a launcher, and a command whose group was left out: `mfserv install`. */
function meantBy(word: string, group: GroupEntry, table: CommandTable): string | undefined {
  const child = nearest(word, childrenOf(group, table).map(lastWordOf))
  if (child !== undefined || group.words.length > 0) return child
  const launcher = nearest(
    word,
    [...table.commands, ...table.groups].flatMap((entry) => entry.launcher ?? []),
  )
  const last = nearest(word, table.commands.map(lastWordOf))
  const elsewhere = table.commands.find((entry) => lastWordOf(entry) === last)
  return launcher ?? (elsewhere === undefined ? undefined : documentedName(elsewhere, table))
}

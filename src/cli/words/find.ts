import type { CommandEntry, CommandTable, GroupEntry } from '../command.ts'
import { isOption } from './parse.ts'

export interface FoundCommand {
  readonly is: 'command'
  readonly command: CommandEntry
  /** The name under which it was called: `plugins.list`, `mfserv plugins list`. */
  readonly typed: string
  readonly rest: readonly string[]
}

export interface FoundGroup {
  readonly is: 'group'
  readonly group: GroupEntry
  readonly typed: string
  readonly asks: 'help' | 'version' | 'nothing'
}

/** A word behind a group that leads nowhere. */
export interface FoundNothing {
  readonly is: 'nothing'
  readonly word: string
  readonly group: GroupEntry
  readonly typed: string
}

/** What the launcher and the words behind it lead to. */
export function findCommand(
  launcher: string,
  written: readonly string[],
  table: CommandTable,
): FoundCommand | FoundGroup | FoundNothing {
  const called = table.commands.find((entry) => entry.launcher === launcher || entry.alias === launcher)
  if (called !== undefined) return { is: 'command', command: called, typed: launcher, rest: written }
  const rest = [...written]
  const before: string[] = []
  let { group, typed } = startOf(launcher, table)
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--json') before.push(word)
    else if (word === '--help' || word === '-h' || word === 'help') before.push('--help')
    else if (word === '--version' || word === '-V') before.push('--version')
    else {
      const next = isOption(word) ? undefined : below(group, word, table)
      if (next === undefined) return { is: 'nothing', word, group, typed }
      typed = `${typed} ${word}`
      if ('load' in next) return { is: 'command', command: next, typed, rest: [...before, ...rest] }
      group = next
    }
  }
  return { is: 'group', group, typed, asks: asksOf(before) }
}

/** The commands and groups one word further. */
export function childrenOf({ words: [first] }: GroupEntry, table: CommandTable): readonly (CommandEntry | GroupEntry)[] {
  const length = first === undefined ? 1 : 2
  return [...table.commands, ...table.groups].filter(
    ({ words }) => words.length === length && (first === undefined || words[0] === first),
  )
}

export function lastWordOf({ words }: CommandEntry | GroupEntry): string {
  return words.at(-1) ?? ''
}

/** Where the words begin: at a group that has a launcher of its own, and at `mfserv` itself whatever its link is called. */
function startOf(launcher: string, { groups }: CommandTable): { readonly group: GroupEntry; readonly typed: string } {
  const named = groups.find((entry) => entry.launcher === launcher)
  const group = named ?? groups.find(({ words }) => words.length === 0)
  if (group === undefined) throw new Error('the table of groups has no entry for mfserv itself')
  return { group, typed: named === undefined ? 'mfserv' : launcher }
}

function below(group: GroupEntry, word: string, table: CommandTable): CommandEntry | GroupEntry | undefined {
  return childrenOf(group, table).find((entry) => lastWordOf(entry) === word)
}

function asksOf(before: readonly string[]): FoundGroup['asks'] {
  if (before.includes('--help')) return 'help'
  return before.includes('--version') ? 'version' : 'nothing'
}

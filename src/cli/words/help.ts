import type { CommandEntry, CommandTable, Examples, GroupEntry, OptionData } from '../command.ts'
import { childrenOf, lastWordOf } from './find.ts'
import { allOptions, HELP_OPTION, JSON_OPTION, VERSION_OPTION } from './parse.ts'
import { usageOf } from './usage.ts'

/** Lines of a help stay readable in a terminal of 80 columns beside their names. */
const WIDTH = 80

/** What `--help` shows of a command, under the name that was typed. */
export function commandHelp(command: CommandEntry, typed: string): string {
  const args = command.arguments.map(({ name, says }) => [name, says] as const)
  const options = allOptions(command).map((option) => [optionText(option), option.says] as const)
  const { alias, launcher, words, summary, more } = command
  const names = [launcher, alias, ['mfserv', ...words].join(' ')].filter((name) => name !== undefined && name !== typed)
  return [
    `Usage: ${usageOf(typed, command)}`,
    wrapped(more === undefined ? summary : `${summary} ${more}`, WIDTH),
    ...section('Arguments', args),
    ...section('Options', options),
    examplesText(command.examples, typed),
    ...(names.length === 0 ? [] : [`Also: ${names.join(', ')}`]),
  ].join('\n\n')
}

/** The same for `mfserv` itself, or for commands that share a first word. */
export function groupHelp(group: GroupEntry, typed: string, table: CommandTable): string {
  const rows = childrenOf(group, table).map((entry) => [lastWordOf(entry), entry.summary] as const)
  const options = [JSON_OPTION, HELP_OPTION, VERSION_OPTION].map(({ flag, says }) => [flag, says] as const)
  return [
    `Usage: ${typed} COMMAND [options]`,
    wrapped(group.summary, WIDTH),
    ...section('Commands', rows),
    ...section('Options', options),
    examplesText(group.examples, typed),
    `About one of them: ${typed} COMMAND --help`,
  ].join('\n\n')
}

/** `--new-name NAME`, or `-f, --follow`. */
export function optionText({ flag, short, value }: Pick<OptionData, 'flag' | 'short' | 'value'>): string {
  const letter = short === undefined ? '' : `-${short}, `
  return value === undefined ? `${letter}${flag}` : `${letter}${flag} ${value}`
}

function section(title: string, rows: readonly (readonly [string, string])[]): readonly string[] {
  if (rows.length === 0) return []
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, says]) => {
    const [first, ...more] = wrapped(says, Math.max(30, WIDTH - width - 4)).split('\n')
    const indent = ' '.repeat(width + 4)
    return [`  ${name.padEnd(width)}  ${first}`, ...more.map((line) => `${indent}${line}`)].join('\n')
  })
  return [[`${title}:`, ...lines].join('\n')]
}

function examplesText(examples: Examples, typed: string): string {
  const lines = examples.flatMap(([words, says]) => [`  ${`${typed} ${words}`.trimEnd()}`, `      ${says}`])
  return ['Examples:', ...lines].join('\n')
}

function wrapped(text: string, width: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}

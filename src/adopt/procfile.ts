import { words } from '../runtime/words.ts'
import { shellArgument } from '../shell-quote.ts'
import { type AppTree, linesLike } from './tree.ts'

/** A line of a Procfile: a process of the application, as other platforms start it. */
export interface Process {
  readonly name: string
  readonly line: string
  /** `Procfile:2` */
  readonly place: string
}

export function processesOf(tree: AppTree): readonly Process[] {
  return linesLike(tree, 'Procfile', /^\s*([A-Za-z][\w-]{0,50})\s*:\s*(\S.*)$/).map(({ groups, place }) => ({
    name: groups[0] ?? '',
    line: (groups[1] ?? '').trim(),
    place,
  }))
}

/** A command line without the variables that it sets in front, and those. */
export interface Parts {
  readonly variables: readonly string[]
  readonly words: readonly string[]
}

/** Undefined for a line that only a shell understands. */
export function partsOf(line: string): Parts | undefined {
  const plain = line.replaceAll(PORT, '{port}')
  if (/[;&|<>`$()*?\n]/.test(plain.replaceAll(/'[^']*'/g, ''))) return undefined
  const all = words(plain)
  const from = all.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word) && word !== 'env' && word !== 'exec')
  if (from < 0) return undefined
  return { variables: all.slice(0, from).filter((word) => word.includes('=')), words: all.slice(from) }
}

/** `$PORT` as a shell would replace it. */
const PORT = /\$PORT\b|\$\{PORT(?::-?\d*)?\}/g

/** The line as `main_arg` of a command has it: with `{port}`, and a shell only where it needs one. */
export function commandLine(line: string): string {
  const plain = line.replaceAll(PORT, '{port}')
  const inShell = partsOf(line) === undefined
  const told = plain.includes('{port}') ? '' : 'PORT={port} '
  if (inShell) return `env PORT={port} sh -c ${shellArgument(`exec ${line}`)}`
  const { variables, words: all } = partsOf(line) ?? { variables: [], words: [] }
  const before = variables.length > 0 || told !== '' ? ['env', ...(told === '' ? [] : ['PORT={port}']), ...variables] : []
  return [...before, ...all].map(quoted).join(' ')
}

/** The line as a daemon has it. */
export function daemonLine(line: string): string {
  const parts = line.includes('$') ? undefined : partsOf(line)
  if (parts === undefined) return `sh -c ${shellArgument(`exec ${line}`)}`
  return [...(parts.variables.length > 0 ? ['env', ...parts.variables] : []), ...parts.words].map(quoted).join(' ')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./{}-]+$/.test(word) ? word : shellArgument(word)
}

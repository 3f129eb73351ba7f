import { words } from '../runtime/words.ts'
import { shellArgument } from '../shell-quote.ts'
import { type AppTree, LONGEST_LINE, LONGEST_SHOWN, linesLike } from './tree.ts'

/** A line of a Procfile: a process of the application, as other platforms start it. */
export interface Process {
  readonly name: string
  readonly line: string
  /** `Procfile:2` */
  readonly place: string
}

/** As other platforms take it. */
const PROCESS = /^\s*([A-Za-z0-9][\w-]{0,50})\s*:\s*(\S.*)$/

export function processesOf(tree: AppTree): readonly Process[] {
  return linesLike(tree, 'Procfile', PROCESS).map(({ first, second, place }) => ({
    name: first,
    line: second,
    place,
  }))
}

/** A line that no platform would run as it was meant. */
export interface MisreadLine {
  readonly message: string
  readonly fix: string
  readonly line: number
}

/** Lines that are neither a process nor a comment, and processes whose name another line has: one of the two would be lost. */
export function misreadLines(tree: AppTree): readonly MisreadLine[] {
  const seen = new Map<string, number>()
  return tree.lines('Procfile').flatMap((text, index) => {
    const line = index + 1
    const shown = text.trim()
    if (shown === '' || shown.startsWith('#')) return []
    const name = text.length > LONGEST_LINE ? undefined : PROCESS.exec(text.trimEnd())?.[1]
    if (name === undefined) {
      const fix = 'Write NAME: COMMAND, such as web: ./serve --port $PORT, or put # in front of the line.'
      return [{ message: `"${shortened(shown)}" is no process: a process is NAME: COMMAND`, fix, line }]
    }
    const first = seen.get(name)
    seen.set(name, first ?? line)
    if (first === undefined) return []
    const fix = 'Give one of them another name, or remove it.'
    return [{ message: `the process ${name} is there already, in line ${first}`, fix, line }]
  })
}

function shortened(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`
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
  const parts = partsOf(line)
  if (parts === undefined) return `env PORT={port} ${inShell(line)}`
  const told = parts.words.some((word) => word.includes('{port}')) ? [] : ['PORT={port}']
  return oneLine([...told, ...parts.variables], parts.words)
}

/** The line as a daemon has it. */
export function daemonLine(line: string): string {
  const parts = line.includes('$') ? undefined : partsOf(line)
  return parts === undefined ? inShell(line) : oneLine(parts.variables, parts.words)
}

function oneLine(variables: readonly string[], all: readonly string[]): string {
  return [...(variables.length === 0 ? [] : ['env', ...variables]), ...all].map(quotedWord).join(' ')
}

/** The last of its commands takes the place of the shell, so that a signal reaches it; not where another part of the line needs the shell. */
function inShell(line: string): string {
  const plain = line.replaceAll(/'[^']*'|"[^"]*"|\$\([^()]*\)/g, (part) => '_'.repeat(part.length))
  const last = /^(?:.*&&)?\s*(?:[A-Za-z_]\w*=\S*\s+)*(?=[^\s=]+(?:\s|$))/.exec(plain)
  if (last === null || /[;|()`]|(?<![&>])&(?!&)|(?:^|&&)\s*exec\b/.test(plain)) return `sh -c ${shellArgument(line)}`
  const [{ length }] = last
  return `sh -c ${shellArgument(`${line.slice(0, length)}exec ${line.slice(length)}`)}`
}

/** Where Bundler installs the gems of an application, in each command of it. */
export const GEMS = 'BUNDLE_PATH=vendor/bundle'

/** The line with the gems that the build has installed. */
export function withGems(line: string, build: readonly string[]): string {
  return /^bundle\s/.test(line) && build.some((step) => step.includes(GEMS)) ? `${GEMS} ${line}` : line
}

export function quotedWord(word: string): string {
  return /^[\w@%+=:,./{}-]+$/.test(word) ? word : shellArgument(word)
}

import { accessText, parseAccessLine } from '../../log/access.ts'
import type { LogRecord } from '../../log/record.ts'
import { type Source, sourceText } from '../../log/source.ts'
import { levelOf } from '../../log/wanted.ts'
import { terminalText } from '../../terminal-text.ts'
import type { Millis } from '../../time.ts'

export interface Look {
  /** Of the column with the sources. */
  readonly width: number
  readonly isColoured: boolean
}

const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94]
const FAILED = 31
const FAINT = 2

/** `2026-11-29 10:41:16.123  blog/main  text`; what goes on stands below the text. */
export function recordText(record: LogRecord, { width, isColoured }: Look): string {
  const { at, source, lines, textFrom } = record
  const [first = '', ...rest] = lines
  const access = source.is === 'access' ? parseAccessLine(first) : undefined
  const name = sourceText(source)
  const paint = (text: string, colour: number): string => (isColoured ? `\x1b[${colour}m${text}\x1b[0m` : text)
  const level = levelOf(record)
  const isFailure = level === 'ERROR' || level === 'CRITICAL'
  const shown = terminalText(access === undefined ? first.slice(textFrom) : accessText(access))
  const indent = ' '.repeat(localText(at).length + width + 4)
  return [
    `${paint(localText(at), FAINT)}  ${paint(name.padEnd(width), colourOf(source))}  ${isFailure ? paint(shown, FAILED) : shown}`,
    ...rest.map((line) => indent + terminalText(line)),
  ].join('\n')
}

/** The same for programs. */
export function recordData(record: LogRecord): unknown {
  const { at, source, requestId, lines } = record
  const { is: kind, ...who } = source
  return {
    time: new Date(at).toISOString(),
    kind,
    ...who,
    level: levelOf(record) ?? null,
    request_id: requestId ?? null,
    text: lines.join('\n'),
  }
}

/** By the clock of this machine, as `--since` takes it. */
export function localText(at: Millis): string {
  const date = new Date(at)
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** Always the same one. */
function colourOf(source: Source): number {
  const sum = [...sourceText(source)].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) >>> 0, 7)
  return COLOURS[sum % COLOURS.length] ?? FAINT
}

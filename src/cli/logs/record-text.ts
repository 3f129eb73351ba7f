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

/**
 * `2026-11-29 10:41:16.123  blog/main  text`; what goes on stands below the text. Made once for many records: those that follow each
 * other have most of it in common, and a log of 20 MB a second has 200,000 of them.
 */
export function recordText({ width, isColoured }: Look): (record: LogRecord) => string {
  const paint = (text: string, colour: number): string => (isColoured ? `\x1b[${colour}m${text}\x1b[0m` : text)
  const columns = new Map<Source, string>()
  let last: { readonly at: Millis; readonly text: string } | undefined
  const whenOf = (at: Millis): string => {
    if (last?.at !== at) last = { at, text: paint(localText(at), FAINT) }
    return last.text
  }
  const columnOf = (source: Source): string => {
    const known = columns.get(source)
    if (known !== undefined) return known
    const column = paint(sourceText(source).padEnd(width), colourOf(source))
    columns.set(source, column)
    return column
  }
  return (record) => {
    const [first = '', ...rest] = record.lines
    const access = record.source.is === 'access' ? parseAccessLine(first) : undefined
    const level = levelOf(record)
    const shown = terminalText(access === undefined ? first.slice(record.textFrom) : accessText(access))
    const isFailure = level === 'ERROR' || level === 'CRITICAL'
    const line = `${whenOf(record.at)}  ${columnOf(record.source)}  ${isFailure ? paint(shown, FAILED) : shown}`
    if (rest.length === 0) return line
    const indent = ' '.repeat(localText(record.at).length + width + 4)
    return [line, ...rest.map((one) => indent + terminalText(one))].join('\n')
  }
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

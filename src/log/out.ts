import type { Level } from './level.ts'
import type { LogRecord } from './record.ts'
import { sourceText } from './source.ts'
import { levelOf } from './wanted.ts'

/** `journald`, or syslog on a socket of this machine or at an address. */
export type SendTo =
  | { readonly is: 'journald' }
  | { readonly is: 'socket'; readonly path: string }
  | { readonly is: 'address'; readonly host: string; readonly port: number }

/** Reads the setting `send_to`; undefined where nothing is to be sent. */
export function sendTo(written: string): SendTo | undefined {
  if (written === 'journald') return { is: 'journald' }
  const [, path, host, port] = /^syslog:(?:(\/.*)|\[?([^\]]+)\]?:(\d+))$/.exec(written) ?? []
  if (path !== undefined) return { is: 'socket', path }
  return host === undefined ? undefined : { is: 'address', host, port: Number(port) }
}

/** Numbers of RFC 5424. */
const SEVERITY: Readonly<Record<Level, number>> = { DEBUG: 7, INFO: 6, WARNING: 4, ERROR: 3, CRITICAL: 2 }
/** daemon. */
const FACILITY = 3
/** As mflog writes it behind the moment: `[INFO] (shop.cart#71) text {items=3}`. */
const MFLOG = /^\[(\w+)\] \(([^#()]*)#(\d+)\) (.*)$/s

/** What a record of no level counts as. */
export function levelFor(record: LogRecord): Level {
  return levelOf(record) ?? 'INFO'
}

/** One JSON object on one line, with the members that the original wrote: event, level, name, pid, timestamp, exception. */
export function jsonText(record: LogRecord): string {
  const { at, source, requestId, textFrom, lines } = record
  const [first = '', ...rest] = lines
  const { is: kind, ...who } = source
  const [, , name, pid, event] = MFLOG.exec(first.slice(textFrom).trimStart()) ?? []
  return JSON.stringify({
    timestamp: new Date(at).toISOString(),
    level: levelFor(record).toLowerCase(),
    event: event ?? first.slice(textFrom),
    ...(name === undefined ? {} : { name, pid: Number(pid) }),
    plugin: 'plugin' in who ? who.plugin : '#core#',
    kind,
    source: sourceText(source),
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(rest.length === 0 ? {} : { exception: rest.join('\n') }),
  })
}

/** A message of RFC 5424: the host, mfserv and its part, and the text in UTF-8. */
export function syslogText(record: LogRecord, host: string): string {
  const priority = FACILITY * 8 + SEVERITY[levelFor(record)]
  const id = record.requestId === undefined ? '-' : `[request@32473 id="${record.requestId.replaceAll(/["\\\]]/g, '\\$&')}"]`
  const head = `<${priority}>1 ${new Date(record.at).toISOString()} ${host} mfserv - ${messageId(record)} ${id}`
  return `${head} ${record.lines.join('\n')}`
}

/** A line for each line, with its priority in front, as systemd-cat and logger read them. */
export function prioritizedText(record: LogRecord, facility: 'with facility' | 'severity alone'): string {
  const severity = SEVERITY[levelFor(record)]
  const priority = facility === 'with facility' ? FACILITY * 8 + severity : severity
  return record.lines.map((line) => `<${priority}>${sourceText(record.source)}: ${line}\n`).join('')
}

/** At most 32 printable characters without a blank. */
function messageId({ source }: LogRecord): string {
  return sourceText(source)
    .replaceAll(/[^!-~]/g, '_')
    .slice(0, 32)
}

import type { Millis } from '../time.ts'
import { type AccessLine, levelOfStatus, parseAccessLine } from './access.ts'
import { isAtLeast, type Level } from './level.ts'
import type { LogRecord } from './record.ts'
import { pluginOf, type Source } from './source.ts'

/** Which records somebody asked for. */
export interface Wanted {
  readonly plugin?: string
  /** The id of a cron job, or its beginning. */
  readonly job?: string
  readonly level?: Level
  readonly grep?: RegExp
  /** A request: its id, and what nginx's access log knows of it. */
  readonly request?: WantedRequest
  readonly since?: Millis
}

export interface WantedRequest {
  readonly id: string
  readonly known: readonly AccessLine[]
}

/** nginx's error log has whole seconds, and the clock of nginx is that of the beginning of what it does at once. */
const ERROR_SLACK_MS = 1500

/** Whether a log may hold something of it: the others are not read. */
export function concerns(source: Source, wanted: Wanted): boolean {
  if (wanted.job !== undefined) return source.is === 'cron' && source.job.startsWith(wanted.job) && isOfPlugin(source, wanted)
  return isOfPlugin(source, wanted)
}

function isOfPlugin(source: Source, { plugin }: Wanted): boolean {
  const owner = pluginOf(source)
  return plugin === undefined || owner === undefined || owner === plugin
}

/** A record of a log that `concerns` it. */
export function isWanted(record: LogRecord, wanted: Wanted): boolean {
  const { level, grep, request, since } = wanted
  if (since !== undefined && record.at < since) return false
  if (!tellsOfPlugin(record, wanted)) return false
  if (level !== undefined && !isAtLeast(levelOf(record) ?? 'DEBUG', level)) return false
  if (request !== undefined && !belongsTo(record, request)) return false
  return grep === undefined || record.lines.some((line) => grep.test(line))
}

/** That of the line; of a request, that of its status. */
export function levelOf({ source, level, lines: [first = ''] }: LogRecord): Level | undefined {
  if (source.is !== 'access') return level
  const line = parseAccessLine(first)
  return line === undefined ? undefined : levelOfStatus(line.status)
}

/** What stands in a log that tells of all plugins. */
function tellsOfPlugin({ source, lines: [first = ''] }: LogRecord, { plugin }: Wanted): boolean {
  if (plugin === undefined || pluginOf(source) !== undefined) return true
  switch (source.is) {
    case 'access':
      return first.includes(`"plugin": "${plugin}"`) && parseAccessLine(first)?.plugin === plugin
    case 'nginx':
      return nginxNames(first, plugin)
    default:
      // A name has letters, digits, _ and -.
      return new RegExp(`(?<![\\w-])${RegExp.escape(plugin)}(?![\\w-])`).test(first)
  }
}

/** By the socket of a worker, by a file of the plugin, or by the path of the URL. */
function nginxNames(line: string, plugin: string): boolean {
  return (
    line.includes(`/${plugin}.`) ||
    line.includes(`/plugins/${plugin}/`) ||
    new RegExp(`request: "\\S+ /${RegExp.escape(plugin)}[/? ]`).test(line)
  )
}

/** By the id that it carries; of nginx's errors, by the connection and the request line while the request was under way. */
function belongsTo({ source, requestId, at, lines: [first = ''] }: LogRecord, { id, known }: WantedRequest): boolean {
  // The daemon names the request that ended its workers: `request 5c0d…, GET /blog, ended two workers`.
  if (source.is === 'mfserv') return requestId === id || first.includes(` request ${id}, `)
  if (source.is !== 'nginx') return requestId === id
  return known.some(({ connection, method, uri, durationMs, at: end }) => {
    if (connection === undefined || !first.includes(` *${connection} `)) return false
    if (at < end - durationMs - ERROR_SLACK_MS || at > end + ERROR_SLACK_MS) return false
    // One connection carries several requests, one after the other.
    return !first.includes(' request: "') || first.includes(` request: "${method} ${uri}`)
  })
}

import type { Millis } from '../time.ts'
import { type Level, levelNamed, levelNumbered } from './level.ts'
import { type LocalTime, momentOf, stampOf } from './stamp.ts'

/** What one line of a log says of itself. */
export interface LineFacts {
  /** Undefined for a line that names no moment. */
  readonly at: Millis | undefined
  readonly level: Level | undefined
  readonly requestId: string | undefined
  /** Where the text behind the moment begins. */
  readonly textFrom: number
  /** Whether something new begins with it; otherwise it goes on with what the line before it says. */
  readonly begins: boolean
}

const GOES_ON: LineFacts = { at: undefined, level: undefined, requestId: undefined, textFrom: 0, begins: false }

/** A level stands near the beginning, by itself: `[INFO]`, `ERROR:`, `[error] 12#12:`, `PHP Warning:`. */
const LEVEL =
  /(?:^|[\s[<(|"])(trace|verbose|debug|info|notice|warn|warning|deprecated|error|err|severe|crit|critical|alert|emerg|fatal|panic)(?=[\s\]>):|"]|$)/i
/** PHP has more words for what ends a script. */
const PHP_LEVEL = /PHP (?:(Warning|Notice|Deprecated)|(?:\w+ )?(?:Fatal|Parse) error):/
const LEVEL_WITHIN = 120
/** As every line of ours that belongs to a request ends: `{items=3 request_id=5c0d…}`. */
const REQUEST_ID = /[{ ]request_id=([\x21-\x7c]+)[} ]/
/** How programs that log in JSON call it. */
const MOMENT_KEYS = ['time', '@timestamp', 'timestamp', 'ts', 'date', 'datetime']
const LEVEL_KEYS = ['level', 'severity', 'lvl', 'levelname', 'log.level']
const ID_KEYS = ['request_id', 'requestId', 'req_id', 'reqId', 'x-request-id', 'x_request_id']

/** Reads one line, whatever wrote it. `local`: the clock of the machine, for moments without a zone. */
export function readLine(line: string, local: LocalTime): LineFacts {
  if (line.startsWith('{') && line.endsWith('}')) {
    const facts = ofJson(line, local)
    if (facts !== undefined) return facts
  }
  const stamp = stampOf(line, local)
  const requestId = line.includes('request_id=') ? REQUEST_ID.exec(line)?.[1] : undefined
  if (stamp === undefined) return requestId === undefined || /^\s/.test(line) ? GOES_ON : { ...GOES_ON, requestId, begins: true }
  return { at: stamp.at, level: levelIn(line, stamp.end), requestId, textFrom: stamp.end, begins: true }
}

/** Whether a text without a moment tells of a failure: a traceback that nobody logged. */
export function looksLikeFailure(line: string): boolean {
  return /^(Traceback \(most recent call last\):|Uncaught |Unhandled |\w*(Error|Exception)\b.*:)/.test(line)
}

function levelIn(line: string, from: number): Level | undefined {
  const near = line.slice(from, from + LEVEL_WITHIN)
  const php = PHP_LEVEL.exec(near)
  if (php !== null) return php[1] === undefined ? 'ERROR' : levelNamed(php[1])
  const [, word] = LEVEL.exec(near) ?? []
  return word === undefined ? undefined : levelNamed(word)
}

function ofJson(line: string, local: LocalTime): LineFacts | undefined {
  const record = parsed(line)
  if (record === undefined) return undefined
  const first = (keys: readonly string[]): unknown => keys.map((key) => record[key]).find((value) => value !== undefined)
  const level = first(LEVEL_KEYS)
  const id = first(ID_KEYS)
  return {
    at: momentOf(first(MOMENT_KEYS), local),
    level: typeof level === 'string' ? levelNamed(level) : typeof level === 'number' ? levelNumbered(level) : undefined,
    requestId: typeof id === 'string' ? id : idOfRequest(record['req']),
    textFrom: 0,
    begins: true,
  }
}

/** pino-http: `{"req":{"id":…,"headers":{"x-request-id":…}}}`. */
function idOfRequest(request: unknown): string | undefined {
  if (typeof request !== 'object' || request === null) return undefined
  const headers = 'headers' in request ? request.headers : undefined
  const header =
    typeof headers === 'object' && headers !== null && 'x-request-id' in headers ? headers['x-request-id'] : undefined
  if (typeof header === 'string') return header
  return 'id' in request && typeof request.id === 'string' ? request.id : undefined
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    // Braces of a text, or half a record.
    return undefined
  }
}

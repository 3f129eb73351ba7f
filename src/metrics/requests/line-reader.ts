import { type Fields, fieldsOf, requestLineOf } from '../../receipt/request-line.ts'
import type { Millis } from '../../time.ts'
import { type CountedRequest, kindOf } from './request.ts'

/** The members of a line that are counted; nginx writes them in any order, and others between them. */
const MEMBERS = ['time', 'duration', 'status', 'request_length', 'reply_length', 'plugin', 'app', 'upstream_addr'] as const

type Member = (typeof MEMBERS)[number]

interface Place {
  readonly member: Member
  /** What stands in front of its value. No value can hold it: a quote in one is escaped. */
  readonly before: string
}

const ZERO = 48
const NINE = 57
const POINT = 46
const MINUS = 45
const BACKSLASH = 92
const OPENING = 123
const CLOSING = 125

/**
 * Reads lines of the access log for counting. At 100,000 requests a second JSON.parse would take a whole processor, so a line is
 * read at the places where the members stood in the one before; what does not fit is read as JSON, and tells the new places.
 * Of members that are there twice the first counts: what a fragment adds stands behind those of mfserv.
 */
export class LineReader {
  #places: readonly Place[] = []
  /** Where the first of them stood. */
  #first = 0

  /** Reads the line of `text` from `from` to `to`. Undefined for what is no line of the access log, such as a torn one. */
  read(text: string, from = 0, to = text.length): CountedRequest | undefined {
    if (this.#places.length > 0 && text.charCodeAt(from) === OPENING && text.charCodeAt(to - 1) === CLOSING) {
      const known = this.#readKnown(text, from, to)
      if (known !== undefined) return known
    }
    const fields = fieldsOf(text.slice(from, to))
    const request = fields === undefined ? undefined : countedOf(fields)
    if (fields !== undefined && request !== undefined) this.#places = placesIn(fields)
    return request
  }

  #readKnown(text: string, from: number, to: number): CountedRequest | undefined {
    let at = from + this.#first
    let [time, duration, status, received, sent] = [-1, -1, -1, -1, -1]
    let [plugin, app, upstream] = ['', '', '']
    let isFirst = true
    for (const { member, before } of this.#places) {
      // Mostly it stands right here, and to look is several times as fast as to search.
      const found = text.startsWith(before, at) ? at : text.indexOf(before, isFirst ? from : at)
      if (found < 0 || found >= to) return undefined
      if (isFirst) this.#first = found - from
      isFirst = false
      at = found + before.length
      switch (member) {
        case 'time':
          time = thousandthsAt(text, at)
          at = endOfNumber(text, at)
          break
        case 'duration':
          duration = thousandthsAt(text, at)
          at = endOfNumber(text, at)
          break
        case 'status':
          status = wholeAt(text, at)
          at = endOfNumber(text, at)
          break
        case 'request_length':
          received = wholeAt(text, at)
          at = endOfNumber(text, at)
          break
        case 'reply_length':
          sent = wholeAt(text, at)
          at = endOfNumber(text, at)
          break
        default: {
          const end = text.indexOf('"', at)
          if (end < 0 || end >= to || text.charCodeAt(end - 1) === BACKSLASH) return undefined
          const value = text.slice(at, end)
          if (member === 'plugin') plugin = value
          else if (member === 'app') app = value
          else upstream = value
          at = end + 1
        }
      }
    }
    if (time < 0 || duration < 0 || status < 0 || received < 0 || sent < 0) return undefined
    return {
      at: time as Millis,
      plugin,
      app,
      kind: kindOf(app, upstream, status),
      status,
      durationMs: duration,
      receivedBytes: received,
      sentBytes: sent,
    }
  }
}

function countedOf(fields: Fields): CountedRequest | undefined {
  const request = requestLineOf(fields)
  if (request === undefined) return undefined
  const { at, plugin, app, status, durationMs } = request
  const { upstream_addr: upstream, request_length: received, reply_length: sent } = fields
  return {
    at,
    plugin,
    app,
    kind: kindOf(app, typeof upstream === 'string' ? upstream : '', status),
    status,
    durationMs,
    receivedBytes: typeof received === 'number' ? received : 0,
    sentBytes: typeof sent === 'number' ? sent : 0,
  }
}

/** None when a member is missing: such lines are read as JSON. */
function placesIn(fields: Fields): readonly Place[] {
  const places = Object.keys(fields).flatMap((name, index) => {
    const member = MEMBERS.find((one) => one === name)
    if (member === undefined) return []
    const quote = typeof fields[name] === 'string' ? '"' : ''
    return [{ member, before: `${index === 0 ? '' : ', '}"${member}": ${quote}` }]
  })
  return places.length === MEMBERS.length ? places : []
}

/** -1 where no number stands. */
function wholeAt(line: string, from: number): number {
  let value = 0
  let at = from
  for (let code = line.charCodeAt(at); code >= ZERO && code <= NINE; code = line.charCodeAt(++at))
    value = value * 10 + code - ZERO
  return at === from ? -1 : value
}

/** A number with exactly three decimals, as nginx writes seconds, in thousandths; -1 where none stands. */
function thousandthsAt(line: string, from: number): number {
  // A clock that was set back during a request makes its time negative.
  if (line.charCodeAt(from) === MINUS) return 0
  let value = 0
  let at = from
  for (let code = line.charCodeAt(at); (code >= ZERO && code <= NINE) || code === POINT; code = line.charCodeAt(++at))
    if (code !== POINT) value = value * 10 + code - ZERO
  return line.charCodeAt(at - 4) === POINT ? value : -1
}

function endOfNumber(line: string, from: number): number {
  let at = from
  for (let code = line.charCodeAt(at); (code >= ZERO && code <= NINE) || code === POINT; code = line.charCodeAt(++at));
  return at
}

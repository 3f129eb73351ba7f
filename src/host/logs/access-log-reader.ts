import { statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseRequestLine, type RequestLine } from '../../receipt/request-line.ts'
import type { Millis } from '../../time.ts'
import { now } from '../process/clock.ts'
import { bytesOf, LineSplitter, sizeOf } from './log-bytes.ts'
import { copiesOf, type LogFiles } from './log-chain.ts'
import { LogCursor } from './log-cursor.ts'

export interface AccessLogOptions {
  readonly file: string
  /** Only the requests of this plugin; absent: of all. */
  readonly plugin?: string
  /** Requests from this moment on are read back first. Undefined: only what is written from now on. */
  readonly since?: Millis
  /** Gets every request, nearly in the order of time. None of them is kept here. */
  readonly onRequest: (line: RequestLine) => void
}

const POLL_MS = 200
const PIECE_BYTES = 1 << 20
/** nginx writes a line at the latest so long after its request (`flush=1s` of its access_log), and needs a moment for it. */
const WRITTEN_WITHIN_MS = 1250
/** More is not read back: at 5,000 requests a second it holds more than ten seconds. */
const MOST_BYTES_BACK = 64 << 20

/** Follows the access log while a plugin is changed. It survives the rotation. */
export class AccessLogReader {
  readonly #options: AccessLogOptions
  readonly #mark: string
  readonly #timer: NodeJS.Timeout
  readonly #cursor: LogCursor
  readonly #lines = new LineSplitter()
  #fault: unknown

  private constructor(options: AccessLogOptions, cursor: LogCursor) {
    this.#options = options
    this.#mark = options.plugin === undefined ? '"plugin": "' : `"plugin": "${options.plugin}"`
    this.#cursor = cursor
    this.#timer = setInterval(() => this.#poll(), POLL_MS).unref()
  }

  /** Reads back to `since` before it answers. A log that is not there yet is an empty one. */
  static open(options: AccessLogOptions): AccessLogReader {
    const { file, since } = options
    const log = { directory: dirname(file), name: basename(file) }
    if (since === undefined) return new AccessLogReader(options, new LogCursor(log))
    const reader = new AccessLogReader(options, cursorAt(log, file, since))
    reader.#readNew((line) => line.at >= since)
    return reader
  }

  /** Answers once every request whose answer was complete at `until` has been given to `onRequest`. */
  async settled(until: Millis): Promise<void> {
    await delay(Math.max(0, until + WRITTEN_WITHIN_MS - now()))
    this.#poll()
    if (this.#fault !== undefined) throw this.#fault
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** What fails in the last look is thrown by `settled`. */
  #poll(): void {
    try {
      this.#readNew()
      this.#fault = undefined
    } catch (error) {
      this.#fault = error
    }
  }

  #readNew(accepts = (_line: RequestLine): boolean => true): void {
    for (let piece = this.#cursor.read(PIECE_BYTES); piece.length > 0; piece = this.#cursor.read(PIECE_BYTES)) {
      for (const text of this.#lines.take(piece)) {
        const line = text.includes(this.#mark) ? parseRequestLine(text) : undefined
        const isWanted = line?.plugin === (this.#options.plugin ?? line?.plugin)
        if (line !== undefined && isWanted && accepts(line)) this.#options.onRequest(line)
      }
    }
  }
}

/** Where to begin so that no request from `since` on is missed, in the file or in the copy before it. */
function cursorAt(log: LogFiles, file: string, since: Millis): LogCursor {
  const from = offsetOf(file, since)
  const copy = from === 0 ? copiesOf(log).at(-1) : undefined
  if (copy === undefined || statSync(copy).mtimeMs < since) return new LogCursor(log, from)
  return new LogCursor(log, offsetOf(copy, since), copy)
}

/** Lines of several nginx workers are not quite in order. */
function offsetOf(file: string, since: Millis): number {
  const size = sizeOf(file)
  const earliest = Math.max(0, size - MOST_BYTES_BACK)
  for (let at = size; at > earliest; ) {
    at = Math.max(earliest, at - PIECE_BYTES)
    const [, first = ''] = bytesOf(file, at, PIECE_BYTES).toString('utf8').split('\n', 2)
    const line = parseRequestLine(first)
    if (line !== undefined && line.at < since - WRITTEN_WITHIN_MS) return at
  }
  return earliest
}

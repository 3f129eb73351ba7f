import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseRequestLine, type RequestLine } from '../../receipt/request-line.ts'
import type { Millis } from '../../time.ts'
import { isErrno } from '../disk/errno.ts'
import { namesIn } from '../disk/names-in.ts'
import { now } from '../process/clock.ts'
import { isCopyOf } from './log-rotation.ts'

export interface AccessLogOptions {
  readonly file: string
  /** Only the requests of this plugin. */
  readonly plugin: string
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
/** So many bytes before the place where we go on tell whether the file is still the one we read. */
const ANCHOR_BYTES = 64

/** Follows the access log while a plugin is changed. It survives the rotation, which copies the file and empties it in place. */
export class AccessLogReader {
  readonly #options: AccessLogOptions
  readonly #mark: string
  readonly #timer: NodeJS.Timeout
  #offset: number
  /** The bytes before `offset`. */
  #anchor: Buffer = Buffer.alloc(0)
  /** The beginning of a line whose end is not written yet. */
  #rest: Buffer = Buffer.alloc(0)
  #fault: unknown

  private constructor(options: AccessLogOptions) {
    this.#options = options
    this.#mark = `"plugin": "${options.plugin}"`
    this.#offset = sizeOf(options.file)
    this.#timer = setInterval(() => this.#poll(), POLL_MS).unref()
  }

  /** Reads back to `since` before it answers. A log that is not there yet is an empty one. */
  static open(options: AccessLogOptions): AccessLogReader {
    const reader = new AccessLogReader(options)
    if (options.since !== undefined) reader.#readBack(options.since)
    reader.#anchor = bytesOf(options.file, Math.max(0, reader.#offset - ANCHOR_BYTES), Math.min(ANCHOR_BYTES, reader.#offset))
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

  #readNew(): void {
    const { file } = this.#options
    if (!this.#isSameFile()) {
      const copy = newestCopy(file)
      if (copy !== undefined) this.#readFrom(copy, this.#offset)
      this.#offset = 0
      this.#rest = Buffer.alloc(0)
    }
    this.#offset = this.#readFrom(file, this.#offset)
    const kept = Math.min(ANCHOR_BYTES, this.#offset)
    this.#anchor = bytesOf(file, this.#offset - kept, kept)
  }

  /** Emptied, and perhaps written again beyond the place where we were. */
  #isSameFile(): boolean {
    const { length } = this.#anchor
    return bytesOf(this.#options.file, this.#offset - length, length).equals(this.#anchor)
  }

  #readBack(since: Millis): void {
    const { file } = this.#options
    const end = this.#offset
    const from = offsetOf(file, since)
    const copy = from === 0 ? newestCopy(file) : undefined
    const accepts = (line: RequestLine): boolean => line.at >= since
    if (copy !== undefined && statSync(copy).mtimeMs >= since) this.#readFrom(copy, offsetOf(copy, since), accepts)
    this.#rest = Buffer.alloc(0)
    this.#offset = this.#readFrom(file, from, accepts, end)
  }

  /** Reads from `offset` to the end, or to `until`; answers where it stopped. */
  #readFrom(
    file: string,
    offset: number,
    accepts = (_line: RequestLine): boolean => true,
    until = Number.POSITIVE_INFINITY,
  ): number {
    for (let at = offset; ; ) {
      const piece = bytesOf(file, at, Math.min(PIECE_BYTES, until - at))
      if (piece.length === 0) return at
      at += piece.length
      const bytes = Buffer.concat([this.#rest, piece])
      const end = bytes.lastIndexOf(0x0a) + 1
      this.#rest = bytes.subarray(end)
      for (const text of bytes.toString('utf8', 0, end).split('\n')) {
        const line = text.includes(this.#mark) ? parseRequestLine(text) : undefined
        if (line !== undefined && line.plugin === this.#options.plugin && accepts(line)) this.#options.onRequest(line)
      }
    }
  }
}

/** Where to begin so that no request from `since` on is missed; lines of several nginx workers are not quite in order. */
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

function newestCopy(file: string): string | undefined {
  const name = namesIn(dirname(file))
    .filter((one) => isCopyOf(basename(file), one))
    .sort()
    .at(-1)
  return name === undefined ? undefined : join(dirname(file), name)
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** Fewer than `length` at the end of the file, none when there is no file. */
function bytesOf(file: string, offset: number, length: number): Buffer {
  if (length <= 0) return Buffer.alloc(0)
  try {
    const opened = openSync(file, 'r')
    try {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, fstatSync(opened).size - offset)))
      return bytes.subarray(0, readSync(opened, bytes, 0, bytes.length, offset))
    } finally {
      closeSync(opened)
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return Buffer.alloc(0)
    throw error
  }
}

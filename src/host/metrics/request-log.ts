import { statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type AppCounts, Counts } from '../../metrics/requests/counts.ts'
import { LineReader } from '../../metrics/requests/line-reader.ts'
import type { CountedRequest } from '../../metrics/requests/request.ts'
import type { Millis } from '../../time.ts'
import { MOST_LINE_BYTES } from '../logs/log-bytes.ts'
import { copiesOf, type LogFiles } from '../logs/log-chain.ts'
import { LogCursor, type LogPlace } from '../logs/log-cursor.ts'

/** What is kept of the counting, as one file: a line stands behind the place or is in the counts, never both and never neither. */
export interface KeptCounting {
  readonly place: LogPlace
  /** The beginning of a line whose end was not there yet, in base64. */
  readonly rest: string
  /** Older requests are not counted. */
  readonly since: Millis
  readonly losses: number
  readonly unreadable: number
  readonly counts: readonly AppCounts[]
}

/** Gets each request once it is counted, with its line. */
export type Hear = (request: CountedRequest, line: string) => void

const PIECE_BYTES = 256 << 10
const NEWLINE = 0x0a
const EMPTY: Buffer = Buffer.alloc(0)

/** Counts the lines of the access log, each once, over its rotations and over the end of the process that counts. */
export class RequestLog {
  readonly #cursor: LogCursor
  readonly #since: Millis
  readonly #counts: Counts
  readonly #lossesBefore: number
  readonly #reader = new LineReader()
  readonly #hear: Hear | undefined
  #rest: Buffer
  #unreadable: number
  #hasChanged = true

  private constructor(cursor: LogCursor, kept: Omit<KeptCounting, 'place'>, hear: Hear | undefined) {
    this.#cursor = cursor
    this.#since = kept.since
    this.#counts = Counts.from(kept.counts)
    this.#rest = Buffer.from(kept.rest, 'base64')
    this.#lossesBefore = kept.losses
    this.#unreadable = kept.unreadable
    this.#hear = hear
  }

  /** Goes on with what was kept, or counts the requests from `since` on. */
  static open(file: string, kept: KeptCounting | undefined, since: Millis, hear?: Hear): RequestLog {
    const log = { directory: dirname(file), name: basename(file) }
    if (kept !== undefined) return new RequestLog(LogCursor.at(log, kept.place), kept, hear)
    return new RequestLog(begin(log, since), { rest: '', since, losses: 0, unreadable: 0, counts: [] }, hear)
  }

  /** Counts what is there, but for no longer than a moment. */
  read(forMs: number): 'all read' | 'more' {
    const began = performance.now()
    do {
      const piece = this.#cursor.read(PIECE_BYTES)
      if (piece.length === 0) return 'all read'
      this.#hasChanged = true
      this.#take(piece)
    } while (performance.now() - began < forMs)
    return 'more'
  }

  /** What to keep; undefined when it is what was kept last. */
  changed(): KeptCounting | undefined {
    if (!this.#hasChanged) return undefined
    this.#hasChanged = false
    return {
      place: this.#cursor.place(),
      rest: this.#rest.toString('base64'),
      since: this.#since,
      losses: this.losses,
      unreadable: this.#unreadable,
      counts: this.counts(),
    }
  }

  /** `changed` has not been written: it answers again. */
  notKept(): void {
    this.#hasChanged = true
  }

  counts(): readonly AppCounts[] {
    return this.#counts.all()
  }

  get losses(): number {
    return this.#lossesBefore + this.#cursor.losses
  }

  get unreadable(): number {
    return this.#unreadable
  }

  unreadBytes(): number {
    return this.#cursor.left()
  }

  #take(piece: Buffer): void {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    const end = bytes.lastIndexOf(NEWLINE) + 1
    const isEndless = end === 0 && bytes.length > MOST_LINE_BYTES
    if (isEndless) this.#unreadable += 1
    this.#rest = isEndless ? EMPTY : Buffer.from(bytes.subarray(end))
    // What is counted is ASCII. One byte for each character makes this several times as fast.
    const text = bytes.toString('latin1', 0, end)
    for (let at = 0; at < text.length; ) {
      const to = text.indexOf('\n', at)
      this.#count(text, at, to)
      at = to + 1
    }
  }

  #count(text: string, from: number, to: number): void {
    const request = this.#reader.read(text, from, to)
    if (request === undefined) this.#unreadable += 1
    else if (request.at >= this.#since) {
      this.#counts.add(request)
      this.#hear?.(request, text.slice(from, to))
    }
  }
}

/** At the beginning of the log, or of a copy that may hold a request from `since` on. */
function begin(log: LogFiles, since: Millis): LogCursor {
  const copy = copiesOf(log).find((one) => statSync(one).mtimeMs >= since)
  return new LogCursor(log, 0, copy)
}

/** What a file of an mfserv holds that kept its counts; undefined when it is none, or of another version. */
export function asKeptCounting(value: unknown): KeptCounting | undefined {
  const names: readonly (keyof KeptCounting)[] = ['place', 'rest', 'since', 'losses', 'unreadable', 'counts']
  const isKept = (one: unknown): one is KeptCounting =>
    typeof one === 'object' && one !== null && names.every((name) => name in one)
  return isKept(value) ? value : undefined
}

/** Where it is kept below the runtime home. */
export function countingFile(directory: string): string {
  return join(directory, 'requests.json')
}

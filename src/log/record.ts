import type { Millis } from '../time.ts'
import type { Level } from './level.ts'
import type { LineFacts } from './line.ts'
import { looksLikeFailure } from './line.ts'
import type { Source } from './source.ts'

/** What was logged at once: a line, and those below it that go on with it. */
export interface LogRecord {
  /** When it was written, as far as it is known: that of the record before it where it names none. */
  readonly at: Millis
  readonly source: Source
  readonly level: Level | undefined
  readonly requestId: string | undefined
  /** At least one. */
  readonly lines: readonly string[]
  /** Where in the first of them the text behind the moment begins. */
  readonly textFrom: number
}

/** One line of a file with what it says, and where it begins there. */
export interface PlacedLine {
  readonly text: string
  readonly facts: LineFacts
}

/** So many lines go on with one. What follows them begins something new, so that an endless text is no endless record. */
export const MOST_LINES = 500

/** A record of lines that follow each other, the first of which begins it; `at` where it names no moment. */
export function recordOf(source: Source, [first, ...rest]: readonly [PlacedLine, ...PlacedLine[]], at: Millis): LogRecord {
  const { facts } = first
  const lines = [first, ...rest].map(({ text }) => text)
  return {
    at: facts.at ?? at,
    source,
    level: facts.level ?? (lines.some(looksLikeFailure) ? 'ERROR' : undefined),
    requestId: facts.requestId,
    lines,
    textFrom: facts.textFrom,
  }
}

/**
 * Lines that no line with a moment stands above, such as all of a program that prints: each is one of its own, except for what
 * hangs together, a traceback or a block that is indented or closed.
 */
export function looseGroups(lines: readonly PlacedLine[]): readonly (readonly [PlacedLine, ...PlacedLine[]])[] {
  const groups: [PlacedLine, ...PlacedLine[]][] = []
  let isTraceback = false
  for (const line of lines) {
    const last = groups.at(-1)
    const isInside = /^([\s})\]]|#\d+ |Stack trace:)/.test(line.text) || line.text === ''
    if (last !== undefined && (isInside || isTraceback || /^(Caused by:|The above exception|During handling)/.test(line.text)))
      last.push(line)
    else groups.push([line])
    if (line.text.startsWith('Traceback (')) isTraceback = true
    else if (!isInside) isTraceback = false
  }
  return groups
}

/** Makes records of lines as they come, oldest first. */
export class Grouper {
  readonly #source: Source
  #lines: [PlacedLine, ...PlacedLine[]] | undefined
  #at: Millis

  /** `at`: for lines before the first that names a moment. */
  constructor(source: Source, at: Millis) {
    this.#source = source
    this.#at = at
  }

  /** The records that are complete now that this line has come. `at`: what is known of their moment where they name none. */
  take(line: PlacedLine, at?: Millis): readonly LogRecord[] {
    if (this.#lines !== undefined && !line.facts.begins && this.#lines.length < MOST_LINES) {
      this.#lines.push(line)
      return []
    }
    const done = this.flush(at)
    this.#lines = [line]
    return done
  }

  /** What is there, complete or not; nothing is kept. */
  flush(at?: Millis): readonly LogRecord[] {
    const lines = this.#lines
    if (lines === undefined) return []
    this.#lines = undefined
    this.#at = lines[0].facts.at ?? at ?? this.#at
    const groups = lines[0].facts.begins ? [lines] : looseGroups(lines)
    return groups.map((group) => recordOf(this.#source, group, this.#at))
  }
}

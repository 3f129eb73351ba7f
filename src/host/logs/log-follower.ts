import { readLine } from '../../log/line.ts'
import { Grouper, type LogRecord } from '../../log/record.ts'
import { type Source, sourceText } from '../../log/source.ts'
import { isWanted, type Wanted } from '../../log/wanted.ts'
import type { Millis } from '../../time.ts'
import { LineSplitter, sizeOf } from './log-bytes.ts'
import { fileOf, type LogChain, localTime } from './log-chain.ts'
import { LogCursor } from './log-cursor.ts'
import { chainsOf, type Ends } from './read-logs.ts'

/** So much of one log is read in one look. */
const LOOK_BYTES = 4 << 20
/** Who lies further behind leaves out what is older than the end. */
const MOST_BEHIND_BYTES = 32 << 20
const KEPT_BYTES = 256 << 10

export interface Seen {
  readonly records: readonly LogRecord[]
  /** What could not be shown, because it was written faster than it was read. */
  readonly leftOut: readonly { readonly source: Source; readonly bytes: number }[]
  /** Whether there is more already. */
  readonly isBehind: boolean
}

interface Followed {
  readonly chain: LogChain
  readonly cursor: LogCursor
  lines: LineSplitter
  readonly grouper: Grouper
}

/** What is written into the logs of a directory from now on, rotations and new files included. It holds one look at a time. */
export class LogFollower {
  readonly #directory: string
  readonly #wanted: Wanted
  readonly #followed = new Map<string, Followed>()
  /** Where each log ended when it began to follow. */
  readonly ends: Ends

  constructor(directory: string, wanted: Wanted) {
    this.#directory = directory
    this.#wanted = wanted
    const ends = new Map<string, number>()
    for (const chain of chainsOf(directory, wanted)) {
      const end = sizeOf(fileOf(chain))
      ends.set(chain.name, end)
      this.#add(chain, end)
    }
    this.ends = ends
  }

  look(now: Millis): Seen {
    for (const chain of chainsOf(this.#directory, this.#wanted)) if (!this.#followed.has(chain.name)) this.#add(chain, 0)
    const looks = [...this.#followed.values()].map((one) => lookAt(one, now))
    return {
      records: looks
        .flatMap(({ records }) => records)
        .filter((record) => isWanted(record, this.#wanted))
        .sort((one, other) => one.at - other.at),
      leftOut: looks.flatMap(({ source, skipped }) => (skipped > 0 ? [{ source, bytes: skipped }] : [])),
      isBehind: looks.some(({ isBehind }) => isBehind),
    }
  }

  #add(chain: LogChain, offset: number): void {
    const { source, name } = chain
    const cursor = new LogCursor(chain, offset)
    this.#followed.set(name, { chain, cursor, lines: new LineSplitter(), grouper: new Grouper(source, 0 as Millis) })
  }
}

export function leftOutText({ source, bytes }: Seen['leftOut'][number]): string {
  const mib = Math.max(0.1, bytes / (1 << 20)).toFixed(1)
  return `left out ${mib} MiB of ${sourceText(source)}: it was written faster than it is shown here`
}

interface Look {
  readonly source: Source
  readonly records: readonly LogRecord[]
  readonly skipped: number
  readonly isBehind: boolean
}

function lookAt(one: Followed, now: Millis): Look {
  const { cursor, grouper, chain } = one
  const left = cursor.left()
  const skipped = left > MOST_BEHIND_BYTES ? cursor.skip(KEPT_BYTES) : 0
  if (skipped > 0) one.lines = new LineSplitter()
  const piece = cursor.read(LOOK_BYTES)
  // After a jump the first line is the end of one.
  const lines = one.lines.take(piece).slice(skipped > 0 ? 1 : 0)
  const records = lines.flatMap((text) => grouper.take({ text, facts: readLine(text, localTime) }, now))
  // Nothing followed for a whole look: the record is complete.
  const quiet = piece.length === 0 ? grouper.flush(now) : []
  return { source: chain.source, records: [...records, ...quiet], skipped, isBehind: left - skipped > piece.length }
}

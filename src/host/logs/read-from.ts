import { readLine } from '../../log/line.ts'
import { straightened } from '../../log/merge.ts'
import { Grouper, type LogRecord } from '../../log/record.ts'
import { later, type Millis } from '../../time.ts'
import { bytesOf, LineSplitter, sizeOf } from './log-bytes.ts'
import { copiesOf, fileOf, type LogChain, localTime, writtenAt } from './log-chain.ts'
import { LogCursor } from './log-cursor.ts'
import { PORTIONS } from './read-back.ts'

const PIECE_BYTES = 256 << 10
/** Of a log whose lines name no moment, so much of its end is taken to be new. */
const UNTIMED_BYTES = 1 << 20

/** The records of a log from `since` on, oldest first, and perhaps some before it; up to the byte `end` of the file in use. */
export function recordsFrom(chain: LogChain, since: Millis, end = Number.POSITIVE_INFINITY): Generator<LogRecord> {
  const records = readFrom(chain, since, end)
  return chain.source.is === 'access' ? straightened(records, 'oldest first', PORTIONS) : records
}

function* readFrom(chain: LogChain, since: Millis, end: number): Generator<LogRecord> {
  const files = [...copiesOf(chain), fileOf(chain)]
  const first = files.findIndex((file) => (writtenAt(file) ?? 0) >= since)
  const file = files[first]
  if (file === undefined) return
  const start = startIn(file, since)
  const cursor = new LogCursor(chain, start.offset, first === files.length - 1 ? undefined : file)
  const lines = new LineSplitter()
  const grouper = new Grouper(chain.source, start.at)
  let left = cursor.left() - Math.max(0, sizeOf(fileOf(chain)) - end)
  for (let piece = cursor.read(Math.min(left, PIECE_BYTES)); piece.length > 0; piece = cursor.read(Math.min(left, PIECE_BYTES))) {
    left -= piece.length
    for (const text of lines.take(piece)) yield* grouper.take({ text, facts: readLine(text, localTime) })
  }
  for (const text of lines.flush()) yield* grouper.take({ text, facts: readLine(text, localTime) })
  yield* grouper.flush()
}

/** Where to begin, and what is known of the lines there that name no moment. */
interface Start {
  readonly offset: number
  readonly at: Millis
}

/** By halves: lines are in order but for some seconds. */
function startIn(file: string, since: Millis): Start {
  const earliest = later(since, -PORTIONS.withinMs)
  const size = sizeOf(file)
  let [low, high] = [0, size]
  while (high - low > PIECE_BYTES) {
    const middle = Math.floor((low + high) / 2)
    const at = firstMoment(file, middle)
    if (at !== undefined && at < earliest) low = middle
    else high = middle
  }
  const isUntimed = low === 0 && firstMoment(file, 0) === undefined && firstMoment(file, size - PIECE_BYTES) === undefined
  if (isUntimed) return { offset: Math.max(0, size - UNTIMED_BYTES), at: writtenAt(file) ?? since }
  // Before the first line that names one, they are older.
  return { offset: low, at: later(since, -1) }
}

/** Of the first line behind this place that names one; undefined where none is near. */
function firstMoment(file: string, offset: number): Millis | undefined {
  const [, ...lines] = bytesOf(file, Math.max(0, offset - 1), PIECE_BYTES)
    .toString('utf8')
    .split('\n')
  const begun = offset <= 0 ? bytesOf(file, 0, PIECE_BYTES).toString('utf8').split('\n') : lines
  for (const line of begun.slice(0, -1)) {
    const { at } = readLine(line, localTime)
    if (at !== undefined) return at
  }
  return undefined
}

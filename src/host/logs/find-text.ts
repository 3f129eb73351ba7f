import { readLine } from '../../log/line.ts'
import { Grouper, type LogRecord } from '../../log/record.ts'
import type { Millis } from '../../time.ts'
import { bytesOf, LineSplitter } from './log-bytes.ts'
import { copiesOf, fileOf, type LogChain, localTime } from './log-chain.ts'

const PIECE_BYTES = 1 << 20
/** What goes on below the line with the text. */
const RECORD_BYTES = 64 << 10
const NEWLINE = 0x0a

/** The records of a log in whose first line a text stands, oldest first. Bytes are compared, so that 100 MB take no second. */
export function* recordsWith(chain: LogChain, text: string, at: Millis): Generator<LogRecord> {
  for (const file of [...copiesOf(chain), fileOf(chain)]) {
    for (const offset of linesWith(file, Buffer.from(text))) {
      const grouper = new Grouper(chain.source, at)
      const lines = new LineSplitter()
      const piece = bytesOf(file, offset, RECORD_BYTES)
      const records = [...lines.take(piece), ...lines.flush()].flatMap((line) =>
        grouper.take({ text: line, facts: readLine(line, localTime) }),
      )
      const [record] = [...records, ...grouper.flush()]
      if (record !== undefined) yield record
    }
  }
}

/** Where the lines begin that have these bytes. */
function* linesWith(file: string, wanted: Buffer): Generator<number> {
  let told = -1
  for (let from = 0; ; ) {
    const piece = bytesOf(file, from, PIECE_BYTES)
    // The line that a piece ends in is looked at with the next one, unless it is longer than a piece.
    const cut = piece.length < PIECE_BYTES ? piece.length : piece.lastIndexOf(NEWLINE) + 1
    const whole = piece.subarray(0, cut === 0 ? piece.length : cut)
    for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + wanted.length)) {
      const begin = from + (at === 0 ? 0 : whole.lastIndexOf(NEWLINE, at - 1) + 1)
      if (begin !== told) yield begin
      told = begin
    }
    from += whole.length
    if (piece.length < PIECE_BYTES) return
  }
}

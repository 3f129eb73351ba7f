import { readLine } from '../../log/line.ts'
import { Grouper, type LogRecord } from '../../log/record.ts'
import type { Millis } from '../../time.ts'
import { bytesOf, MOST_LINE_BYTES } from './log-bytes.ts'
import { copiesOf, fileOf, type LogChain, localTime } from './log-chain.ts'

const PIECE_BYTES = 1 << 20
const NEWLINE = 0x0a

/** The records of a log in one of whose lines a text stands, oldest first. Bytes are compared, so that 100 MB take no second. */
export function* recordsWith(chain: LogChain, text: string, at: Millis): Generator<LogRecord> {
  const wanted = Buffer.from(text)
  let grouper: Grouper | undefined
  for (const lines of wholeLines(chain)) {
    for (let from = 0; from < lines.length; ) {
      if (grouper === undefined) {
        const found = lines.indexOf(wanted, from)
        if (found < 0) break
        from = Math.max(from, found === 0 ? 0 : lines.lastIndexOf(NEWLINE, found - 1) + 1)
        grouper = new Grouper(chain.source, at)
      }
      const end = lines.indexOf(NEWLINE, from)
      const line = lines.toString('utf8', from, end < 0 ? lines.length : end)
      const [record] = grouper.take({ text: line, facts: readLine(line, localTime) })
      if (record === undefined) {
        from = end < 0 ? lines.length : end + 1
        continue
      }
      // This line begins another record, which may have the text as well.
      yield record
      grouper = undefined
    }
  }
  yield* (grouper?.flush() ?? []).slice(0, 1)
}

/** The bytes of a log and of its copies in pieces that end with a line, unless one is too long: one may begin in a copy and end behind it. */
function* wholeLines(chain: LogChain): Generator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for (const file of [...copiesOf(chain), fileOf(chain)]) {
    for (let from = 0; ; ) {
      const piece = bytesOf(file, from, PIECE_BYTES)
      if (piece.length === 0) break
      from += piece.length
      const bytes = Buffer.concat([rest, piece])
      const end = bytes.lastIndexOf(NEWLINE) + 1
      const cut = end === 0 && bytes.length > MOST_LINE_BYTES ? bytes.length : end
      rest = bytes.subarray(cut)
      yield bytes.subarray(0, cut)
    }
  }
  yield rest
}

import { readLine } from '../../log/line.ts'
import { straightened } from '../../log/merge.ts'
import { type LogRecord, looseGroups, MOST_LINES, type PlacedLine, recordOf } from '../../log/record.ts'
import type { Millis } from '../../time.ts'
import { linesBack, piecesBack, sizeOf } from './log-bytes.ts'
import { copiesOf, fileOf, type LogChain, localTime, writtenAt } from './log-chain.ts'

/** nginx writes its requests in portions, at least once a second, and each of its processes has its own. */
export const PORTIONS = { withinMs: 2500, most: 50_000 }

/**
 * The records of a log, newest first, from the byte `end` of its file on back through its copies. Nothing is read before it is
 * asked for. Lines that name no moment have that of what follows them, at the end of the file that of its last change.
 */
export function recordsBack(chain: LogChain, end = sizeOf(fileOf(chain))): Generator<LogRecord> {
  const records = grouped(chain, placedBack(chain, end), writtenAt(fileOf(chain)) ?? (0 as Millis))
  return chain.source.is === 'access' ? straightened(records, 'newest first', PORTIONS) : records
}

function* placedBack(chain: LogChain, end: number): Generator<PlacedLine> {
  for (const text of linesBack(chainBack(chain, end))) yield { text, facts: readLine(text, localTime) }
}

/** A line may begin in a copy and end in what came after it. */
function* chainBack(chain: LogChain, end: number): Generator<Buffer> {
  yield* piecesBack(fileOf(chain), end)
  for (const copy of copiesOf(chain).toReversed()) yield* piecesBack(copy, sizeOf(copy))
}

function* grouped({ source }: LogChain, lines: Iterable<PlacedLine>, written: Millis): Generator<LogRecord> {
  let at = written
  let below: PlacedLine[] = []
  for (const line of lines) {
    if (line.facts.begins) {
      const record = recordOf(source, [line, ...below.reverse()], at)
      at = record.at
      below = []
      yield record
      continue
    }
    below.push(line)
    // Nothing begins here: a program that only prints.
    if (below.length >= MOST_LINES) {
      yield* loose(below, at)
      below = []
    }
  }
  yield* loose(below, at)

  function* loose(newestFirst: readonly PlacedLine[], moment: Millis): Generator<LogRecord> {
    for (const group of looseGroups(newestFirst.toReversed()).toReversed()) yield recordOf(source, group, moment)
  }
}

import { type AccessLine, parseAccessLine } from '../../log/access.ts'
import { merged } from '../../log/merge.ts'
import type { LogRecord } from '../../log/record.ts'
import { concerns, isWanted, type Wanted } from '../../log/wanted.ts'
import { later, type Millis } from '../../time.ts'
import { recordsWith } from './find-text.ts'
import { chainsIn, fileOf, type LogChain, writtenAt } from './log-chain.ts'
import { recordsBack } from './read-back.ts'
import { recordsFrom } from './read-from.ts'

/** Where the file in use of each log ended at a moment: what is read back ends there, and what is followed begins there. */
export type Ends = ReadonlyMap<string, number>

/** The logs of a directory that may hold something of what is wanted. */
export function chainsOf(directory: string, wanted: Wanted): readonly LogChain[] {
  return chainsIn(directory).filter(({ source }) => concerns(source, wanted))
}

/** The last records that are wanted, at most `most`, oldest first. Files are read from their ends, no further than needed. */
export function lastRecords(directory: string, wanted: Wanted, most: number, ends?: Ends): readonly LogRecord[] {
  const { since } = wanted
  const chains = chainsOf(directory, wanted)
  const found: LogRecord[] = []
  if (most === 0) return found
  for (const record of merged(
    chains.map((chain) => recordsBack(chain, ends?.get(chain.name))),
    'newest first',
  )) {
    if (since !== undefined && record.at < since) break
    if (isWanted(record, wanted) && found.push(record) === most) break
  }
  return found.reverse()
}

/** All records from `since` on that are wanted, oldest first. */
export function* recordsSince(directory: string, wanted: Wanted, since: Millis, ends?: Ends): Generator<LogRecord> {
  const chains = chainsOf(directory, wanted)
  for (const record of merged(
    chains.map((chain) => recordsFrom(chain, since, ends?.get(chain.name))),
    'oldest first',
  ))
    if (isWanted(record, wanted)) yield record
}

/**
 * What there is of one request, oldest first: the lines that carry its id, and nginx's errors of its connection while it was
 * under way. A line without a moment of its own stands where the request begins.
 */
export function recordsOfRequest(directory: string, id: string, wanted: Wanted): readonly LogRecord[] {
  const chains = chainsOf(directory, { ...wanted, request: { id, known: [] } })
  const access = ofKind(chains, 'access').flatMap((chain) => [...recordsWith(chain, `"${id}"`, 0 as Millis)])
  const known = access.flatMap(({ lines: [first = ''] }) => asked(first, id))
  const request = { id, known }
  const [first] = known
  const began = first === undefined ? undefined : later(first.at, -first.durationMs)
  const apps = chains
    .filter(({ source }) => source.is !== 'access' && source.is !== 'nginx')
    .flatMap((chain) => [...recordsWith(chain, id, began ?? lastWritten(chain))])
  const errors = ofKind(chains, 'nginx').flatMap((chain) =>
    connectionsOf(known).flatMap((connection) => [...recordsWith(chain, ` *${connection} `, 0 as Millis)]),
  )
  return (
    [...apps, ...errors, ...access]
      .filter((record) => isWanted(record, { ...wanted, request }))
      // nginx's error log has whole seconds.
      .map((record) =>
        began !== undefined && record.at < began && record.source.is === 'nginx' ? { ...record, at: began } : record,
      )
      .sort((one, other) => one.at - other.at)
  )
}

function ofKind(chains: readonly LogChain[], kind: 'access' | 'nginx'): readonly LogChain[] {
  return chains.filter(({ source }) => source.is === kind)
}

function lastWritten(chain: LogChain): Millis {
  return writtenAt(fileOf(chain)) ?? (0 as Millis)
}

function asked(line: string, id: string): readonly AccessLine[] {
  const request = parseAccessLine(line)
  return request?.requestId === id ? [request] : []
}

function connectionsOf(known: readonly AccessLine[]): readonly number[] {
  return [...new Set(known.flatMap(({ connection }) => connection ?? []))]
}

import { box } from '../../../src/cli/table.ts'
import type { Verdict } from './verdict.ts'

/** One power cut, and what came of it. */
export interface Cut {
  readonly operation: string
  /** In milliseconds after the operation began. */
  readonly momentMs: number
  readonly verdict: Verdict
}

/** A row for each operation that was asked for. */
export function tableOf(operations: readonly string[], cuts: readonly Cut[]): string {
  const rows = operations.map((operation) => {
    const own = cuts.filter((cut) => cut.operation === operation)
    const served = (what: 'old' | 'new'): string => String(own.filter(({ verdict }) => verdict.served === what).length)
    const failed = own.filter(({ verdict }) => verdict.failures.length > 0).length
    return [
      operation,
      String(own.length),
      rangeOf(own.map(({ momentMs }) => momentMs)),
      served('old'),
      served('new'),
      String(failed),
    ]
  })
  const head = ['operation', 'cuts', 'ms after it began', 'old serves', 'new serves', 'failed']
  return box({ title: 'Power cuts', head, rows })
}

/** The least, the one in the middle, and the most. */
function rangeOf(moments: readonly number[]): string {
  const sorted = moments.toSorted((one, other) => one - other)
  const [least, middle, most] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)]
  return [least, middle, most].every((moment) => moment === undefined) ? '' : `${least} / ${middle} / ${most}`
}

/** Whether each operation was cut as often as was wanted, and never badly. */
export function isGood(operations: readonly string[], cuts: readonly Cut[], wanted: number): boolean {
  const isWhole = operations.every((operation) => cuts.filter((cut) => cut.operation === operation).length >= wanted)
  return isWhole && cuts.every(({ verdict }) => verdict.failures.length === 0)
}

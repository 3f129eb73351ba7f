import { box } from '../../../src/cli/table.ts'
import type { Where } from './cut.ts'
import type { Verdict } from './verdict.ts'

/** One power cut, and what came of it. */
export interface Tried {
  readonly operation: string
  readonly where: Where
  /** In milliseconds after the operation began. */
  readonly momentMs: number
  readonly verdict: Verdict
}

/** A row for each operation that was asked for. */
export function tableOf(operations: readonly string[], tried: readonly Tried[]): string {
  const rows = operations.map((operation) => {
    const own = tried.filter((cut) => cut.operation === operation)
    const count = (is: (cut: Tried) => boolean): string => String(own.filter(is).length)
    return [
      operation,
      count(({ where }) => where === 'machine'),
      count(({ where }) => where === 'container'),
      rangeOf(own.map(({ momentMs }) => momentMs)),
      count(({ verdict }) => verdict.served === 'old'),
      count(({ verdict }) => verdict.served === 'new'),
      count(({ verdict }) => verdict.failures.length > 0),
    ]
  })
  const head = ['operation', 'in a machine', 'in a container', 'ms after it began', 'old serves', 'new serves', 'failed']
  return box({ title: 'Power cuts', head, rows })
}

/** The least, the one in the middle, and the most. */
function rangeOf(moments: readonly number[]): string {
  const sorted = moments.toSorted((one, other) => one - other)
  const [least, middle, most] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)]
  return [least, middle, most].every((moment) => moment === undefined) ? '' : `${least} / ${middle} / ${most}`
}

/** Whether the power was cut in each operation as often as was wanted, and never badly. */
export function isGood(operations: readonly string[], tried: readonly Tried[], wanted: number): boolean {
  const isWhole = operations.every((operation) => tried.filter((cut) => cut.operation === operation).length >= wanted)
  return isWhole && tried.every(({ verdict }) => verdict.failures.length === 0)
}

import type { Measured } from './measure.ts'
import type { Outcome, Receipt } from './receipt.ts'

/** A receipt as a person reads it: what was done, what it cost, then the numbers side by side. */
export function receiptText(receipt: Receipt): string {
  const { phases, outcome } = receipt
  return [
    `${titleOf(receipt)}: ${outcomeText(outcome)}`,
    lossText(receipt),
    '',
    ...numbers(receipt),
    ...phasesText(phases),
    `Memory: ${megabytes(receipt.memoryBeforeBytes)} before, ${megabytes(receipt.memoryPeakBytes)} at the peak.`,
  ].join('\n')
}

/** One line of a history, without the last output of what failed. `time`: how its beginning is to be written. */
export function receiptLine(receipt: Receipt, time: string): string {
  const { during, accessLog, outcome, phases } = receipt
  const loss = accessLog === 'off' ? 'not counted' : `${during.failed} of ${during.requests} failed`
  const [came = ''] = outcomeText(outcome).split('\n')
  return `${time}  ${titleOf(receipt)}  ${loss}  ${together(phases)}  ${came}`
}

function phasesText(phases: Receipt['phases']): readonly string[] {
  if (phases.length === 0) return []
  const names = phases.map(({ name }) => name)
  const times = rightAligned(phases.map(({ ms }) => duration(ms)))
  const rows = names.map((name, row) => `  ${name.padEnd(longest(names))}  ${times[row]}`)
  return [`Phases, together ${together(phases)}:`, ...rows, '']
}

function together(phases: Receipt['phases']): string {
  return duration(phases.reduce((sum, { ms }) => sum + ms, 0))
}

function titleOf({ plugin, what, from, to }: Receipt): string {
  return from === to ? `${what} of ${plugin} ${to}` : `${what} of ${plugin} from ${from} to ${to}`
}

function outcomeText(outcome: Outcome): string {
  switch (outcome.is) {
    case 'done':
      return 'done'
    case 'went-back':
      return `taken back, the old version serves again: ${outcome.because}`
    case 'failed':
      return `failed, the old version goes on serving: ${outcome.because}`
    case 'stuck':
      return `failed, the new version is in force and cannot be taken back: ${outcome.because}`
    default:
      return outcome satisfies never
  }
}

function lossText({ during, accessLog }: Receipt): string {
  if (accessLog === 'off') return 'Requests were not counted: there is no access log.'
  if (during.requests === 0) return 'No request came meanwhile.'
  const gone =
    during.clientGone === 0
      ? ''
      : ` ${whole(during.clientGone)} client${during.clientGone === 1 ? '' : 's'} did not wait for an answer.`
  if (during.failed === 0) return `No request failed: ${whole(during.requests)} were answered meanwhile.${gone}`
  const statuses = Object.entries(during.failedByStatus).map(([status, count]) => `${whole(count)} with ${status}`)
  return `${whole(during.failed)} of ${whole(during.requests)} requests FAILED meanwhile: ${statuses.join(', ')}.${gone}`
}

function numbers({ before, during, canary, after, accessLog }: Receipt): readonly string[] {
  if (accessLog === 'off') return []
  const columns: readonly (readonly [string, Measured])[] = [
    ['before', before],
    ['meanwhile', during],
    ...(canary === undefined ? [] : [['canary', canary] as const]),
    ['after', after],
  ]
  const rows: readonly (readonly [string, (measured: Measured) => string])[] = [
    ['seconds', ({ seconds }) => seconds.toFixed(1)],
    ['requests', ({ requests }) => whole(requests)],
    ['failed', ({ failed }) => whole(failed)],
    ['client gone', ({ clientGone }) => whole(clientGone)],
    ['p50', ({ p50Ms }) => latency(p50Ms)],
    ['p99', ({ p99Ms }) => latency(p99Ms)],
    ['slowest', ({ maxMs }) => latency(maxMs)],
  ]
  const names = ['', ...rows.map(([name]) => name)]
  const table = [
    names.map((name) => name.padEnd(longest(names))),
    ...columns.map(([name, measured]) => rightAligned([name, ...rows.map(([, show]) => show(measured))])),
  ]
  return [...names.map((_, row) => `  ${table.map((column) => column[row]).join('  ')}`), '']
}

function rightAligned(texts: readonly string[]): readonly string[] {
  return texts.map((text) => text.padStart(longest(texts)))
}

function longest(texts: readonly string[]): number {
  return Math.max(...texts.map(({ length }) => length))
}

function latency(ms: number | null): string {
  return ms === null ? '-' : `${whole(ms)} ms`
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** `12,345`. */
function whole(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

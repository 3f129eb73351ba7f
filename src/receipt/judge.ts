import type { Measured, Share, Tally } from './measure.ts'

/** How much worse a new version may be: the settings `watch_…` of [releases]. */
export interface Margin {
  /** By how many percentage points more of its requests may fail. */
  readonly errorPoints: number
  /** How many times as long its requests may take. */
  readonly latencyFactor: number
  /** A difference up to this many milliseconds is never too much. */
  readonly latencyFloorMs: number
}

/** What one version did. */
export interface Observed {
  readonly measured: Measured
  readonly tally: Pick<Tally, 'longerThan'>
}

export type Judgement = 'good' | { readonly is: 'worse'; readonly because: string }

/** How sure a judgement on failures must be. */
interface Sureness {
  /** Two versions that are alike differ by more standard errors, in this direction, once in a hundred times at `last`. */
  readonly standardErrors: number
  readonly fewestFailed: number
}

/** `early` is asked again and again, so that chance has more opportunities. */
const SURENESS = {
  early: { standardErrors: 4, fewestFailed: 3 },
  last: { standardErrors: 2.33, fewestFailed: 2 },
} as const satisfies Record<string, Sureness>

const CHANCE = 0.01
/** Fewer requests tell nothing about how long they take. */
const FEWEST_FOR_P50 = 20
/** Of fewer requests the slowest one would decide. */
const FEWEST_FOR_P99 = 100
/** So many answers came before, so that some should have come since. */
const FEWEST_FOR_SILENCE = 20
/** Whose answer nobody waited for, or waits for still. */
const SILENT_TO = 2

/**
 * Compares what a new version did with what the old one did before. More failures are worse when they are above the margin and
 * more than chance makes of two versions that are alike, or when every one of at least two failed. Slower is worse when p50 (from
 * 20 requests on each side) or p99 (from 100) is above the factor and the floor, and more requests are than chance explains.
 * A version that has answered nothing to those who asked is worse too.
 */
export function judge(before: Observed, after: Observed, margin: Margin): Judgement {
  const because =
    moreFailures(before.measured, after.measured, margin, SURENESS.last) ??
    silent(before.measured, after.measured) ??
    slower(before, after, margin)
  return because === undefined ? 'good' : { is: 'worse', because }
}

/** The same while a version is still watched, any number of times: only for failures that no later request can make good. */
export function judgeEarly(before: Observed, after: Observed, margin: Margin): Judgement {
  const because = moreFailures(before.measured, after.measured, margin, SURENESS.early)
  return because === undefined ? 'good' : { is: 'worse', because }
}

function moreFailures(
  before: Measured,
  after: Measured,
  { errorPoints }: Margin,
  { standardErrors, fewestFailed }: Sureness,
): string | undefined {
  const isAbove = (share(after) - share(before)) * 100 > errorPoints
  const shares = [
    { some: before.failed, of: before.requests },
    { some: after.failed, of: after.requests },
  ] as const
  const isMore = after.failed >= fewestFailed && isNoChance(...shares, standardErrors)
  const areAllFailed = after.failed === after.requests && after.failed >= fewestFailed && share(before) ** after.requests < CHANCE
  if (!isAbove || !(isMore || areAllFailed)) return undefined
  const statuses = Object.entries(after.failedByStatus).map(([status, count]) => `${count} with ${status}`)
  return `${after.failed} of ${after.requests} requests failed (${statuses.join(', ')}), ${percent(after)} against ${percent(before)} before; ${errorPoints} percentage points more are allowed`
}

/** A request that hangs is in no log before its timeout, or before its client goes away. */
function silent(before: Measured, after: Measured): string | undefined {
  const { seconds, clientGone, unanswered = 0 } = after
  const isAsked = clientGone + unanswered >= SILENT_TO && answered(before) >= FEWEST_FOR_SILENCE
  if (answered(after) > 0 || !isAsked) return undefined
  const gone = clientGone === 0 ? '' : `, ${clientGone} clients went away without an answer`
  return `it answered no request in ${seconds.toFixed(1)} s${gone}, and ${unanswered} connections wait for an answer; ${answered(before)} requests were answered before`
}

function slower(before: Observed, after: Observed, { latencyFactor, latencyFloorMs }: Margin): string | undefined {
  const fewest = Math.min(before.measured.requests, after.measured.requests)
  const compared = [
    { name: 'half of the requests took', of: 'p50Ms', needs: FEWEST_FOR_P50 },
    { name: 'one request in a hundred took', of: 'p99Ms', needs: FEWEST_FOR_P99 },
  ] as const
  for (const { name, of, needs } of compared) {
    const [old, now] = [before.measured[of], after.measured[of]]
    if (old === null || now === null || fewest < needs) continue
    const most = Math.max(old * latencyFactor, old + latencyFloorMs)
    if (now > most && isNoChance(before.tally.longerThan(most), after.tally.longerThan(most), SURENESS.last.standardErrors))
      return `${name} ${now} ms or longer, against ${old} ms before; ${latencyFactor} times as long is allowed, and ${latencyFloorMs} ms more always`
  }
  return undefined
}

/**
 * Whether the second share is greater than the first by more than chance explains: the pooled test of two proportions, one-sided,
 * with one success and one failure added to each side, which makes it hold for few requests (Agresti and Caffo 2000).
 */
function isNoChance(before: Share, after: Share, standardErrors: number): boolean {
  const [x, n] = [before.some + 1, before.of + 2]
  const [y, m] = [after.some + 1, after.of + 2]
  const pooled = (x + y) / (n + m)
  return y / m - x / n > standardErrors * Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
}

function answered({ requests, clientGone }: Measured): number {
  return requests - clientGone
}

function share({ failed, requests }: Measured): number {
  return requests === 0 ? 0 : failed / requests
}

function percent(measured: Measured): string {
  return `${(share(measured) * 100).toFixed(1)} %`
}

import type { Measured } from './measure.ts'

/** How much worse a new version may be: the settings `watch_…` of [releases]. */
export interface Margin {
  /** By how many percentage points more of its requests may fail. */
  readonly errorPoints: number
  /** How many times as long its requests may take. */
  readonly latencyFactor: number
  /** A difference up to this many milliseconds is never too much. */
  readonly latencyFloorMs: number
}

export type Judgement = 'good' | { readonly is: 'worse'; readonly because: string }

/** So many failed requests more than the old version would have had are no chance. */
const EXCESS = 3
/** A version that fails everything is known sooner. */
const ALL_FAILED = 2
/** Fewer requests tell nothing about how long they take. */
const FEWEST_FOR_P50 = 20
/** Of fewer requests the slowest one would decide. */
const FEWEST_FOR_P99 = 100

/** So many requests came before, so that some should have been answered since. */
const FEWEST_FOR_SILENCE = 20

/**
 * Compares what a new version did with what the old one did before. More failures are worse when they are above the margin and
 * too many to be chance: three more than the old share explains, or every one of at least two. Slower is worse when it is
 * above the factor and the floor, in p50 from 20 requests on each side, in p99 from 100. A version that has answered nothing,
 * while at least two connections wait for it, is worse too.
 */
export function judge(before: Measured, after: Measured, margin: Margin): Judgement {
  const because = moreFailures(before, after, margin) ?? silent(before, after) ?? slower(before, after, margin)
  return because === undefined ? 'good' : { is: 'worse', because }
}

function moreFailures(before: Measured, after: Measured, { errorPoints }: Margin): string | undefined {
  const expected = share(before) * after.requests
  const isAbove = (share(after) - share(before)) * 100 > errorPoints
  const areAllFailed = after.failed === after.requests && after.requests >= ALL_FAILED
  if (!isAbove || !(after.failed - expected >= EXCESS || areAllFailed)) return undefined
  const statuses = Object.entries(after.failedByStatus).map(([status, count]) => `${count} with ${status}`)
  return `${after.failed} of ${after.requests} requests failed (${statuses.join(', ')}), ${percent(after)} against ${percent(before)} before; ${errorPoints} percentage points more are allowed`
}

/** A request that hangs is in no log before its timeout. */
function silent(before: Measured, { requests, unanswered = 0, seconds }: Measured): string | undefined {
  if (requests > 0 || unanswered < ALL_FAILED || before.requests < FEWEST_FOR_SILENCE) return undefined
  return `it answered no request in ${seconds.toFixed(1)} s, and ${unanswered} connections wait for an answer; ${before.requests} requests were answered before`
}

function slower(before: Measured, after: Measured, { latencyFactor, latencyFloorMs }: Margin): string | undefined {
  const fewest = Math.min(before.requests, after.requests)
  const compared = [
    { name: 'half of the requests took', old: before.p50Ms, now: after.p50Ms, needs: FEWEST_FOR_P50 },
    { name: 'one request in a hundred took', old: before.p99Ms, now: after.p99Ms, needs: FEWEST_FOR_P99 },
  ]
  for (const { name, old, now, needs } of compared) {
    if (old === null || now === null || fewest < needs) continue
    if (now > old * latencyFactor && now - old > latencyFloorMs)
      return `${name} ${now} ms or longer, against ${old} ms before; ${latencyFactor} times as long is allowed, and ${latencyFloorMs} ms more always`
  }
  return undefined
}

function share({ failed, requests }: Measured): number {
  return requests === 0 ? 0 : failed / requests
}

function percent(measured: Measured): string {
  return `${(share(measured) * 100).toFixed(1)} %`
}

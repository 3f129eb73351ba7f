import type { Sent } from '../load/client.ts'
import { judge, type Kill, type Verdict } from '../load/verdict.ts'

/** What a load of any length came to, in memory that does not grow with it. */
export interface Tally {
  readonly add: (one: Sent) => void
  readonly done: () => number
  /** The body of the last good answer for a path. */
  readonly lastBody: (path: string) => string
  /** Milliseconds that so many of all requests did not take longer than, to 5 %. */
  readonly quantile: (part: number) => number
  readonly slowest: () => number
  readonly verdict: (kills: readonly Kill[]) => Verdict
}

const BUCKETS_PER_FACTOR = 1 / Math.log(1.05)
const SMALLEST_MS = 0.01
/** Bad requests are kept to be judged at the end, when every kill is known; so many that something is badly wrong. */
const MOST_BAD = 100_000

export function newTally(): Tally {
  const buckets: number[] = []
  const bodies = new Map<string, string>()
  const bad: Sent[] = []
  let [done, slowest] = [0, 0]
  return {
    add: (sent) => {
      const one = withHonestOutcome(sent)
      const took = one.ended - one.began
      const bucket = Math.max(0, Math.ceil(Math.log(took / SMALLEST_MS) * BUCKETS_PER_FACTOR))
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
      done += 1
      slowest = Math.max(slowest, took)
      if (one.outcome === 200) bodies.set(one.path, one.body)
      else if (bad.length < MOST_BAD) bad.push(one)
      else throw new Error(`more than ${MOST_BAD} requests failed`)
    },
    done: () => done,
    lastBody: (path) => bodies.get(path) ?? '',
    quantile: (part) => {
      let left = part * done
      for (const [bucket, count] of Object.entries(buckets)) {
        left -= count
        if (left <= 0) return SMALLEST_MS * Math.exp(Number(bucket) / BUCKETS_PER_FACTOR)
      }
      return slowest
    },
    slowest: () => slowest,
    verdict: (kills) => ({ ...judge(bad, kills), done }),
  }
}

/** A 200 that is not an answer of the app is no success. */
function withHonestOutcome(one: Sent): Sent {
  return one.outcome === 200 && !one.body.startsWith('Hello') ? { ...one, outcome: `200 with "${one.body.slice(0, 60)}"` } : one
}

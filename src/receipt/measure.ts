import type { RequestLine } from './request-line.ts'

/** What the requests of a span of time were like. */
export interface Measured {
  /** How long the span was. */
  readonly seconds: number
  readonly requests: number
  /** Answers with a status from 500. */
  readonly failed: number
  /** Those by their status. */
  readonly failedByStatus: Readonly<Record<string, number>>
  /** Requests whose client went away before the answer (499, or no status at all): nobody's fault, so counted apart. */
  readonly clientGone: number
  /** Connections to the workers at the end of the span: at least as many as requests without an answer. Absent when nobody looked. */
  readonly unanswered?: number
  /** Null when nothing was measured. A websocket's duration says nothing about the app and is left out. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly maxMs: number | null
}

export type CountedRequest = Pick<RequestLine, 'status' | 'durationMs'>

export interface Share {
  readonly some: number
  readonly of: number
}

const SWITCHED_PROTOCOLS = 101
const CLIENT_GONE: readonly number[] = [0, 499]

/** Counts requests one by one and keeps none: what it needs is bounded however many there are. */
export class Tally {
  #requests = 0
  #clientGone = 0
  readonly #failed = new Map<number, number>()
  /** How many took so many milliseconds. */
  readonly #durations = new Map<number, number>()

  add({ status, durationMs }: CountedRequest): void {
    this.#requests += 1
    if (CLIENT_GONE.includes(status)) this.#clientGone += 1
    if (status >= 500) count(this.#failed, status)
    if (status !== SWITCHED_PROTOCOLS) count(this.#durations, rounded(durationMs))
  }

  /** How many took longer than `ms`, and of how many: websockets are left out. */
  longerThan(ms: number): Share {
    const durations = [...this.#durations]
    const all = (counts: typeof durations): number => counts.reduce((sum, [, count]) => sum + count, 0)
    return { some: all(durations.filter(([duration]) => duration > ms)), of: all(durations) }
  }

  measured(seconds: number): Measured {
    const durations = [...this.#durations].sort(([one], [other]) => one - other)
    return {
      seconds,
      requests: this.#requests,
      failed: [...this.#failed.values()].reduce((sum, one) => sum + one, 0),
      failedByStatus: Object.fromEntries(this.#failed),
      clientGone: this.#clientGone,
      p50Ms: percentile(durations, 0.5),
      p99Ms: percentile(durations, 0.99),
      maxMs: durations.at(-1)?.[0] ?? null,
    }
  }
}

function count(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** To three digits: exact below a second, and never more than some thousand different values. */
function rounded(ms: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, ms))) - 2)
  return Math.round(ms / step) * step
}

/** The least duration that this share of the requests did not exceed. */
function percentile(durations: readonly (readonly [ms: number, count: number])[], share: number): number | null {
  const wanted = Math.ceil(durations.reduce((sum, [, count]) => sum + count, 0) * share)
  let seen = 0
  for (const [ms, count] of durations) {
    seen += count
    if (seen >= wanted) return ms
  }
  return null
}

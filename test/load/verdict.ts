import type { Sent } from './client.ts'

/** A process that was killed while requests were under way, in milliseconds of `performance.now()`. */
export interface Kill {
  readonly at: number
  /** When its pid was seen to be gone. */
  readonly goneAt: number
  /** Only requests for this path were inside; any, if it is not told. */
  readonly path?: string
}

export interface Verdict {
  readonly done: number
  /** Requests that may fail: not repeatable, and begun before the worker that was killed had gone. */
  readonly inside: readonly Sent[]
  /** Requests that may not. */
  readonly failed: readonly Sent[]
}

/**
 * Tells the requests that were inside a killed worker from the others. A GET is never excused: nginx may ask another worker.
 * A POST is, when it was under way at the moment of a kill: nobody can know how far it came.
 */
export function judge(sent: readonly Sent[], kills: readonly Kill[]): Verdict {
  const bad = sent.filter(({ outcome }) => outcome !== 200)
  const wasInside = (one: Sent): boolean =>
    one.method === 'POST' && kills.some(({ at, goneAt }) => one.began <= goneAt && one.ended >= at)
  return { done: sent.length, inside: bad.filter(wasInside), failed: bad.filter((one) => !wasInside(one)) }
}

export function describe({ done, inside, failed }: Verdict): string {
  const shown = failed.slice(0, 5).map(({ method, connection, path, outcome, ended, began }) => {
    return `${method} ${path} (${connection}) after ${Math.round(ended - began)} ms: ${outcome}`
  })
  return [`${failed.length} of ${done} failed, ${inside.length} more inside a killed worker`, ...shown].join('\n')
}

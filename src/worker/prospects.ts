import type { Millis } from '../time.ts'
import type { WorkerState } from './state.ts'

/** A worker of an app, and whether its slot failed to start when it failed last, instead of ending while it served. */
export interface Prospect {
  readonly state: WorkerState
  readonly failedToStart: boolean
}

/** A worker that fails to start so often, one time after the other, is not expected to come up the next time. */
const HOPELESS_AFTER = 3

/**
 * Milliseconds until the next attempt of an app of which nothing is up or coming up because it fails to start: who asks now
 * need not wait. Undefined while a worker may take requests soon.
 */
export function nextTryMs(workers: readonly Prospect[], now: Millis): number | undefined {
  const waits = workers.flatMap(({ state, failedToStart }) => {
    if (state.is === 'failed') return failedToStart && state.failures >= HOPELESS_AFTER ? [state.retryAt - now] : [undefined]
    return state.is === 'starting' || state.is === 'ready' ? [undefined] : []
  })
  if (waits.length === 0 || waits.includes(undefined)) return undefined
  return Math.max(0, Math.min(...waits.filter((wait) => wait !== undefined)))
}

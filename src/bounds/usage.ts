import type { OverLimit } from '../worker/state.ts'
import type { Bounds, PluginBounds } from './bounds.ts'

/** What a worker takes now, with all that it has started. */
export interface Usage {
  /** Bytes. */
  readonly memory: number
  /** Processes and threads. */
  readonly tasks: number
}

/** Why a worker may not go on as it does; undefined when it may. */
export function overLimit(usage: Usage, bounds: Bounds): OverLimit | undefined {
  const { memoryHigh, memoryMax, tasksMax } = bounds
  if (isOver(usage.tasks, tasksMax)) return over('tasks', tasksMax, usage.tasks, 'killed')
  if (isOver(usage.memory, memoryMax)) return over('memory', memoryMax, usage.memory, 'killed')
  return isOver(usage.memory, memoryHigh) ? over('memory', memoryHigh, usage.memory, 'replaced') : undefined
}

/**
 * Whether a plugin has more than it may have as a whole: then its largest worker has to go. `workers`: what each of them takes.
 */
export function overPluginLimit<T extends Usage>(
  workers: readonly T[],
  bounds: Pick<PluginBounds, 'memoryMax' | 'tasksMax'>,
): { readonly worker: T; readonly over: OverLimit } | undefined {
  for (const what of ['tasks', 'memory'] as const) {
    const limit = what === 'tasks' ? bounds.tasksMax : bounds.memoryMax
    const used = workers.reduce((sum, worker) => sum + worker[what], 0)
    const [worker] = workers.toSorted((one, other) => other[what] - one[what])
    if (worker !== undefined && isOver(used, limit))
      return { worker, over: { ...over(what, limit, used, 'killed'), of: 'plugin' } }
  }
  return undefined
}

const LATEST_LOOK_MS = 2000
const SOONEST_LOOK_MS = 200
/** A worker may come to grow faster than it did. */
const CAUTION = 3

/** Milliseconds until the next look at a worker: soon where it would be over a limit soon if it went on growing as it does. */
export function nextLookMs(before: Usage | undefined, now: Usage, bounds: Bounds, passedMs: number): number {
  const { memoryHigh, memoryMax, tasksMax } = bounds
  const untilOver = (used: number, was: number, limit: number | undefined): number =>
    limit === undefined || used <= was ? Number.POSITIVE_INFINITY : ((limit - used) / (used - was)) * passedMs
  const soonest = Math.min(
    untilOver(now.memory, before?.memory ?? 0, memoryHigh),
    untilOver(now.memory, before?.memory ?? 0, memoryMax),
    untilOver(now.tasks, before?.tasks ?? 0, tasksMax),
  )
  return Math.round(Math.max(SOONEST_LOOK_MS, Math.min(LATEST_LOOK_MS, soonest / CAUTION)))
}

function isOver(used: number, limit: number | undefined): limit is number {
  return limit !== undefined && used > limit
}

function over(what: OverLimit['what'], limit: number, used: number, outcome: OverLimit['outcome']): OverLimit {
  return { kind: 'over-limit', what, of: 'worker', limit, used, outcome }
}

import type { DesiredApp } from '../desired/desired.ts'
import { slotsOf } from '../desired/slot.ts'
import type { Millis } from '../time.ts'
import type { Action, StartWorker } from './action.ts'
import type { ObservedWorker } from './observed.ts'
import { isPastAge, renewalCause } from './observed.ts'

/**
 * A daemon runs once in each of its slots, never twice: what is changed, too old or no longer wanted ends first, and only when
 * it has gone is the next one started.
 */
export function planDaemon(daemon: DesiredApp, all: readonly ObservedWorker[], now: Millis): readonly Action[] {
  const slots = new Set(slotsOf(daemon.id, daemon.slots))
  const isWhole = all.length === daemon.slots && all.every(({ state }) => state.is === 'ready')
  const aged = isWhole ? all.find((worker) => isPastAge(worker, now)) : undefined
  const ends = all.filter(
    (worker) => isRunning(worker) && (!slots.has(worker.slot) || worker.hash !== daemon.spec.hash || worker === aged),
  )
  const starts = [...slots].flatMap((slot): readonly StartWorker[] => {
    const here = all.filter((worker) => worker.slot === slot)
    const failed = here.find(({ state, hash }) => state.is === 'failed' && hash === daemon.spec.hash)?.state
    const isWaiting = failed?.is === 'failed' && failed.retryAt > now
    if (isWaiting || here.some(({ state }) => state.is !== 'failed')) return []
    const failures = failed?.is === 'failed' ? failed.failures : 0
    return [{ kind: 'start-worker', app: daemon, slot, cause: failed === undefined ? 'first' : 'failed', failures }]
  })
  const superseded = new Set(starts.map(({ slot }) => slot))
  const forgotten = all.filter(
    ({ state, slot, hash }) => state.is === 'failed' && (superseded.has(slot) || !slots.has(slot) || hash !== daemon.spec.hash),
  )
  const because = (worker: ObservedWorker): 'changed' | 'max_age' | 'memory' =>
    worker === aged ? renewalCause(worker) : 'changed'
  return [
    ...starts,
    ...ends.map((worker): Action => ({ kind: 'stop-worker', worker: worker.id, because: because(worker) })),
    ...forgotten.map((worker): Action => ({ kind: 'stop-worker', worker: worker.id })),
  ]
}

function isRunning({ state }: ObservedWorker): boolean {
  return state.is === 'starting' || state.is === 'ready'
}

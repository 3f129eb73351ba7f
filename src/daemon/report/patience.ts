import type { DesiredState } from '../../desired/desired.ts'
import type { Policy } from '../../worker/transition.ts'

/** For what the daemon itself has to do in between on a slow machine: read the disk, prove and reload nginx. */
const SPARE_MS = 30_000

/**
 * So long nothing at all may be seen to move while the daemon is at something, because a worker may take so long to answer for
 * the first time (`start_timeout`), or to finish what it is at and end. It decides nothing while the daemon does its work:
 * that ends each of these waits in time. `otherMs` are bounds of what else may go on.
 */
export function patienceMs(desired: DesiredState | undefined, leaving: readonly Policy[], otherMs: readonly number[]): number {
  const candidates = [...(desired?.candidates.values() ?? [])].map(({ app }) => app)
  const specs = [...(desired?.apps.values() ?? []), ...candidates].map(({ spec }) => spec)
  const wanted = specs.flatMap(({ ready, drainMs, graceMs }) => [
    ready.by === 'answer' ? ready.withinMs : ready.forMs,
    drainMs + graceMs,
  ])
  const present = leaving.flatMap(({ readyMs, drainMs, graceMs }) => [readyMs, drainMs + graceMs])
  return Math.max(0, ...wanted, ...present, ...otherMs) + SPARE_MS
}

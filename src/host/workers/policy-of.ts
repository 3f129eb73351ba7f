import type { WorkerSpec } from '../../desired/desired.ts'
import type { Policy } from '../../worker/transition.ts'

/** The deadlines of a worker. */
export function policyOf(spec: WorkerSpec): Policy {
  // Who only has to live needs no deadline.
  return {
    readyMs: spec.ready.by === 'answer' ? spec.ready.withinMs : spec.ready.forMs * 60,
    drainMs: spec.drainMs,
    ...(spec.quietMs === undefined ? {} : { quietMs: spec.quietMs }),
    graceMs: spec.graceMs,
    maxAgeMs: spec.maxAgeMs,
  }
}

import { reasonText } from '../../worker/reason.ts'
import type { OverLimit } from '../../worker/state.ts'
import { log } from '../logs/logger.ts'
import type { WorkerRecord } from './worker-record.ts'

/** Says in the log what has become of a worker. */
export function tellState(record: WorkerRecord): void {
  log(record.state.is === 'failed' ? 'WARNING' : 'INFO', describe(record))
}

/** Says once why another worker is to take the place of one. `record`: as it was before. */
export function tellRenewal({ id, state }: WorkerRecord, over: OverLimit): void {
  if (state.is === 'ready' && state.renewFor === undefined) log('WARNING', `${id} gets a successor: ${reasonText(over)}`)
}

function describe({ id, state }: WorkerRecord): string {
  if (state.is !== 'failed') return `${id} is ${state.is}`
  const { reason, output } = state.failure
  // Its lines are none of this log, though they may begin as such.
  const last = output === '' ? '' : `; its last output:\n${output.replaceAll(/^/gm, '  ')}`
  return `${id} failed: ${reasonText(reason)}; attempt ${state.failures + 1} follows${last}`
}

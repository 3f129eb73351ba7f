import type { WorkerState } from '../../worker/state.ts'
import { groupOf } from '../process/proc.ts'
import { tcpListenersOf } from '../process/tcp.ts'

/** What a worker that never answered does instead: it is looked up only when its time to start is over. */
export function listensOn(state: WorkerState): readonly string[] {
  if (state.is !== 'starting') return []
  return tcpListenersOf(groupOf(state.process.pid)).map(({ address, port }) => `${address}:${port}`)
}

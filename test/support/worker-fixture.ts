import type { Millis } from '../../src/time.ts'
import type { Exit, OverLimit, ProcessId, WorkerState } from '../../src/worker/state.ts'
import type { Policy, WorkerEvent } from '../../src/worker/transition.ts'

export const POLICY: Policy = { readyMs: 10_000, drainMs: 30_000, graceMs: 5_000, maxAgeMs: 100_000 }
export const PROCESS: ProcessId = { pid: 7, startTime: 99 }
export const CRASH: Exit = { code: 1, signal: null }
export const START = at(1_000)
export const OVER: OverLimit = { kind: 'over-limit', what: 'memory', of: 'worker', limit: 300, used: 312, outcome: 'killed' }
export const KILL = [{ do: 'signal', process: PROCESS, signal: 'SIGKILL' }]

export const STATES: { readonly [Name in WorkerState['is']]: Extract<WorkerState, { is: Name }> } = {
  starting: { is: 'starting', process: PROCESS, since: START, readyBy: at(11_000), failures: 2 },
  ready: { is: 'ready', process: PROCESS, since: START, renewAt: at(101_000), failures: 2 },
  draining: { is: 'draining', process: PROCESS, lookFrom: START, emptyLooks: 0, until: at(31_000) },
  stopping: { is: 'stopping', process: PROCESS, killAt: at(6_000) },
  killed: { is: 'killed', process: PROCESS },
  failed: {
    is: 'failed',
    failures: 2,
    retryAt: at(2_000),
    failure: { reason: { kind: 'exited', exit: CRASH }, at: START, output: '' },
  },
  gone: { is: 'gone' },
}

export const EVENTS: { readonly [Type in WorkerEvent['type']]: Extract<WorkerEvent, { type: Type }> } = {
  answered: { type: 'answered', jitter: 0.5 },
  exited: { type: 'exited', exit: CRASH, output: 'boom' },
  drain: { type: 'drain' },
  stop: { type: 'stop' },
  counted: { type: 'counted', connections: 1 },
  hung: { type: 'hung', afterMs: 7_000, output: 'boom' },
  'over-limit': { type: 'over-limit', over: OVER, output: 'boom' },
  'time-passed': { type: 'time-passed', output: 'boom' },
}

export function at(ms: number): Millis {
  return ms as Millis
}

import { later, type Millis } from '../time.ts'
import type { Exit, Failure, OverLimit, ProcessId, WorkerState } from './state.ts'

export type WorkerEvent =
  /** It answered on its socket. `jitter`, from 0 to 1, spreads the renewals of workers that started together. */
  | { readonly type: 'answered'; readonly jitter: number }
  | { readonly type: 'exited'; readonly exit: Exit; readonly output: string }
  /** Its slot points elsewhere: end it once its connections have ended. */
  | { readonly type: 'drain' }
  /** End it now: it never got a request. */
  | { readonly type: 'stop' }
  /** Somebody counted the connections to its socket. */
  | { readonly type: 'counted'; readonly connections: number }
  /** It answers nothing any more although requests wait. */
  | { readonly type: 'hung'; readonly afterMs: number; readonly output: string }
  /** It has more than it may have. */
  | { readonly type: 'over-limit'; readonly over: OverLimit; readonly output: string }
  /** `output` are its last lines, and `listensOn` where it listens, for the failure that a deadline may turn this into. */
  | { readonly type: 'time-passed'; readonly output: string; readonly listensOn?: readonly string[] }

export type Effect = { readonly do: 'signal'; readonly process: ProcessId; readonly signal: NodeJS.Signals }

export type Step = readonly [WorkerState, readonly Effect[]]

/** The deadlines of one worker, in milliseconds. */
export interface Policy {
  readonly readyMs: number
  readonly drainMs: number
  /** How long a worker that drains has to be without a connection; 0 where it is not said. */
  readonly quietMs?: number
  readonly graceMs: number
  /** 0 is never. */
  readonly maxAgeMs: number
}

/** A worker that answered for so long is sound: its end counts as a first failure. */
const SOUND_AFTER_MS = 10_000
/** nginx may be about to send a request on the old link when the link changes (measured, docs/how-it-works.md). */
const FIRST_LOOK_MS = 50
const EMPTY_LOOKS_BEFORE_STOP = 2
const LONGEST_BACK_OFF_MS = 60_000

export function started(process: ProcessId, failures: number, now: Millis, policy: Policy): WorkerState {
  return { is: 'starting', process, since: now, readyBy: later(now, policy.readyMs), failures }
}

export function notStarted(message: string, failures: number, now: Millis): WorkerState {
  return failed({ reason: { kind: 'not-started', message }, at: now, output: '' }, failures + 1, now)
}

/** The only place where a worker changes state. `now` is an argument: nothing here reads a clock. */
export function step(state: WorkerState, event: WorkerEvent, now: Millis, policy: Policy): Step {
  switch (event.type) {
    case 'answered':
      return state.is === 'starting' ? [ready(state, event.jitter, now, policy), []] : [state, []]
    case 'exited':
      return [exited(state, event.exit, event.output, now), []]
    case 'drain':
      return drain(state, now, policy)
    case 'stop':
      return stop(state, now, policy)
    case 'counted':
      return counted(state, event.connections, now, policy)
    case 'hung':
      return hung(state, { reason: { kind: 'hung', afterMs: event.afterMs }, at: now, output: event.output }, now)
    case 'over-limit':
      return overLimit(state, { reason: event.over, at: now, output: event.output }, event.over, now)
    case 'time-passed':
      return timePassed(state, event, now, policy)
    default:
      return event satisfies never
  }
}

/**
 * When to look at this state again although nothing happens; null when only an event from outside can change it.
 * `planned` is the moment of the last plan. A renewal or a retry due by then was seen by it and put off until something
 * happens (no free place to start, a sibling being replaced), so it is no reason to wake again.
 */
export function wakeAt(state: WorkerState, planned: Millis): Millis | null {
  switch (state.is) {
    case 'starting':
      return state.readyBy
    case 'ready':
      return state.renewAt !== null && state.renewAt > planned ? state.renewAt : null
    case 'draining':
      return state.until
    case 'stopping':
      return state.killAt
    case 'failed':
      return state.retryAt > planned ? state.retryAt : null
    case 'killed':
    case 'gone':
      return null
    default:
      return state satisfies never
  }
}

/** Whether a deadline of the state is over. */
export function isDue(state: WorkerState, at: Millis): boolean {
  const wake = wakeAt(state, at)
  return wake !== null && wake <= at
}

/** The process a worker consists of; undefined when there is none any more. */
export function processOf(state: WorkerState): ProcessId | undefined {
  const { process } = { process: undefined, ...state }
  return process
}

/** Milliseconds before attempt `failures + 1`: at once after the first failure, then 0.25 s doubling up to a minute. */
export function backOff(failures: number): number {
  return failures <= 1 ? 0 : Math.min(LONGEST_BACK_OFF_MS, 250 * 2 ** (failures - 2))
}

type Starting = Extract<WorkerState, { is: 'starting' }>

function ready(state: Starting, jitter: number, now: Millis, policy: Policy): WorkerState {
  const renewAt = policy.maxAgeMs === 0 ? null : later(now, policy.maxAgeMs * (1 + jitter))
  return { is: 'ready', process: state.process, since: now, renewAt, failures: state.failures }
}

function exited(state: WorkerState, exit: Exit, output: string, now: Millis): WorkerState {
  const failure: Failure = { reason: { kind: 'exited', exit }, at: now, output }
  switch (state.is) {
    case 'starting':
      return failed(failure, state.failures + 1, now)
    case 'ready':
      return failed(failure, failuresOf(state, now), now)
    case 'draining':
    case 'stopping':
    case 'killed':
      return { is: 'gone' }
    case 'failed':
    case 'gone':
      return state
    default:
      return state satisfies never
  }
}

function failuresOf(state: Extract<WorkerState, { is: 'ready' }>, now: Millis): number {
  return now - state.since >= SOUND_AFTER_MS ? 1 : state.failures + 1
}

/** SIGTERM would be as little use as any request. */
function hung(state: WorkerState, failure: Failure, now: Millis): Step {
  if (state.is !== 'ready') return [state, []]
  return [failed(failure, failuresOf(state, now), now), [kill(state.process)]]
}

/** One that only has too much for a while serves until another one does. */
function overLimit(state: WorkerState, failure: Failure, over: OverLimit, now: Millis): Step {
  if (over.outcome === 'replaced') {
    if (state.is !== 'ready' || state.renewFor !== undefined) return [state, []]
    // A limit below what the app needs must not have it started again and again without a pause.
    const soonest = later(state.since, SOUND_AFTER_MS)
    return [{ ...state, renewAt: soonest > now ? soonest : now, renewFor: over }, []]
  }
  switch (state.is) {
    case 'starting':
    case 'ready': {
      const failures = state.is === 'ready' ? failuresOf(state, now) : state.failures + 1
      return [failed(failure, failures, now), [kill(state.process)]]
    }
    case 'draining':
    case 'stopping':
      return [{ is: 'killed', process: state.process }, [kill(state.process)]]
    case 'killed':
    case 'failed':
    case 'gone':
      return [state, []]
    default:
      return state satisfies never
  }
}

function kill(process: ProcessId): Effect {
  return { do: 'signal', process, signal: 'SIGKILL' }
}

function failed(failure: Failure, failures: number, now: Millis): WorkerState {
  return { is: 'failed', failures, retryAt: later(now, backOff(failures)), failure }
}

function drain(state: WorkerState, now: Millis, policy: Policy): Step {
  if (state.is === 'ready') {
    const { process } = state
    return [
      {
        is: 'draining',
        process,
        lookFrom: later(now, Math.max(FIRST_LOOK_MS, policy.quietMs ?? FIRST_LOOK_MS)),
        emptyLooks: 0,
        until: later(now, policy.drainMs),
      },
      [],
    ]
  }
  return state.is === 'draining' ? [state, []] : stop(state, now, policy)
}

function stop(state: WorkerState, now: Millis, policy: Policy): Step {
  switch (state.is) {
    case 'starting':
    case 'ready':
    case 'draining':
      return [
        { is: 'stopping', process: state.process, killAt: later(now, policy.graceMs) },
        [{ do: 'signal', process: state.process, signal: 'SIGTERM' }],
      ]
    case 'failed':
      return [{ is: 'gone' }, []]
    case 'stopping':
    case 'killed':
    case 'gone':
      return [state, []]
    default:
      return state satisfies never
  }
}

function counted(state: WorkerState, connections: number, now: Millis, policy: Policy): Step {
  if (state.is !== 'draining') return [state, []]
  if (connections > 0 && policy.quietMs !== undefined) {
    return [{ ...state, emptyLooks: 0, lookFrom: later(now, policy.quietMs) }, []]
  }
  if (now < state.lookFrom) return [state, []]
  const emptyLooks = connections === 0 ? state.emptyLooks + 1 : 0
  return emptyLooks >= EMPTY_LOOKS_BEFORE_STOP ? stop(state, now, policy) : [{ ...state, emptyLooks }, []]
}

type TimePassed = Extract<WorkerEvent, { type: 'time-passed' }>

function timePassed(state: WorkerState, { output, listensOn = [] }: TimePassed, now: Millis, policy: Policy): Step {
  if (state.is === 'starting' && now >= state.readyBy) {
    const elsewhere = listensOn.length === 0 ? {} : { listensOn }
    const failure: Failure = { reason: { kind: 'not-ready', afterMs: now - state.since, ...elsewhere }, at: now, output }
    return [failed(failure, state.failures + 1, now), [kill(state.process)]]
  }
  if (state.is === 'draining' && now >= state.until) return stop(state, now, policy)
  if (state.is === 'stopping' && now >= state.killAt) {
    return [{ is: 'killed', process: state.process }, [kill(state.process)]]
  }
  return [state, []]
}

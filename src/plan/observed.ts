import type { AppId, SlotId, SpecHash } from '../desired/ids.ts'
import type { Millis } from '../time.ts'
import type { WorkerState } from '../worker/state.ts'

/** `<plugin>/<app>#<slot>.g<generation>`: one worker, in all time. */
export type WorkerId = string & { readonly __brand: 'WorkerId' }

export interface ObservedWorker {
  readonly id: WorkerId
  readonly app: AppId
  readonly slot: SlotId
  readonly generation: number
  readonly hash: SpecHash
  readonly state: WorkerState
}

/** What is, as far as the plan needs it. */
export interface ObservedState {
  readonly workers: readonly ObservedWorker[]
  /** Where the link of each slot points. */
  readonly links: ReadonlyMap<SlotId, WorkerId>
  /** Apps whose hold socket is open. */
  readonly holds: ReadonlySet<AppId>
  readonly nginx: ObservedNginx
}

export type ObservedNginx =
  /** `routes` is the key of the routes it serves; undefined when they were published by a daemon before this one. */
  | { readonly is: 'running'; readonly routes: string | undefined }
  | { readonly is: 'stopped' }
  /** Other routes are being proved and brought into service; until then it serves those of before. */
  | { readonly is: 'publishing' }
  /** The routes of that key were tried and failed. */
  | { readonly is: 'failed'; readonly routes: string; readonly retryAt: Millis }

export function workerId(slot: SlotId, generation: number): WorkerId {
  return `${slot}.g${generation}` as WorkerId
}

export function isPastAge({ state }: ObservedWorker, now: Millis): boolean {
  return state.is === 'ready' && state.renewAt !== null && state.renewAt <= now
}

/** Why it is replaced although nothing changed. */
export function renewalCause({ state }: ObservedWorker): 'max_age' | 'memory' {
  return state.is === 'ready' && state.renewFor !== undefined ? 'memory' : 'max_age'
}

import type { DesiredApp } from '../desired/desired.ts'
import type { AppId, SlotId } from '../desired/ids.ts'
import type { WorkerId } from './observed.ts'

export type Action =
  | { readonly kind: 'open-hold'; readonly app: AppId }
  | StartWorker
  | LinkSlot
  | { readonly kind: 'publish-routes' }
  | { readonly kind: 'drain-worker'; readonly worker: WorkerId }
  | StopWorker
  | UnlinkSlot
  | { readonly kind: 'close-hold'; readonly app: AppId }

export interface StartWorker {
  readonly kind: 'start-worker'
  readonly app: DesiredApp
  readonly slot: SlotId
  readonly cause: StartCause
  /** Attempts in this slot that ended badly, one after the other, before this one. */
  readonly failures: number
}

export interface StopWorker {
  readonly kind: 'stop-worker'
  readonly worker: WorkerId
  /** Why a daemon is ended to be started again. */
  readonly because?: 'changed' | 'max_age' | 'memory'
}

export interface LinkSlot {
  readonly kind: 'link-slot'
  readonly slot: SlotId
  readonly worker: WorkerId
}

export interface UnlinkSlot {
  readonly kind: 'unlink-slot'
  readonly slot: SlotId
}

/** `trial`: of a candidate; it is no event in the life of the slot unless it is committed. */
export type StartCause = 'first' | 'changed' | 'max_age' | 'memory' | 'failed' | 'trial'

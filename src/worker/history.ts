import type { Millis } from '../time.ts'
import type { FailureReason } from './state.ts'

export type RestartCause = 'changed' | 'max_age' | 'crashed' | 'failed'

export interface RestartReport {
  readonly cause: RestartCause
  readonly at: Millis
  readonly reason: FailureReason | undefined
  readonly output: string
}

/** What happened in a slot before its present worker. */
export interface SlotHistory {
  readonly restarts: number
  readonly lastRestart: RestartReport | undefined
}

import type { Millis } from '../time.ts'
import type { FailureReason } from './state.ts'

export const RESTART_CAUSES = ['changed', 'max_age', 'memory', 'crashed', 'failed'] as const
export type RestartCause = (typeof RESTART_CAUSES)[number]

export interface RestartReport {
  readonly cause: RestartCause
  readonly at: Millis
  readonly reason: FailureReason | undefined
  readonly output: string
}

/** How many restarts had each cause. */
export type RestartsBy = Readonly<Partial<Record<RestartCause, number>>>

/** What happened in a slot before its present worker. */
export interface SlotHistory {
  readonly restarts: number
  /** Absent in the record of an mfserv before this key. */
  readonly by?: RestartsBy
  readonly lastRestart: RestartReport | undefined
}

/** One more. */
export function remembered({ restarts, by = {} }: SlotHistory, lastRestart: RestartReport): SlotHistory {
  const { cause } = lastRestart
  return { restarts: restarts + 1, by: { ...by, [cause]: (by[cause] ?? 0) + 1 }, lastRestart }
}

import type { Millis } from '../time.ts'
import type { Measured } from './measure.ts'

/** What was done to a plugin while it served. */
export type Change = 'hotswap' | 'rollback' | 'restart'

/** What really happened during a change: printed by the command, and kept in the plugin's history. */
export interface Receipt {
  readonly plugin: string
  readonly what: Change
  /** The releases, or `dev_link`. The same when only workers were replaced. */
  readonly from: string
  readonly to: string
  /** When the change began. */
  readonly at: Millis
  /** What it consisted of, in order. */
  readonly phases: readonly Phase[]
  /** Requests that began before the change, in the hands of the old version alone. */
  readonly before: Measured
  /** All that ended from its first step to the end of the last old worker, or of the way back. */
  readonly during: Measured
  /** Requests that began when the last old worker had ended, as long as it was watched: the new version alone. */
  readonly after: Measured
  /** What the new version did while it got a share of the requests only. */
  readonly canary?: Measured
  /** Whether requests could be counted: `off` with [nginx] logging = 0 or without nginx. */
  readonly accessLog: 'on' | 'off'
  /** Memory of all processes of the plugin. */
  readonly memoryBeforeBytes: number
  readonly memoryPeakBytes: number
  readonly outcome: Outcome
}

export interface Phase {
  readonly name: string
  readonly ms: number
}

export type Outcome =
  | { readonly is: 'done' }
  /** The new version served, was worse, and the old one serves again. */
  | { readonly is: 'went-back'; readonly because: string }
  /** The old version is in force as before. */
  | { readonly is: 'failed'; readonly because: string }
  /** The new version is in force although it is not as it should be: the old one could not be started any more. */
  | { readonly is: 'stuck'; readonly because: string }

const MEMBERS: readonly (keyof Receipt)[] = [
  'plugin',
  'what',
  'from',
  'to',
  'at',
  'phases',
  'before',
  'during',
  'after',
  'outcome',
]

export function isReceipt(value: unknown): value is Receipt {
  return typeof value === 'object' && value !== null && MEMBERS.every((name) => name in value)
}

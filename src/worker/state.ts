import type { Millis } from '../time.ts'
/** A process that cannot be mistaken for another: a pid alone is used again by the system. */
export interface ProcessId {
  readonly pid: number
  /** Field 22 of /proc/PID/stat, in clock ticks since boot. */
  readonly startTime: number
}

/** How a process ended; both null when another process reaped it. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export type FailureReason =
  | { readonly kind: 'exited'; readonly exit: Exit }
  /** `listensOn`: the TCP addresses where it listened by then, such as `127.0.0.1:3000`. */
  | { readonly kind: 'not-ready'; readonly afterMs: number; readonly listensOn?: readonly string[] }
  | { readonly kind: 'not-started'; readonly message: string }
  /** It was ready, and then it took no requests any more. */
  | { readonly kind: 'hung'; readonly afterMs: number }
  | OverLimit

/** It had more than it may have, with all that it had started. */
export interface OverLimit {
  readonly kind: 'over-limit'
  /** `tasks`: processes and threads. */
  readonly what: 'memory' | 'tasks'
  /** Whose limit: its own, or the one that its plugin has as a whole. */
  readonly of: 'worker' | 'plugin'
  /** Bytes, or how many. */
  readonly limit: number
  /** Undefined when the kernel ended it, which does not say. */
  readonly used: number | undefined
  readonly outcome: 'killed' | 'replaced'
}

export interface Failure {
  readonly reason: FailureReason
  readonly at: Millis
  /** The last lines the worker wrote. */
  readonly output: string
}

/**
 * What one worker is: one process of one generation in a slot. What it should be is the plan's business.
 * `failures` counts the attempts in this slot that ended badly, one after the other.
 */
export type WorkerState =
  | {
      readonly is: 'starting'
      readonly process: ProcessId
      readonly since: Millis
      readonly readyBy: Millis
      readonly failures: number
    }
  | {
      readonly is: 'ready'
      readonly process: ProcessId
      readonly since: Millis
      readonly renewAt: Millis | null
      /** Why another one is to take its place, where that is not its age. */
      readonly renewFor?: OverLimit
      readonly failures: number
    }
  /** No longer linked; waits until its connections have ended. */
  | {
      readonly is: 'draining'
      readonly process: ProcessId
      readonly lookFrom: Millis
      readonly emptyLooks: number
      readonly until: Millis
    }
  /** SIGTERM is sent. */
  | { readonly is: 'stopping'; readonly process: ProcessId; readonly killAt: Millis }
  /** SIGKILL is sent. */
  | { readonly is: 'killed'; readonly process: ProcessId }
  /** No process. A new generation may be started from `retryAt` on. */
  | { readonly is: 'failed'; readonly failures: number; readonly retryAt: Millis; readonly failure: Failure }
  | { readonly is: 'gone' }

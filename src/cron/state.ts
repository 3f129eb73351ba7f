import type { Millis } from '../time.ts'
import type { Exit, ProcessId } from '../worker/state.ts'

/** One run of a job, from its beginning. */
export interface CronRun {
  /** The moment it was due; null when a person asked for it. */
  readonly due: Millis | null
  readonly startedAt: Millis
}

/** What one job is doing. */
export type CronState =
  | { readonly is: 'waiting' }
  /** Decided and written down; the process may exist or not. */
  | { readonly is: 'starting'; readonly run: CronRun }
  /** `outputFrom`: where the output of the run begins in the log file, in bytes. */
  | { readonly is: 'running'; readonly run: CronRun; readonly process: ProcessId; readonly outputFrom: number }
  /** SIGTERM is sent; SIGKILL follows. */
  | {
      readonly is: 'stopping'
      readonly run: CronRun
      readonly process: ProcessId
      readonly outputFrom: number
      readonly killAt: Millis
    }

/** How a run ended. `unseen`: while no daemon ran, and its exit code is not known. */
export type CronOutcome =
  | { readonly is: 'exited'; readonly exit: Exit }
  | { readonly is: 'not-started'; readonly message: string }
  | { readonly is: 'unseen' }

/** What happened to a job. `skipped`: the run before it was not over. `missed`: nobody was there to start it. */
export type CronEntry =
  | {
      readonly is: 'ran'
      readonly run: CronRun
      readonly endedAt: Millis
      readonly outcome: CronOutcome
      /** The last lines it wrote; kept for the newest runs only. */
      readonly output: string
    }
  | { readonly is: 'skipped' | 'missed'; readonly count: number; readonly first: Millis; readonly last: Millis }

/** Everything that is known of a job, and what a later daemon needs to go on with it. */
export interface CronMemory {
  /** Every due time up to this moment has been dealt with: started, skipped or counted as missed. */
  readonly handled: Millis
  readonly state: CronState
  /** Runs that ended. */
  readonly runs: number
  readonly failed: number
  readonly skipped: number
  readonly missed: number
  /** Newest last. */
  readonly history: readonly CronEntry[]
}

export type CronEvent =
  | { readonly type: 'time-passed' }
  /** A person wants a run now. */
  | { readonly type: 'asked' }
  | { readonly type: 'spawned'; readonly process: ProcessId; readonly outputFrom: number }
  | { readonly type: 'ended'; readonly at: Millis; readonly outcome: CronOutcome; readonly output: string }
  /** The module stops. */
  | { readonly type: 'stop' }

/** `start` follows once the state that asks for it is written to disk. */
export type CronEffect =
  | { readonly do: 'start'; readonly run: CronRun }
  | { readonly do: 'signal'; readonly process: ProcessId; readonly signal: NodeJS.Signals }

export type CronStep = readonly [CronMemory, readonly CronEffect[]]

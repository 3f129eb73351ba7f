import type { Millis } from '../time.ts'

/** What came of the wish to run a job now. */
export type CronAnswer = { readonly is: 'started'; readonly startedAt: Millis } | { readonly is: 'runs-already' | 'unknown-job' }

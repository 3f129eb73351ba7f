import { outcomeText } from '../../cron/outcome.ts'
import type { CronMemory } from '../../cron/state.ts'
import { isFailure } from '../../cron/transition.ts'
import { log } from '../logs/logger.ts'
import type { CronRecord } from './record.ts'

export function keyOf({ plugin, id }: Pick<CronRecord, 'plugin' | 'id'>): string {
  return `${plugin}/${id}`
}

/** Says in the log what became of the newest run, when that is news. */
export function tell(record: CronRecord, before: CronMemory): void {
  const known = before.history.at(-1)
  const newest = record.memory.history.at(-1)
  if (newest === undefined || newest === known) return
  if (newest.is === 'ran') {
    if (isFailure(newest.outcome)) log('WARNING', `cron job ${keyOf(record)} failed: ${outcomeText(newest.outcome)}`)
  } else if (newest.is !== known?.is) {
    // One line for each absence, and for each run that takes too long.
    log('WARNING', `cron job ${keyOf(record)} ${newest.is} a run, due at ${new Date(newest.first).toISOString()}`)
  }
}

import type { CronEntryReport, CronReport, CronRunReport } from '../../control/protocol.ts'
import { outcomeText } from '../../cron/outcome.ts'
import type { CronEntry, CronState } from '../../cron/state.ts'
import { isFailure } from '../../cron/transition.ts'
import type { KnownJob } from '../../host/cron/cron-runner.ts'

/** What is wanted of a job and what became of it, side by side. */
export function reportCron({ job, memory, wake }: KnownJob): CronReport {
  const { plugin, id, line, schedule, command, zone, logFile } = job
  const { runs, failed, skipped, missed, history, state } = memory
  const last = history.findLast((entry) => entry.is === 'ran')
  return {
    plugin,
    job: id,
    line,
    schedule: schedule.text,
    command,
    zone,
    logFile,
    // One that is being ended is looked at for its own sake, and nothing is due any more.
    next: state.is === 'stopping' ? null : wake,
    running: runningOf(state),
    lastRun: last === undefined ? null : reportRun(last),
    runs,
    failed,
    skipped,
    missed,
    trouble: troubleOf(history.at(-1)),
  }
}

export function reportEntry(entry: CronEntry): CronEntryReport {
  return entry.is === 'ran' ? { is: 'ran', ...reportRun(entry) } : entry
}

function reportRun({ run, endedAt, outcome, output }: Extract<CronEntry, { is: 'ran' }>): CronRunReport {
  const exit = outcome.is === 'exited' ? outcome.exit : { code: null, signal: null }
  return {
    ...run,
    endedAt,
    durationMs: endedAt - run.startedAt,
    exitCode: exit.code,
    signal: exit.signal,
    outcome: outcomeText(outcome),
    output,
  }
}

function runningOf(state: CronState): CronReport['running'] {
  if (state.is === 'waiting') return null
  return { pid: 'process' in state ? state.process.pid : null, since: state.run.startedAt }
}

function troubleOf(newest: CronEntry | undefined): CronReport['trouble'] {
  if (newest === undefined) return null
  if (newest.is !== 'ran') return newest.is
  return isFailure(newest.outcome) ? 'failed' : null
}

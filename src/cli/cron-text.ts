import type { CronEntryReport, CronReport, CronRunReport } from '../control/protocol.ts'
import { box } from './table.ts'

const LONGEST_COMMAND = 60

export function cronTable(jobs: readonly CronReport[]): string {
  if (jobs.length === 0) return 'There are no cron jobs.'
  const rows = jobs.map((job) => [
    `${job.plugin}\nline ${job.line}\n${job.job}`,
    `${scheduleText(job)}\n${shortened(job.command)}`,
    job.next === null ? '' : timeText(job.next),
    lastText(job),
    countsText(job),
  ])
  return box({
    title: `Cron jobs (${jobs.length})`,
    head: ['Plugin, line, job', 'Schedule, command', 'Next', 'Last', 'Runs'],
    rows,
  })
}

export function historyText(job: CronReport, entries: readonly CronEntryReport[]): string {
  const title = `${job.plugin} line ${job.line} (${job.job})  ${scheduleText(job)}  ${job.command}`
  const lines = entries.length === 0 ? ['  It has not run yet.'] : entries.flatMap(entryLines)
  return [title, ...lines, ...(job.running === null ? [] : [`  ${timeText(job.running.since)}  runs now`])].join('\n')
}

/** What `mfserv.status` says of the jobs of one plugin: how many there are, and each that did not do what it should. */
export function cronStatusLines(jobs: readonly CronReport[]): readonly string[] {
  if (jobs.length === 0) return []
  const times = jobs.flatMap(({ next }) => next ?? [])
  const next = times.length === 0 ? '' : `, next ${timeText(Math.min(...times))}`
  return [`  cron  ${jobs.length === 1 ? '1 job' : `${jobs.length} jobs`}${next}`, ...jobs.flatMap(troubleLines)]
}

function troubleLines(job: CronReport): readonly string[] {
  if (job.trouble === null) return []
  const place = `    line ${job.line} (${job.job})`
  switch (job.trouble) {
    case 'failed':
      return [`${place}  failed: ${lastText(job).replace('\n', '  ')}`]
    case 'missed':
      return [`${place}  did not run: mfserv was down when it was due, ${times(job.missed)} so far`]
    case 'skipped':
      return [`${place}  did not run: the run before it was not over, ${times(job.skipped)} so far`]
    default:
      return job.trouble satisfies never
  }
}

function entryLines(entry: CronEntryReport): readonly string[] {
  if (entry.is !== 'ran') {
    const span = entry.count === 1 ? '' : `, the last ${timeText(entry.last)}`
    const why = entry.is === 'missed' ? 'no daemon ran' : 'the run before was not over'
    return [`  ${timeText(entry.first)}  ${entry.is} ${times(entry.count)}${span}: ${why}`]
  }
  const output = entry.output === '' ? [] : entry.output.split('\n').map((line) => `      ${line}`)
  return [`  ${timeText(entry.startedAt)}  ${runText(entry)}${entry.due === null ? ', asked for' : ''}`, ...output]
}

function lastText({ running, lastRun }: CronReport): string {
  if (running !== null) return `runs since ${timeText(running.since)}`
  return lastRun === null ? 'never' : `${timeText(lastRun.startedAt)}\n${runText(lastRun)}`
}

function runText({ outcome, durationMs }: CronRunReport): string {
  return `${outcome}, ${(durationMs / 1000).toFixed(1)} s`
}

function countsText({ runs, failed, skipped, missed }: CronReport): string {
  const counts = { failed, skipped, missed }
  const more = Object.entries(counts).flatMap(([name, count]) => (count === 0 ? [] : [`${count} ${name}`]))
  return [String(runs), ...more].join('\n')
}

function scheduleText({ schedule, zone }: CronReport): string {
  return zone === undefined ? schedule : `${schedule} ${zone}`
}

function shortened(command: string): string {
  return command.length <= LONGEST_COMMAND ? command : `${command.slice(0, LONGEST_COMMAND - 1)}…`
}

/** `2026-11-22 03:10:00`, in the time zone of the machine. */
function timeText(time: number): string {
  return new Date(time).toLocaleString('sv-SE')
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

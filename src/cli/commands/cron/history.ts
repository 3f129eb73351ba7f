import type { CronEntryReport, CronReport } from '../../../control/protocol.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { historyText } from '../../cron-text.ts'
import type { Result } from '../../output.ts'
import { ask, findJob, jobsOf } from './jobs.ts'

export async function run([name, wanted]: readonly [string, string | undefined]): Promise<Result> {
  const where = pathsOf(runtimeHome())
  const jobs = wanted === undefined ? await jobsOf(name, where) : [await findJob(name, wanted, where)]
  const histories: (readonly [CronReport, readonly CronEntryReport[]])[] = []
  for (const job of jobs) histories.push([job, await ask(where, 'GET /cron/history', { plugin: job.plugin, job: job.job })])
  return {
    data: histories.map(([{ plugin, job, line, schedule, command }, entries]) => ({
      plugin,
      job,
      line,
      schedule,
      command,
      history: entries,
    })),
    text: histories.map(([job, entries]) => historyText(job, entries)).join('\n\n') || 'There are no cron jobs.',
  }
}

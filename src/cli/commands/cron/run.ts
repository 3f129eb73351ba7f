import type { CronReport, CronRunReport } from '../../../control/protocol.ts'
import { isDraining } from '../../../host/home/draining.ts'
import { type Paths, pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { Problem } from '../../../problem.ts'
import type { Result } from '../../output.ts'
import { ask, findJob, notFound } from './jobs.ts'

interface RunOptions {
  readonly noWait?: true
}

/** How often a run that somebody waits for is asked after. */
const LOOK_MS = 100

export async function run([name, wanted]: readonly [string, string], options: RunOptions): Promise<Result> {
  const where = pathsOf(runtimeHome())
  if (isDraining(where)) {
    throw new Problem('BUSY', 'mfserv was told to drain, so no cron job is begun', 'Take that back: mfserv drain --off')
  }
  const { plugin, job, line } = await findJob(name, wanted, where)
  const answer = await ask(where, 'POST /cron/run', { plugin, job })
  switch (answer.is) {
    case 'unknown-job':
      throw await notFound(plugin, wanted, where)
    case 'runs-already':
      throw new Problem(
        'BUSY',
        `the job in line ${line} of ${plugin} runs already`,
        `Wait for its end: mfserv cron list ${plugin}`,
      )
    case 'started':
      if (options.noWait === true) return { data: answer, text: `Started line ${line} of ${plugin}.` }
      return ended(await untilEnded({ plugin, job }, answer.startedAt, where))
    default:
      return answer satisfies never
  }
}

/** Asks until the run is in the history; a person who has waited enough ends the command, not the job. */
async function untilEnded(job: Pick<CronReport, 'plugin' | 'job'>, startedAt: number, where: Paths): Promise<CronRunReport> {
  for (;;) {
    const entries = await ask(where, 'GET /cron/history', { plugin: job.plugin, job: job.job })
    const found = entries.find((entry) => entry.is === 'ran' && entry.startedAt === startedAt)
    if (found?.is === 'ran') return found
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

function ended(run: CronRunReport): Result {
  const seconds = (run.durationMs / 1000).toFixed(1)
  const output = run.output === '' ? '' : `${run.output}\n`
  return { data: run, text: `${output}The job ended: ${run.outcome}, ${seconds} s.`, exitCode: run.exitCode ?? 1 }
}

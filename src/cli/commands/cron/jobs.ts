import { didYouMean } from '../../../config/nearest.ts'
import { askControl } from '../../../control/client.ts'
import type { ControlApi, CronReport } from '../../../control/protocol.ts'
import type { Paths } from '../../../host/home/paths.ts'
import { plainName } from '../../../host/plugins/find-plugin.ts'
import { stoppedPlugins } from '../../../host/plugins/plugin-marks.ts'
import { Problem } from '../../../problem.ts'

/** The jobs of all plugins or of one; a plugin that does not exist is a Problem. */
export async function jobsOf(written: string | undefined, where: Paths): Promise<readonly CronReport[]> {
  const { cron, plugins } = await ask(where, 'GET /status')
  if (written === undefined) return cron
  const name = plainName(written)
  if (!plugins.some((plugin) => plugin.name === name)) {
    const near = didYouMean(
      name,
      plugins.map((plugin) => plugin.name),
    )
    throw new Problem('PLUGIN_NOT_FOUND', `no plugin ${name} is installed`, `${near}See what is installed: plugins.list`)
  }
  return cron.filter(({ plugin }) => plugin === name)
}

export async function findJob(name: string, wanted: string, where: Paths): Promise<CronReport> {
  const jobs = await jobsOf(name, where)
  const exact = jobs.find(({ job, line }) => job === wanted || String(line) === wanted)
  const begun = jobs.filter(({ job }) => job.startsWith(wanted))
  const [only] = begun
  if (exact !== undefined) return exact
  if (only === undefined || begun.length > 1) throw await notFound(name, wanted, where)
  return only
}

export async function notFound(name: string, wanted: string, where: Paths): Promise<Problem> {
  if (stoppedPlugins(where).has(name))
    return new Problem('PLUGIN_STOPPED', `${name} is stopped, and its cron jobs rest`, `Start it: plugins.start ${name}`)
  const jobs = await jobsOf(name, where)
  const known = jobs.map(({ job, line }) => `${job} (line ${line})`).join(', ')
  const fix = jobs.length === 0 ? `${name} has no crontab, or one without jobs.` : `Its jobs: ${known}.`
  return new Problem('CRON_JOB_NOT_FOUND', `${name} has no single cron job "${wanted}"`, fix)
}

export async function ask<K extends keyof ControlApi>(
  where: Paths,
  name: K,
  query: Readonly<Record<string, string>> = {},
): Promise<ControlApi[K]> {
  const answer = await askControl(where.control, name, query)
  if (answer === undefined)
    throw new Problem('DAEMON_DOWN', 'mfserv does not run, and cron jobs only run with it', 'mfserv.start')
  return answer
}

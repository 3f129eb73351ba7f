import type { Command } from 'commander'
import type { ControlApi, CronEntryReport, CronReport, CronRunReport } from '../../control/protocol.ts'
import type { Paths } from '../../host/home/paths.ts'
import type { OutputOptions, Result } from '../output.ts'

interface RunOptions extends OutputOptions {
  readonly wait: boolean
}

/** How often a run that somebody waits for is asked after. */
const LOOK_MS = 100

export function registerList(cron: Command): void {
  cron
    .command('list')
    .description('List the cron jobs: when they run next and how they ended last.')
    .argument('[NAME]', 'only those of this plugin')
    .action(async (name: string | undefined, _options, command: Command) => {
      const { cronTable } = await import('../cron-text.ts')
      const jobs = await jobsOf(name, await paths())
      await finish({ data: jobs, text: cronTable(jobs) }, command.optsWithGlobals<OutputOptions>())
    })
}

export function registerRun(cron: Command): void {
  cron
    .command('run')
    .description('Run a cron job now, and wait for its end. The exit code is that of the job.')
    .argument('<NAME>', 'the plugin')
    .argument('<JOB>', 'the id of the job, the beginning of it, or its line in the crontab')
    .option('--no-wait', 'only start it')
    .action(async (name: string, wanted: string, _options, command: Command) => {
      const options = command.optsWithGlobals<RunOptions>()
      await finish(await run(name, wanted, options, await paths()), options)
    })
}

export function registerHistory(cron: Command): void {
  cron
    .command('history')
    .description('Show what became of the cron jobs of a plugin, oldest first.')
    .argument('<NAME>', 'the plugin')
    .argument('[JOB]', 'only this one: its id, the beginning of it, or its line in the crontab')
    .action(async (name: string, wanted: string | undefined, _options, command: Command) => {
      await finish(await history(name, wanted, await paths()), command.optsWithGlobals<OutputOptions>())
    })
}

async function run(name: string, wanted: string, options: RunOptions, where: Paths): Promise<Result> {
  const { Problem } = await import('../../problem.ts')
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
      if (!options.wait) return { data: answer, text: `Started line ${line} of ${plugin}.` }
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

async function history(name: string, wanted: string | undefined, where: Paths): Promise<Result> {
  const { historyText } = await import('../cron-text.ts')
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

/** The jobs of all plugins or of one; a plugin that does not exist is a Problem. */
async function jobsOf(written: string | undefined, where: Paths): Promise<readonly CronReport[]> {
  const { plainName } = await import('../../host/plugins/find-plugin.ts')
  const { Problem } = await import('../../problem.ts')
  const { didYouMean } = await import('../../config/nearest.ts')
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

async function findJob(name: string, wanted: string, where: Paths): Promise<CronReport> {
  const jobs = await jobsOf(name, where)
  const exact = jobs.find(({ job, line }) => job === wanted || String(line) === wanted)
  const begun = jobs.filter(({ job }) => job.startsWith(wanted))
  const [only] = begun
  if (exact !== undefined) return exact
  if (only === undefined || begun.length > 1) throw await notFound(name, wanted, where)
  return only
}

async function notFound(name: string, wanted: string, where: Paths) {
  const { Problem } = await import('../../problem.ts')
  const { stoppedPlugins } = await import('../../host/plugins/plugin-marks.ts')
  if (stoppedPlugins(where).has(name))
    return new Problem('PLUGIN_STOPPED', `${name} is stopped, and its cron jobs rest`, `Start it: plugins.start ${name}`)
  const jobs = await jobsOf(name, where)
  const known = jobs.map(({ job, line }) => `${job} (line ${line})`).join(', ')
  const mend = jobs.length === 0 ? `${name} has no crontab, or one without jobs.` : `Its jobs: ${known}.`
  return new Problem('CRON_JOB_NOT_FOUND', `${name} has no single cron job "${wanted}"`, mend)
}

async function ask<K extends keyof ControlApi>(
  where: Paths,
  name: K,
  query: Readonly<Record<string, string>> = {},
): Promise<ControlApi[K]> {
  const { askControl } = await import('../../control/client.ts')
  const { Problem } = await import('../../problem.ts')
  const answer = await askControl(where.control, name, query)
  if (answer === undefined)
    throw new Problem('DAEMON_DOWN', 'mfserv does not run, and cron jobs only run with it', 'mfserv.start')
  return answer
}

async function paths(): Promise<Paths> {
  const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
  return pathsOf(runtimeHome())
}

async function finish(result: Result, options: OutputOptions): Promise<void> {
  const { print } = await import('../output.ts')
  print(result, options)
}

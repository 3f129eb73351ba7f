import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Settings } from '../../config/settings.ts'
import type { StatusReport } from '../../control/protocol.ts'
import type { Paths } from '../../host/home/paths.ts'
import type { OutputOptions, Result } from '../output.ts'

export function register(program: Command): void {
  program
    .command('start')
    .description('Start mfserv: nginx and every plugin. When it runs already, look at the files again and report.')
    .action(async (_options, command: Command) => {
      const { print } = await import('../output.ts')
      const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
      const options = command.optsWithGlobals<OutputOptions>()
      print(await start(pathsOf(runtimeHome())), options)
    })
}

async function start(paths: Paths): Promise<Result> {
  const { askControl } = await import('../../control/client.ts')
  const { untilReport } = await import('../../control/daemon-process.ts')
  const running = await askControl(paths.control, 'POST /look')
  if (running === undefined || (await isOther(running))) {
    const settings = await readSettings(paths)
    if (!settings.startup.flag) return { data: null, text: 'mfserv is not started: [startup] flag is 0.' }
    // What it served goes on meanwhile; the new daemon takes it over.
    if (running?.daemon.pid != null) await endDaemon(running.daemon.pid)
    await startNew(paths, settings)
    await delay(settings.nginx.smart_start_delay * 1000)
  }
  const provisioned = await provisionSite()
  const report = await untilReport(paths, (now) => now.status !== 'STARTING')
  if (report === undefined) return { data: null, text: 'mfserv ended while it started.', exitCode: 1 }
  const started = await result(report)
  return { ...started, text: [...provisioned, started.text].join('\n') }
}

/** What the administrator has put into the site directory. What is not taken is told, and does not keep the rest from running. */
async function provisionSite(): Promise<readonly string[]> {
  const { listSite } = await import('../../host/home/site-listing.ts')
  const { files, unreadable } = listSite(process.env)
  if (files.length + unreadable.length === 0) return []
  const { provisionResult } = await import('./provision.ts')
  return [(await provisionResult()).text]
}

/** A daemon of another version of mfserv gives way to this one. */
async function isOther(running: StatusReport): Promise<boolean> {
  const { version } = await import('../../host/module/machine.ts')
  return running.version !== version()
}

/** Its lock is free, and its socket, when this answers. */
async function endDaemon(pid: number): Promise<void> {
  const { untilProcessEnded } = await import('../../control/daemon-process.ts')
  const { processId, signal } = await import('../../host/process/proc.ts')
  const daemon = processId(pid)
  if (daemon === undefined) return
  signal(daemon, 'SIGKILL')
  await untilProcessEnded(daemon)
}

/** Throws every problem of the configuration at once when none was ever good; shows those of the present one. */
async function readSettings(paths: Paths): Promise<Settings> {
  const { readGoodConfig, untilConfigured } = await import('../../host/module/good-config.ts')
  const { readHardware } = await import('../../host/module/hardware.ts')
  const { isError, Problems, formatProblem } = await import('../../problem.ts')
  const { progress } = await import('../output.ts')
  await untilConfigured(paths, process.env)
  const { config, problems, isKept } = readGoodConfig(paths, readHardware(), process.env)
  if (problems.some(isError) && !isKept) throw new Problems(problems)
  for (const problem of problems.filter((one) => !isError(one))) progress(formatProblem(problem))
  return config.settings
}

async function startNew(paths: Paths, { nginx }: Settings): Promise<StatusReport> {
  const { startDaemon } = await import('../../control/daemon-process.ts')
  const { recordMfservHome } = await import('../../host/home/mfserv-home.ts')
  const { findNginx } = await import('../../host/nginx/nginx-front.ts')
  const { ensurePython } = await import('../../host/programs/python-framework.ts')
  const { formatProblem } = await import('../../problem.ts')
  const { progress } = await import('../output.ts')
  if (nginx.flag) findNginx(paths)
  const unrecorded = recordMfservHome(paths)
  if (unrecorded !== undefined) progress(formatProblem(unrecorded))
  await ensurePython(paths, progress)
  return startDaemon(paths)
}

async function result(report: StatusReport): Promise<Result> {
  const { pluginTrouble, problemLines } = await import('../../control/trouble-text.ts')
  const { reachable } = await import('../../control/reachable.ts')
  const { exitCodeOf } = await import('../../control/word.ts')
  const { LAST_GOOD } = await import('../status-text.ts')
  const reach = reachable(report)
  const isServed = report.status === 'RUNNING' || report.status === 'DEGRADED'
  const broken = report.plugins.filter(({ state }) => state !== 'serving')
  const text = [
    `mfserv is ${report.status}${isServed ? `: ${reach.is === 'off' ? reach.because : report.url}` : '.'}`,
    ...(report.configuration === 'last good' ? [`${LAST_GOOD}:`] : []),
    ...problemLines(report.problems, ''),
    ...problemLines(report.nginx.problem === undefined ? [] : [report.nginx.problem], ''),
    ...broken.flatMap((plugin) => [
      `Plugin ${plugin.name} is ${plugin.state}:`,
      ...pluginTrouble(plugin).map((line) => `  ${line}`),
    ]),
  ]
  return { data: report, text: text.join('\n'), exitCode: exitCodeOf(report.status) }
}

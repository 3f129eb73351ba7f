import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../../config/settings.ts'
import { askControl } from '../../control/client.ts'
import { startDaemon, untilProcessEnded, untilReport } from '../../control/daemon-process.ts'
import type { StatusReport } from '../../control/protocol.ts'
import { reachable } from '../../control/reachable.ts'
import { pluginTrouble, problemLines } from '../../control/trouble-text.ts'
import { exitCodeOf } from '../../control/word.ts'
import { recordMfservHome } from '../../host/home/mfserv-home.ts'
import { type Paths, pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { listSite } from '../../host/home/site-listing.ts'
import { readGoodConfig, untilConfigured } from '../../host/module/good-config.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { runningCode } from '../../host/module/running-code.ts'
import { findNginx } from '../../host/nginx/nginx-front.ts'
import { processId, signal } from '../../host/process/proc.ts'
import { ensurePython } from '../../host/programs/python-framework.ts'
import { formatProblem, isError, Problems } from '../../problem.ts'
import { progress, type Result } from '../output.ts'
import { LAST_GOOD } from '../status-text.ts'

export async function run(): Promise<Result> {
  return await start(pathsOf(runtimeHome()))
}

async function start(paths: Paths): Promise<Result> {
  const running = await askControl(paths.control, 'POST /look')
  const code = runningCode()
  if (running?.daemon.code !== code) {
    const settings = await readSettings(paths)
    if (!settings.startup.flag) return { data: null, text: 'mfserv is not started: [startup] flag is 0.' }
    // One that cannot hand over is ended. What it served goes on meanwhile.
    const isAble = running?.daemon.code !== undefined
    if (running?.daemon.pid != null && !isAble) await endDaemon(running.daemon.pid)
    await startNew(paths, settings, isAble ? code : undefined)
    await delay(settings.nginx.smart_start_delay * 1000)
  }
  const provisioned = await provisionSite()
  const report = await untilReport(paths, (now) => now.status !== 'STARTING')
  if (report === undefined) return { data: null, text: 'mfserv ended while it started.', exitCode: 1 }
  const started = result(report)
  return { ...started, text: [...provisioned, started.text].join('\n') }
}

/** What the administrator has put into the site directory. What is not taken is told, and does not keep the rest from running. */
async function provisionSite(): Promise<readonly string[]> {
  const { files, unreadable } = listSite(process.env)
  if (files.length + unreadable.length === 0) return []
  const { provisionResult } = await import('./provision.ts')
  return [(await provisionResult()).text]
}

/** Its lock is free, and its socket, when this answers. */
async function endDaemon(pid: number): Promise<void> {
  const daemon = processId(pid)
  if (daemon === undefined) return
  signal(daemon, 'SIGKILL')
  await untilProcessEnded(daemon)
}

/** Throws every problem of the configuration at once when none was ever good; shows those of the present one. */
async function readSettings(paths: Paths): Promise<Settings> {
  await untilConfigured(paths, process.env)
  const { config, problems, isKept } = readGoodConfig(paths, readHardware(), process.env)
  if (problems.some(isError) && !isKept) throw new Problems(problems)
  for (const problem of problems.filter((one) => !isError(one))) progress(formatProblem(problem))
  return config.settings
}

/** `successorWith`: a daemon of other code runs, and hands over to the new one of this code. */
async function startNew(paths: Paths, { nginx }: Settings, successorWith: string | undefined): Promise<StatusReport> {
  if (nginx.flag) findNginx(paths)
  const unrecorded = recordMfservHome(paths)
  if (unrecorded !== undefined) progress(formatProblem(unrecorded))
  await ensurePython(paths, progress)
  return startDaemon(paths, successorWith === undefined ? {} : { successorWith })
}

function result(report: StatusReport): Result {
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

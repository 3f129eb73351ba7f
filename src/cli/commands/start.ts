import type { StatusReport } from '../../control/protocol.ts'
import { reachable } from '../../control/reachable.ts'
import { pluginTrouble, problemLines } from '../../control/trouble-text.ts'
import { exitCodeOf } from '../../control/word.ts'
import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { listSite } from '../../host/home/site-listing.ts'
import { type ModuleStarted, type StartPlace, startModule } from '../../operations/module/start.ts'
import { progress, type Result } from '../output.ts'
import { LAST_GOOD } from '../status-text.ts'

export function run(): Promise<Result> {
  return bringUp(startModule)
}

/** What of the site directory is not taken is told, and does not keep the rest from running. */
export async function bringUp(start: (place: StartPlace) => Promise<ModuleStarted>): Promise<Result> {
  const told: string[] = []
  const provision = async (): Promise<void> => {
    const { files, unreadable } = listSite(process.env)
    if (files.length + unreadable.length === 0) return
    const { provisionResult } = await import('./provision.ts')
    told.push((await provisionResult()).text)
  }
  const started = await start({ ...placeOf(), say: progress, provision })
  switch (started.is) {
    case 'switched off':
      return { data: null, text: 'mfserv is not started: [startup] flag is 0.' }
    case 'ended':
      return { data: null, text: 'mfserv ended while it started.', exitCode: 1 }
    case 'started':
      return {
        data: started.report,
        text: [...told, ...startedLines(started.report)].join('\n'),
        exitCode: exitCodeOf(started.report.status),
      }
  }
}

export function placeOf(): Pick<StartPlace, 'paths' | 'env'> {
  return { paths: pathsOf(runtimeHome()), env: process.env }
}

function startedLines(report: StatusReport): readonly string[] {
  const reach = reachable(report)
  const isServed = ['RUNNING', 'DEGRADED', 'DRAINING'].includes(report.status)
  const broken = report.plugins.filter(({ state }) => state !== 'serving')
  return [
    `mfserv is ${report.status}${isServed ? `: ${reach.is === 'off' ? reach.because : report.url}` : '.'}`,
    ...(report.status === 'DRAINING'
      ? ['It was told to drain, and tells load balancers to stay away. To end that: mfserv drain --off']
      : []),
    ...(report.configuration === 'last good' ? [`${LAST_GOOD}:`] : []),
    ...problemLines(report.problems, ''),
    ...problemLines(report.nginx.problem === undefined ? [] : [report.nginx.problem], ''),
    ...broken.flatMap((plugin) => [
      `Plugin ${plugin.name} is ${plugin.state}:`,
      ...pluginTrouble(plugin).map((line) => `  ${line}`),
    ]),
  ]
}

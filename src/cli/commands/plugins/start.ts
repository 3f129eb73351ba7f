import { answersText, isCutOff, type Reach } from '../../../control/reachable.ts'
import { pluginTrouble } from '../../../control/trouble-text.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { matchingPlugins } from '../../../host/plugins/match-plugins.ts'
import { withPluginLock } from '../../../host/plugins/plugin-lock.ts'
import { type Started, startPlugin } from '../../../operations/plugin/stop-and-start.ts'
import type { Result } from '../../output.ts'
import { reachNow } from '../../reach-now.ts'
import { stepLine } from '../../step.ts'

export async function run([wanted]: readonly [string | undefined]): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const names = matchingPlugins(wanted, paths.plugins)
  const startOne = async (name: string) => {
    const changer = { plugin: name, what: `plugins.start ${name}` }
    return { name, started: await withPluginLock(paths, changer, () => startPlugin(name, paths)) }
  }
  const results = await Promise.all(names.map(startOne))
  const reach = await reachNow(paths)
  const texts = results.map(({ name, started }) => textOf(name, started, reach))
  return {
    data: results.map(({ name, started }) => ({ name, state: stateOf(started), reach: reach ?? null })),
    text: texts.join('\n') || 'No plugin is installed.',
    exitCode: results.every(({ started }) => started.is === 'not running' || isServed(started, reach)) ? 0 : 1,
  }
}

export function stateOf(started: Started): string {
  return started.is === 'started' ? started.report.state : started.is
}

/** Whether its workers are well and nginx does not keep people from them. */
export function isServed(started: Started, reach: Reach | undefined): boolean {
  return started.is === 'started' && started.report.state === 'serving' && !isCutOff(started.report.apps, reach)
}

/** What `plugins.start` says of one plugin. */
export function textOf(name: string, started: Started, reach: Reach | undefined): string {
  if (started.is === 'not running')
    return `${stepLine(`Starting plugin ${name}`, 'OK')}\nmfserv does not run; ${name} starts with it: mfserv.start`
  const { state } = started.report
  if (state === 'serving' && (reach === undefined || reach.is === 'served')) return stepLine(`Starting plugin ${name}`, 'OK')
  if (state === 'serving' && reach !== undefined) {
    const line = stepLine(`Starting plugin ${name}`, isCutOff(started.report.apps, reach) ? 'ERROR' : 'OK')
    return `${line}\n${answersText(name, started.report.apps, reach)}`
  }
  return [stepLine(`Starting plugin ${name}`, 'ERROR'), `${name} is ${state}:`, ...pluginTrouble(started.report)].join('\n')
}

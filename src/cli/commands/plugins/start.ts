import type { Command } from 'commander'
import { isCutOff, type Reach } from '../../../control/reachable.ts'
import type { Paths } from '../../../host/home/paths.ts'
import type { Started } from '../../../operations/plugin/stop-and-start.ts'
import type { OutputOptions, Result } from '../../output.ts'

export function register(plugins: Command): void {
  plugins
    .command('start')
    .description('Start a plugin that plugins.stop stopped, and wait until it answers.')
    .argument('[NAME]', 'the name of the plugin, or a pattern such as "shop_*"; all without one')
    .action(async (wanted: string | undefined, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const { pathsOf, runtimeHome } = await import('../../../host/home/paths.ts')
      print(await start(wanted, pathsOf(runtimeHome())), command.optsWithGlobals<OutputOptions>())
    })
}

async function start(wanted: string | undefined, paths: Paths): Promise<Result> {
  const { matchingPlugins } = await import('../../../host/plugins/match-plugins.ts')
  const { withPluginLock } = await import('../../../host/plugins/plugin-lock.ts')
  const { startPlugin } = await import('../../../operations/plugin/stop-and-start.ts')
  const { reachNow } = await import('../../reach-now.ts')
  const names = matchingPlugins(wanted, paths.plugins)
  const startOne = async (name: string) => {
    const changer = { plugin: name, what: `plugins.start ${name}` }
    return { name, started: await withPluginLock(paths, changer, () => startPlugin(name, paths)) }
  }
  const results = await Promise.all(names.map(startOne))
  const reach = await reachNow(paths)
  const texts = await Promise.all(results.map(({ name, started }) => textOf(name, started, reach)))
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
export async function textOf(name: string, started: Started, reach: Reach | undefined): Promise<string> {
  const { answersText } = await import('../../../control/reachable.ts')
  const { pluginTrouble } = await import('../../../control/trouble-text.ts')
  const { stepLine } = await import('../../step.ts')
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

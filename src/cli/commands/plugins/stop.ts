import type { Command } from 'commander'
import type { Paths } from '../../../host/home/paths.ts'
import type { Stopped } from '../../../operations/plugin/stop-and-start.ts'
import type { OutputOptions, Result } from '../../output.ts'

export function register(plugins: Command): void {
  plugins
    .command('stop')
    .description('Stop a plugin: it stays installed, its URLs answer 503, and it stays stopped until plugins.start.')
    .argument('[NAME]', 'the name of the plugin, or a pattern such as "shop_*"; all without one')
    .action(async (wanted: string | undefined, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const { pathsOf, runtimeHome } = await import('../../../host/home/paths.ts')
      print(await stop(wanted, pathsOf(runtimeHome())), command.optsWithGlobals<OutputOptions>())
    })
}

async function stop(wanted: string | undefined, paths: Paths): Promise<Result> {
  const { matchingPlugins } = await import('../../../host/plugins/match-plugins.ts')
  const { withPluginLock } = await import('../../../host/plugins/plugin-lock.ts')
  const { stopPlugin } = await import('../../../operations/plugin/stop-and-start.ts')
  const names = matchingPlugins(wanted, paths.plugins)
  const stopOne = async (name: string) => {
    const changer = { plugin: name, what: `plugins.stop ${name}` }
    return { name, stopped: await withPluginLock(paths, changer, () => stopPlugin(name, paths)) }
  }
  const named = await Promise.all(names.map(stopOne))
  const texts = await Promise.all(named.map(({ name, stopped }) => textOf(name, stopped)))
  return {
    data: named.map(({ name, stopped }) => ({ name, state: stopped.is })),
    text: texts.join('\n') || 'No plugin is installed.',
    exitCode: named.some(({ stopped }) => stopped.is === 'still ending') ? 1 : 0,
  }
}

async function textOf(name: string, stopped: Stopped): Promise<string> {
  const { stepLine } = await import('../../step.ts')
  const step = (tag: 'OK' | 'ERROR'): string => stepLine(`Stopping plugin ${name}`, tag)
  switch (stopped.is) {
    case 'stopped':
      return step('OK')
    case 'not running':
      return `${step('OK')}\nmfserv does not run; ${name} stays stopped when it does.`
    case 'still ending':
      return `${step('ERROR')}\n${stopped.workers} of its workers have not ended yet: plugins.status ${name}`
    default:
      return stopped satisfies never
  }
}

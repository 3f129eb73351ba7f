import type { Command } from 'commander'
import type { Paths } from '../../../host/home/paths.ts'
import type { OutputOptions, Result } from '../../output.ts'

/** What came of one plugin. */
interface One {
  readonly data: unknown
  readonly text: string
  readonly isGood: boolean
}

export function register(plugins: Command): void {
  plugins
    .command('restart')
    .description('Replace every worker of a plugin by a new one without losing a request, and print the receipt.')
    .argument('<NAME>', 'the name of the plugin, or a pattern such as "shop_*"')
    .action(async (wanted: string, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const { pathsOf, runtimeHome } = await import('../../../host/home/paths.ts')
      print(await restart(wanted, pathsOf(runtimeHome())), command.optsWithGlobals<OutputOptions>())
    })
}

async function restart(wanted: string, paths: Paths): Promise<Result> {
  const { matchingPlugins } = await import('../../../host/plugins/match-plugins.ts')
  const { withPluginLock } = await import('../../../host/plugins/plugin-lock.ts')
  const { stoppedPlugins } = await import('../../../host/plugins/plugin-marks.ts')
  const results: One[] = []
  for (const name of matchingPlugins(wanted, paths.plugins)) {
    const act = stoppedPlugins(paths).has(name) ? startOne : restartOne
    results.push(await withPluginLock(paths, { plugin: name, what: `plugins.restart ${name}` }, () => act(name, paths)))
  }
  return {
    data: results.map(({ data }) => data),
    text: results.map(({ text }) => text).join('\n\n'),
    exitCode: results.every(({ isGood }) => isGood) ? 0 : 1,
  }
}

async function restartOne(name: string, paths: Paths): Promise<One> {
  const { readModule } = await import('../../../host/module/module-environment.ts')
  const { restartPlugin } = await import('../../../operations/plugin/restart.ts')
  const { receiptText } = await import('../../../receipt/receipt-text.ts')
  const { pluginTrouble } = await import('../../../control/trouble-text.ts')
  const { config } = readModule(paths, process.env)
  const { receipt, report } = await restartPlugin(name, config.settings, paths)
  const isGood = receipt.outcome.is === 'done'
  const trouble = isGood ? [] : ['', ...pluginTrouble(report)]
  return { data: receipt, text: [receiptText(receipt), ...trouble].join('\n'), isGood }
}

/** A stopped plugin has no workers that could be replaced. */
async function startOne(name: string, paths: Paths): Promise<One> {
  const { startPlugin } = await import('../../../operations/plugin/stop-and-start.ts')
  const { reachNow } = await import('../../reach-now.ts')
  const { isServed, stateOf, textOf } = await import('./start.ts')
  const started = await startPlugin(name, paths)
  const reach = await reachNow(paths)
  const data = { plugin: name, what: 'start', state: stateOf(started) }
  return { data, text: await textOf(name, started, reach), isGood: isServed(started, reach) }
}

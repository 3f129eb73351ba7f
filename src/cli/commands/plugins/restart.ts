import { pluginTrouble } from '../../../control/trouble-text.ts'
import { type Paths, pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { readModule } from '../../../host/module/module-environment.ts'
import { matchingPlugins } from '../../../host/plugins/match-plugins.ts'
import { withPluginLock } from '../../../host/plugins/plugin-lock.ts'
import { stoppedPlugins } from '../../../host/plugins/plugin-marks.ts'
import { restartPlugin } from '../../../operations/plugin/restart.ts'
import { startPlugin } from '../../../operations/plugin/stop-and-start.ts'
import { receiptText } from '../../../receipt/receipt-text.ts'
import type { Result } from '../../output.ts'
import { reachNow } from '../../reach-now.ts'
import { isServed, stateOf, textOf } from './start.ts'

/** What came of one plugin. */
interface One {
  readonly data: unknown
  readonly text: string
  readonly isGood: boolean
}

export async function run([wanted]: readonly [string]): Promise<Result> {
  const paths = pathsOf(runtimeHome())
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
  const { config } = readModule(paths, process.env)
  const { receipt, report } = await restartPlugin(name, config.settings, paths)
  const isGood = receipt.outcome.is === 'done'
  const trouble = isGood ? [] : ['', ...pluginTrouble(report)]
  return { data: receipt, text: [receiptText(receipt), ...trouble].join('\n'), isGood }
}

/** A stopped plugin has no workers that could be replaced. */
async function startOne(name: string, paths: Paths): Promise<One> {
  const started = await startPlugin(name, paths)
  const reach = await reachNow(paths)
  const data = { plugin: name, what: 'start', state: stateOf(started) }
  return { data, text: textOf(name, started, reach), isGood: isServed(started, reach) }
}

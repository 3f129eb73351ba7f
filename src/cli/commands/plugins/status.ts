import type { Command } from 'commander'
import type { PluginReport, StatusReport } from '../../../control/protocol.ts'
import { isCutOff, type Reach } from '../../../control/reachable.ts'
import type { Paths } from '../../../host/home/paths.ts'
import type { ModuleOnDisk } from '../../../host/module/module-environment.ts'
import type { Check } from '../../../operations/plugin/health-checks.ts'
import type { OutputOptions, Result } from '../../output.ts'

interface Checked {
  readonly report: PluginReport
  readonly reach: Reach
  readonly checks: readonly Check[]
}

export function register(plugins: Command): void {
  plugins
    .command('status')
    .description('Show what should run of a plugin and what does, and run its checks. Exit code 1 when one fails.')
    .argument('[NAME]', 'the name of the plugin, or a pattern such as "shop_*"; all without one')
    .action(async (wanted: string | undefined, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const { pathsOf, runtimeHome } = await import('../../../host/home/paths.ts')
      print(await status(wanted, pathsOf(runtimeHome())), command.optsWithGlobals<OutputOptions>())
    })
}

async function status(wanted: string | undefined, paths: Paths): Promise<Result> {
  const { matchingPlugins } = await import('../../../host/plugins/match-plugins.ts')
  const { readModule } = await import('../../../host/module/module-environment.ts')
  const names = new Set(matchingPlugins(wanted, paths.plugins))
  const { reachable } = await import('../../../control/reachable.ts')
  const { problemLines } = await import('../../../control/trouble-text.ts')
  const report = await settled(names, paths)
  const { plugins, cron } = report
  const reach = reachable(report)
  const module = readModule(paths, process.env)
  const checked = await Promise.all(
    plugins
      .filter(({ name }) => names.has(name))
      .map(async (report): Promise<Checked> => ({ report, reach, checks: await checksOf(report, module, paths) })),
  )
  const texts = await Promise.all(checked.map((one) => textOf(one, cron)))
  const front = reach.is === 'failed' ? problemLines([reach.problem], '').join('\n') : ''
  return {
    data: checked.map((one) => ({ ...one.report, reach, checks: one.checks, isGood: isGood(one) })),
    text: [front, texts.join('\n')].join('\n').trimStart() || 'No plugin is installed.',
    exitCode: checked.every(isGood) ? 0 : 1,
  }
}

/** Workers that are being started may come up, as long as each of them may take. */
async function settled(names: ReadonlySet<string>, paths: Paths): Promise<StatusReport> {
  const { untilReport } = await import('../../../control/daemon-process.ts')
  const { Problem } = await import('../../../problem.ts')
  const isSettled = ({ plugins }: StatusReport): boolean =>
    plugins.every(({ name, state }) => !names.has(name) || state !== 'starting')
  const report = await untilReport(paths, isSettled)
  if (report !== undefined) return report
  throw new Problem('DAEMON_DOWN', 'mfserv does not run', 'mfserv.start')
}

/** Nothing of a plugin that does not run is asked. */
async function checksOf({ name, state }: PluginReport, module: ModuleOnDisk, paths: Paths): Promise<readonly Check[]> {
  const { readOverrides } = await import('../../../host/plugins/override-files.ts')
  const { checkPlugin } = await import('../../../operations/plugin/health-checks.ts')
  const { overCaller } = await import('../../../desired/caller-environment.ts')
  const { placeOf } = await import('../../../host/plugins/plugin-environment.ts')
  const { readEntry } = await import('../../../host/plugins/plugin-entry.ts')
  const { env } = process
  if (state === 'stopped' || state === 'refused') return []
  const { plugin } = readEntry(paths.plugins, name, module.variables, readOverrides(name, paths, env))
  if (plugin === undefined) return []
  const { environment } = placeOf(plugin, module, paths, env)
  return await checkPlugin(plugin, overCaller(environment, env), module.config.settings)
}

function isGood({ report: { state, apps }, reach, checks }: Checked): boolean {
  return (
    state === 'stopped' || (state === 'serving' && !isCutOff(apps, reach) && checks.every(({ because }) => because === undefined))
  )
}

async function textOf({ report, reach, checks }: Checked, cron: StatusReport['cron']): Promise<string> {
  const { cronStatusLines } = await import('../../cron-text.ts')
  const { pluginLines } = await import('../../status-text.ts')
  return [
    ...pluginLines(report, reach),
    ...cronStatusLines(cron.filter(({ plugin }) => plugin === report.name)),
    ...checks.flatMap(checkLines),
  ].join('\n')
}

function checkLines({ name, ms, because }: Check): readonly string[] {
  const [first = '', ...more] = (because ?? `passed, ${ms} ms`).split('\n')
  return [`  check  ${name}  ${because === undefined ? '' : 'FAILED: '}${first}`, ...more.map((line) => `    ${line}`)]
}

import { untilReport } from '../../../control/daemon-process.ts'
import type { PluginReport, StatusReport } from '../../../control/protocol.ts'
import { isCutOff, type Reach, reachable } from '../../../control/reachable.ts'
import { problemLines } from '../../../control/trouble-text.ts'
import { type Paths, pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { matchingPlugins } from '../../../host/plugins/match-plugins.ts'
import type { Check } from '../../../operations/plugin/health-checks.ts'
import { Problem } from '../../../problem.ts'
import { cronStatusLines } from '../../cron-text.ts'
import type { Result } from '../../output.ts'
import { pluginLines } from '../../status-text.ts'

interface Checked {
  readonly report: PluginReport
  readonly reach: Reach
  readonly checks: readonly Check[]
}

export async function run([wanted]: readonly [string | undefined]): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const names = new Set(matchingPlugins(wanted, paths.plugins))
  const report = await settled(names, paths)
  const { plugins, cron } = report
  const reach = reachable(report)
  const checked = await Promise.all(
    plugins
      .filter(({ name }) => names.has(name))
      .map(async (report): Promise<Checked> => ({ report, reach, checks: await checksOf(report, paths) })),
  )
  const texts = checked.map((one) => textOf(one, cron))
  const front = reach.is === 'failed' ? problemLines([reach.problem], '').join('\n') : ''
  return {
    data: checked.map((one) => ({ ...one.report, reach, checks: one.checks, isGood: isGood(one) })),
    text: [front, texts.join('\n')].join('\n').trimStart() || 'No plugin is installed.',
    exitCode: checked.every(isGood) ? 0 : 1,
  }
}

/** Workers that are being started may come up, as long as each of them may take. */
async function settled(names: ReadonlySet<string>, paths: Paths): Promise<StatusReport> {
  const isSettled = ({ plugins }: StatusReport): boolean =>
    plugins.every(({ name, state }) => !names.has(name) || state !== 'starting')
  const report = await untilReport(paths, isSettled)
  if (report !== undefined) return report
  throw new Problem('DAEMON_DOWN', 'mfserv does not run', 'mfserv.start')
}

/** Nothing of a plugin that does not run is asked. */
async function checksOf({ name, state }: PluginReport, paths: Paths): Promise<readonly Check[]> {
  if (state === 'stopped' || state === 'refused') return []
  const { checkInstalled } = await import('../../../operations/plugin/check-installed.ts')
  return await checkInstalled(name, paths, process.env)
}

function isGood({ report: { state, apps }, reach, checks }: Checked): boolean {
  return (
    state === 'stopped' || (state === 'serving' && !isCutOff(apps, reach) && checks.every(({ because }) => because === undefined))
  )
}

function textOf({ report, reach, checks }: Checked, cron: StatusReport['cron']): string {
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

import { resolve } from 'node:path'
import { askControl } from '../../control/client.ts'
import { ofPlugin, untilReport } from '../../control/daemon-process.ts'
import type { PluginReport } from '../../control/protocol.ts'
import { answersText, isCutOff, type Reach, reachable } from '../../control/reachable.ts'
import { pluginTrouble } from '../../control/trouble-text.ts'
import { type Paths, pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { withPluginLock } from '../../host/plugins/plugin-lock.ts'
import { runPostinstall } from '../../host/plugins/postinstall.ts'
import { checkForLink, linkPlugin } from '../../operations/plugin/develop.ts'
import { isWarning } from '../../problem.ts'
import { progress, type Result } from '../output.ts'

interface DevelopOptions {
  readonly pluginPath?: string
  readonly ignoreAlreadyInstalled?: true
  readonly checked?: true
}

export async function run([name]: readonly [string | undefined], options: DevelopOptions): Promise<Result> {
  return await develop(name, options, pathsOf(runtimeHome()))
}

async function develop(name: string | undefined, { pluginPath = '.', checked }: DevelopOptions, paths: Paths): Promise<Result> {
  const home = resolve(pluginPath)
  await runPostinstall(home, paths, process.env, progress)
  const linked = checkForLink(home, name, paths)
  const link = { plugin: linked, what: `develop ${home}` }
  const before = await withPluginLock(paths, link, () => linkPlugin(home, linked, paths))
  if (before !== undefined) progress(`${linked} was served from ${before} until now.`)
  if ((await askControl(paths.control, 'POST /look')) === undefined) {
    return {
      data: { name: linked, home, state: 'linked' },
      text: `${linked} is installed as a development link. It is served once mfserv runs: mfserv.start`,
    }
  }
  const find = (plugins: readonly PluginReport[]): PluginReport | undefined => plugins.find((plugin) => plugin.name === linked)
  const report = await untilReport(paths, ({ plugins }) => isSettled(find(plugins)), ofPlugin(linked))
  const reach = report === undefined ? undefined : reachable(report)
  return outcome(find(report?.plugins ?? []), { name: linked, reach, shown: checked === true ? 'errors' : 'everything' })
}

function isSettled(plugin: PluginReport | undefined): boolean {
  return plugin !== undefined && plugin.state !== 'starting'
}

interface Asked {
  readonly name: string
  /** Undefined when the daemon ended meanwhile. */
  readonly reach: Reach | undefined
  readonly shown: 'errors' | 'everything'
}

function outcome(plugin: PluginReport | undefined, { name, reach, shown }: Asked): Result {
  if (plugin === undefined || reach === undefined)
    return { data: null, text: `${name} is not served:\nmfserv stopped meanwhile.`, exitCode: 1 }
  const trouble = pluginTrouble(shown === 'errors' ? withoutWarnings(plugin) : plugin)
  if (plugin.state === 'serving') {
    const text = [answersText(name, plugin.apps, reach), ...trouble].join('\n')
    return { data: { ...plugin, reach }, text, exitCode: isCutOff(plugin.apps, reach) ? 1 : 0 }
  }
  const serving = plugin.apps.some(({ slots }) => slots.some(({ pid }) => pid !== null))
  // What is wrong with a fragment says itself what is served.
  const isFragment = plugin.problems.some(({ code }) => code.startsWith('NGINX_'))
  const old = serving && !isFragment ? ['The version before it goes on serving.'] : []
  return { data: plugin, text: [`${name} is ${plugin.state}:`, ...trouble, ...old].join('\n'), exitCode: 1 }
}

/** Without those of its own files: warnings for its overrides are told by nobody else. */
function withoutWarnings(plugin: PluginReport): PluginReport {
  const problems = plugin.problems.filter(({ code, file }) => !isWarning(code) || file?.startsWith(`${plugin.home}/`) !== true)
  return { ...plugin, problems }
}

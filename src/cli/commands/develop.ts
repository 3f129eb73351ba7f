import type { Command } from 'commander'
import type { PluginReport } from '../../control/protocol.ts'
import type { Reach } from '../../control/reachable.ts'
import type { Paths } from '../../host/home/paths.ts'
import type { OutputOptions, Result } from '../output.ts'

interface DevelopOptions extends OutputOptions {
  readonly pluginPath: string
  readonly ignoreAlreadyInstalled?: true
  readonly checked?: true
}

export function register(program: Command): void {
  program
    .command('develop')
    .description('Serve the plugin in this directory from its sources, its workers replaced whenever a file changes.')
    .argument('[NAME]', 'the name of the plugin; its label says it otherwise')
    .option('--plugin-path <directory>', 'the directory of the plugin', '.')
    .option('--checked', 'make has shown the warnings of the files already')
    .option('--ignore-already-installed', 'accepted for older Makefiles: a development link is renewed in any case')
    .action(async (name: string | undefined, _options, command: Command) => {
      const { print } = await import('../output.ts')
      const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
      const options = command.optsWithGlobals<DevelopOptions>()
      print(await develop(name, options, pathsOf(runtimeHome())), options)
    })
}

async function develop(name: string | undefined, { pluginPath, checked }: DevelopOptions, paths: Paths): Promise<Result> {
  const { resolve } = await import('node:path')
  const { checkForLink, linkPlugin } = await import('../../operations/plugin/develop.ts')
  const { withPluginLock } = await import('../../host/plugins/plugin-lock.ts')
  const { runPostinstall } = await import('../../host/plugins/postinstall.ts')
  const { progress } = await import('../output.ts')
  const { askControl } = await import('../../control/client.ts')
  const { reachable } = await import('../../control/reachable.ts')
  const { ofPlugin, untilReport } = await import('../../control/daemon-process.ts')
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

async function outcome(plugin: PluginReport | undefined, { name, reach, shown }: Asked): Promise<Result> {
  const { answersText, isCutOff } = await import('../../control/reachable.ts')
  const { pluginTrouble } = await import('../../control/trouble-text.ts')
  if (plugin === undefined || reach === undefined)
    return { data: null, text: `${name} is not served:\nmfserv stopped meanwhile.`, exitCode: 1 }
  const trouble = pluginTrouble(shown === 'errors' ? await withoutWarnings(plugin) : plugin)
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
async function withoutWarnings(plugin: PluginReport): Promise<PluginReport> {
  const { isWarning } = await import('../../problem.ts')
  const problems = plugin.problems.filter(({ code, file }) => !isWarning(code) || file?.startsWith(`${plugin.home}/`) !== true)
  return { ...plugin, problems }
}

import type { Command } from 'commander'
import type { PluginReport } from '../../daemon/protocol.ts'
import type { Paths } from '../../host/paths.ts'
import type { OutputOptions, Result } from '../output.ts'

/** A little more than the workers of a plugin may take by default. */
const SETTLED_WITHIN_MS = 90_000

interface DevelopOptions extends OutputOptions {
  readonly pluginPath: string
  readonly ignoreAlreadyInstalled?: true
}

export function register(program: Command): void {
  program
    .command('develop')
    .description('Serve the plugin in this directory from its sources, its workers replaced whenever a file changes.')
    .argument('[NAME]', 'the name of the plugin; its label says it otherwise')
    .option('--plugin-path <directory>', 'the directory of the plugin', '.')
    .option('--ignore-already-installed', 'accepted for older Makefiles: a development link is renewed in any case')
    .action(async (name: string | undefined, _options, command: Command) => {
      const { print } = await import('../output.ts')
      const { pathsOf, runtimeHome } = await import('../../host/paths.ts')
      const options = command.optsWithGlobals<DevelopOptions>()
      print(await develop(name, options.pluginPath, pathsOf(runtimeHome())), options)
    })
}

async function develop(name: string | undefined, directory: string, paths: Paths): Promise<Result> {
  const { resolve } = await import('node:path')
  const { checkForLink, linkPlugin } = await import('../../host/dev-link.ts')
  const { withPluginLock } = await import('../../host/plugin-lock.ts')
  const { runPostinstall } = await import('../../host/postinstall.ts')
  const { progress } = await import('../output.ts')
  const { askControl } = await import('../../daemon/control.ts')
  const { untilReport } = await import('../../host/daemon-process.ts')
  const home = resolve(directory)
  await runPostinstall(home, paths, process.env, progress)
  const linked = checkForLink(home, name, paths)
  await withPluginLock(paths, { plugin: linked, what: `develop ${home}` }, () => linkPlugin(home, linked, paths))
  if ((await askControl(paths.control, 'POST /look')) === undefined) {
    return {
      data: { name: linked, home, state: 'linked' },
      text: `${linked} is installed as a development link. It is served once mfserv runs: mfserv.start`,
    }
  }
  const find = (plugins: readonly PluginReport[]): PluginReport | undefined => plugins.find((plugin) => plugin.name === linked)
  const report = await untilReport(paths, ({ plugins }) => isSettled(find(plugins)), SETTLED_WITHIN_MS)
  return outcome(linked, find(report?.plugins ?? []))
}

function isSettled(plugin: PluginReport | undefined): boolean {
  return plugin !== undefined && plugin.state !== 'starting'
}

async function outcome(name: string, plugin: PluginReport | undefined): Promise<Result> {
  const { pluginTrouble } = await import('../../daemon/trouble-text.ts')
  if (plugin?.state === 'serving') {
    const urls = plugin.apps.length === 0 ? ['It has no app.'] : plugin.apps.map(({ url }) => url)
    return { data: plugin, text: [`${name} answers:`, ...urls.map((url) => `  ${url}`), ...pluginTrouble(plugin)].join('\n') }
  }
  const trouble = plugin === undefined ? ['mfserv stopped meanwhile.'] : pluginTrouble(plugin)
  const serving = plugin?.apps.some(({ slots }) => slots.some(({ pid }) => pid !== null)) === true
  const old = serving && plugin?.state !== 'quarantined' ? ['The version before it goes on serving.'] : []
  return {
    data: plugin ?? null,
    text: [`${name} is ${plugin?.state ?? 'not served'}:`, ...trouble, ...old].join('\n'),
    exitCode: 1,
  }
}

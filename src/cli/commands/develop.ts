import type { Command } from 'commander'
import type { PluginReport } from '../../daemon/protocol.ts'
import type { Paths } from '../../host/paths.ts'
import type { OutputOptions, Result } from '../output.ts'

/** A little more than the workers of a plugin may take by default. */
const SETTLED_WITHIN_MS = 90_000

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
      const { pathsOf, runtimeHome } = await import('../../host/paths.ts')
      const options = command.optsWithGlobals<DevelopOptions>()
      print(await develop(name, options, pathsOf(runtimeHome())), options)
    })
}

async function develop(name: string | undefined, { pluginPath, checked }: DevelopOptions, paths: Paths): Promise<Result> {
  const { resolve } = await import('node:path')
  const { checkForLink, linkPlugin } = await import('../../host/dev-link.ts')
  const { withPluginLock } = await import('../../host/plugin-lock.ts')
  const { runPostinstall } = await import('../../host/postinstall.ts')
  const { progress } = await import('../output.ts')
  const { askControl } = await import('../../daemon/control.ts')
  const { untilReport } = await import('../../host/daemon-process.ts')
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
  const report = await untilReport(paths, ({ plugins }) => isSettled(find(plugins)), SETTLED_WITHIN_MS)
  return outcome(linked, find(report?.plugins ?? []), checked === true ? 'errors' : 'everything')
}

function isSettled(plugin: PluginReport | undefined): boolean {
  return plugin !== undefined && plugin.state !== 'starting'
}

async function outcome(name: string, plugin: PluginReport | undefined, shown: 'errors' | 'everything'): Promise<Result> {
  const { pluginTrouble } = await import('../../daemon/trouble-text.ts')
  const { servedText } = await import('../served-text.ts')
  if (plugin === undefined) return { data: null, text: `${name} is not served:\nmfserv stopped meanwhile.`, exitCode: 1 }
  const trouble = pluginTrouble(shown === 'errors' ? await withoutWarnings(plugin) : plugin)
  if (plugin.state === 'serving') return { data: plugin, text: [...servedText(name, plugin.apps), ...trouble].join('\n') }
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

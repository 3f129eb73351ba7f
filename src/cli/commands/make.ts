import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { BuiltPart } from '../../host/environments/build.ts'
import type { OutputOptions } from '../output.ts'

interface MakeOptions extends OutputOptions {
  readonly pluginPath: string
}

export function register(program: Command): void {
  program
    .command('make')
    .description('Check a plugin and build its virtualenv and node_modules where they are out of date.')
    .option('--plugin-path <directory>', 'the directory of the plugin', '.')
    .action(async (_options, command: Command) => {
      const { print } = await import('../output.ts')
      const options = command.optsWithGlobals<MakeOptions>()
      const home = resolve(options.pluginPath)
      const name = await check(home)
      const built = await build(home)
      print({ data: { name, home, built }, text: describe(name, built) }, options)
    })
}

/** Throws every problem of the plugin's files at once; shows the warnings, which do not keep it from being built. */
async function check(home: string): Promise<string> {
  const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
  const { readConfig } = await import('../../host/module/read-config.ts')
  const { readHardware } = await import('../../host/module/hardware.ts')
  const { hasPostinstall } = await import('../../host/plugins/postinstall.ts')
  const { readPlugin, readPluginBeforePostinstall } = await import('../../host/plugins/read-plugin.ts')
  const { formatProblem, isError, Problems } = await import('../../problem.ts')
  const { progress } = await import('../output.ts')
  const { fragmentProblems } = await import('../../operations/check/prove-fragments.ts')
  const paths = pathsOf(runtimeHome())
  const read = readConfig(paths, readHardware(), process.env)
  const { plugin, problems } = (hasPostinstall(home) ? readPluginBeforePostinstall : readPlugin)(home, read.variables)
  if (plugin === undefined || problems.some(isError)) throw new Problems(problems)
  for (const problem of problems) progress(formatProblem(problem))
  const refused = await fragmentProblems(plugin, read, paths, process.env)
  if (refused.length > 0) throw new Problems(refused)
  return plugin.name
}

async function build(home: string): Promise<readonly BuiltPart[]> {
  const { buildPlugin } = await import('../../host/environments/build.ts')
  const { buildTools } = await import('../../host/environments/build-tools.ts')
  const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
  const { progress } = await import('../output.ts')
  const { askControl } = await import('../../control/client.ts')
  const paths = pathsOf(runtimeHome())
  const built = await buildPlugin(home, buildTools(paths, process.env, progress), progress)
  // Nothing watches what a build makes: a plugin that fails for want of it is tried again because it is asked to look.
  if (built.length > 0) await askControl(paths.control, 'POST /look')
  return built
}

function describe(name: string, built: readonly BuiltPart[]): string {
  return built.length === 0 ? `${name}: everything is built.` : `${name}: built ${built.join(', ')}.`
}

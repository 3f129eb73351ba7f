import { resolve } from 'node:path'
import { askControl } from '../../control/client.ts'
import { type BuiltPart, buildPlugin } from '../../host/environments/build.ts'
import { buildTools } from '../../host/environments/build-tools.ts'
import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { readConfig } from '../../host/module/read-config.ts'
import { readSources } from '../../host/plugins/read-plugin.ts'
import { fragmentProblems } from '../../operations/check/prove-fragments.ts'
import { formatProblem, isError, Problems } from '../../problem.ts'
import { progress, type Result } from '../output.ts'

interface MakeOptions {
  readonly pluginPath?: string
}

export async function run(_args: readonly [], { pluginPath = '.' }: MakeOptions): Promise<Result> {
  const home = resolve(pluginPath)
  const name = await check(home)
  const built = await build(home)
  return { data: { name, home, built }, text: describe(name, built) }
}

/** Throws every problem of the plugin's files at once; shows the warnings, which do not keep it from being built. */
async function check(home: string): Promise<string> {
  const paths = pathsOf(runtimeHome())
  const read = readConfig(paths, readHardware(), process.env)
  const { plugin, problems } = readSources(home, read.variables)
  if (plugin === undefined || problems.some(isError)) throw new Problems(problems)
  for (const problem of problems) progress(formatProblem(problem))
  const refused = await fragmentProblems(plugin, read, paths, process.env)
  if (refused.length > 0) throw new Problems(refused)
  return plugin.name
}

async function build(home: string): Promise<readonly BuiltPart[]> {
  const paths = pathsOf(runtimeHome())
  const built = await buildPlugin(home, buildTools(paths, process.env, progress), progress)
  // Nothing watches what a build makes: a plugin that fails for want of it is tried again because it is asked to look.
  if (built.length > 0) await askControl(paths.control, 'POST /look')
  return built
}

function describe(name: string, built: readonly BuiltPart[]): string {
  return built.length === 0 ? `${name}: everything is built.` : `${name}: built ${built.join(', ')}.`
}

import { resolve } from 'node:path'
import { askControl } from '../../control/client.ts'
import { type BuiltPart, buildPlugin } from '../../host/environments/build.ts'
import { buildTools } from '../../host/environments/build-tools.ts'
import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { readConfig } from '../../host/module/read-config.ts'
import { postinstallOf, readPlugin, readSources } from '../../host/plugins/read-plugin.ts'
import type { Report } from '../../host/process/run-tool.ts'
import { fragmentProblems } from '../../operations/check/prove-fragments.ts'
import { runBuild } from '../../operations/make/build-command.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { formatProblem, isError, type Problem, Problems } from '../../problem.ts'
import { progress, type Result } from '../output.ts'

interface MakeOptions {
  readonly pluginPath?: string
  readonly unfinished?: true
}

export async function run(_args: readonly [], { pluginPath = '.', unfinished }: MakeOptions): Promise<Result> {
  const home = resolve(pluginPath)
  const { plugin, missing } = await check(home, unfinished === true)
  const report = unfinished === true ? progress : sayingFirst(missing)
  const built: readonly string[] = [...(await build(home, report)), ...(await runOwnBuild(plugin, report))]
  if (unfinished !== true && (missing.length > 0 || plugin.build !== undefined)) strictly(home)
  // Nothing watches what a build makes: a plugin that fails for want of it is tried again because it is asked to look.
  if (built.length > 0) await askControl(pathsOf(runtimeHome()).control, 'POST /look')
  return { data: { name: plugin.name, home, built }, text: describe(plugin.name, built) }
}

interface Checked {
  readonly plugin: Plugin
  /** Files that config.ini names and that a package or a build may still make: refused when all is built. */
  readonly missing: readonly Problem[]
}

/** Throws every problem of the plugin's files at once; shows the warnings, which do not keep it from being built. */
async function check(home: string, unfinished: boolean): Promise<Checked> {
  const paths = pathsOf(runtimeHome())
  const read = readConfig(paths, readHardware(), process.env)
  const { plugin, problems } = readSources(home, read.variables, [], true)
  if (plugin === undefined || problems.some(isError)) throw new Problems(problems)
  // An unfinished one is read again.
  for (const problem of unfinished ? [] : problems) progress(formatProblem(problem))
  const refused = await fragmentProblems(plugin, read, paths, process.env)
  if (refused.length > 0) throw new Problems(refused)
  const missing = readSources(home, read.variables).problems.filter(({ code }) => code === 'PLUGIN_FILE_MISSING')
  return { plugin, missing }
}

/** Who has to wait for a build is told before it what may be wrong after it. */
function sayingFirst(problems: readonly Problem[]): Report {
  let unsaid = problems
  return (text) => {
    for (const problem of unsaid) progress(formatProblem(problem))
    unsaid = []
    progress(text)
  }
}

/** Nothing is left to make here, so all files that config.ini names have to be there, but for those of its postinstall. */
function strictly(home: string): void {
  if (postinstallOf(home) === 'executable') return
  const { plugin, problems } = readPlugin(home, readConfig(pathsOf(runtimeHome()), readHardware(), process.env).variables)
  if (plugin === undefined) throw new Problems(problems.filter(isError))
}

async function build(home: string, report: Report): Promise<readonly BuiltPart[]> {
  const paths = pathsOf(runtimeHome())
  return buildPlugin(home, buildTools(paths, process.env, report), report)
}

async function runOwnBuild(plugin: Plugin, report: Report): Promise<readonly string[]> {
  const ran = await runBuild(plugin, pathsOf(runtimeHome()), process.env, report)
  return ran === 'ran' ? [`its sources (${plugin.build?.command})`] : []
}

function describe(name: string, built: readonly string[]): string {
  return built.length === 0 ? `${name}: everything is built.` : `${name}: built ${built.join(', ')}.`
}

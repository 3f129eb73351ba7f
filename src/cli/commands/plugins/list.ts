import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { type ListedPlugin, listPlugins } from '../../../host/recall/list-plugins.ts'
import { pluginsDirectory } from '../../../host/releases/plugins-directory.ts'
import { formatProblem, isError, Problem } from '../../../problem.ts'
import { type OutputOptions, progress, type Result } from '../../output.ts'
import { box } from '../../table.ts'

interface ListOptions extends OutputOptions {
  readonly raw?: true
  readonly pluginsBaseDir?: string
}

/** What is wrong with a plugin goes to standard error; the others are listed all the same. */
export async function run(_args: readonly [], options: ListOptions): Promise<Result> {
  if (options.raw === true && options.json === true) {
    throw new Problem('USAGE', '--raw and --json exclude each other', 'Give one of them.')
  }
  const paths = pathsOf(runtimeHome())
  const { plugins, problems } = await listPlugins(pluginsDirectory(options.pluginsBaseDir, paths.plugins), paths, process.env)
  for (const [name, wrong] of problems) {
    for (const problem of wrong.filter(isError)) progress(`warning: plugin ${name}: ${formatProblem(problem)}`)
  }
  return { data: plugins, text: options.raw === true ? raw(plugins) : table(plugins) }
}

function raw(plugins: readonly ListedPlugin[]): string {
  return plugins.map(({ name, version, release, home }) => [name, version, release, home].join('~~~')).join('\n')
}

function table(plugins: readonly ListedPlugin[]): string {
  const rows = plugins.map(({ name, version, release, home }) => [name, version, release, home])
  return box({ title: `Installed plugins (${plugins.length})`, head: ['Name', 'Version', 'Release', 'Home'], rows })
}

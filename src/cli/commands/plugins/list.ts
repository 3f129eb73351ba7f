import { namesIn } from '../../../host/disk/names-in.ts'
import { type Paths, pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { type ListedPlugin, listPlugins } from '../../../host/recall/list-plugins.ts'
import { pluginsDirectory } from '../../../host/releases/plugins-directory.ts'
import type { Aside } from '../../../plugin/aside.ts'
import { formatProblem, isError, Problem } from '../../../problem.ts'
import { type OutputOptions, progress, type Result } from '../../output.ts'
import { box } from '../../table.ts'

interface ListOptions extends OutputOptions {
  readonly raw?: true
  readonly pluginsBaseDir?: string
}

type Listed = ListedPlugin & { readonly aside: readonly Aside['is'][] }

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
  const kept = options.pluginsBaseDir === undefined ? await keptFrom(paths) : new Map()
  const listed = plugins.map((plugin): Listed => ({ ...plugin, aside: kept.get(plugin.name) ?? [] }))
  return { data: listed, text: options.raw === true ? raw(listed) : table(listed) }
}

/** Why plugins get no requests, by name. Mostly there is none, and nothing more has to be loaded to know. */
async function keptFrom(paths: Paths): Promise<ReadonlyMap<string, readonly Aside['is'][]>> {
  if (namesIn(paths.aside).length === 0) return new Map()
  const { asides } = await import('../../../host/plugins/aside/aside.ts')
  return new Map([...asides(paths)].map(([name, all]) => [name, all.map(({ is }) => is)]))
}

function raw(plugins: readonly ListedPlugin[]): string {
  return plugins.map(({ name, version, release, home }) => [name, version, release, home].join('~~~')).join('\n')
}

function table(plugins: readonly Listed[]): string {
  const isTold = plugins.some(({ aside }) => aside.length > 0)
  const told = (aside: readonly string[]): readonly string[] => (isTold ? [aside.join(', ')] : [])
  const rows = plugins.map(({ name, version, release, home, aside }) => [name, version, release, home, ...told(aside)])
  const head = ['Name', 'Version', 'Release', 'Home', ...told(['Requests'])]
  return box({ title: `Installed plugins (${plugins.length})`, head, rows })
}

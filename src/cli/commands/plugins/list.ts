import type { Command } from 'commander'
import type { ListedPlugin } from '../../../host/recall/list-plugins.ts'
import type { OutputOptions, Result } from '../../output.ts'

interface ListOptions extends OutputOptions {
  readonly raw?: true
  readonly pluginsBaseDir?: string
}

export function register(plugins: Command): void {
  plugins
    .command('list')
    .description('List the installed plugins.')
    .option('--raw', 'one line for each: name~~~version~~~release~~~home')
    .option('--plugins-base-dir <directory>', 'list the plugins of this directory')
    .action(async (_options, command: Command) => {
      const { print } = await import('../../output.ts')
      const options = command.optsWithGlobals<ListOptions>()
      print(await list(options), options)
    })
}

/** What is wrong with a plugin goes to standard error; the others are listed all the same. */
async function list(options: ListOptions): Promise<Result> {
  const { listPlugins } = await import('../../../host/recall/list-plugins.ts')
  const { pathsOf, runtimeHome } = await import('../../../host/home/paths.ts')
  const { pluginsDirectory } = await import('../../../host/releases/plugins-directory.ts')
  const { formatProblem, isError, Problem } = await import('../../../problem.ts')
  const { progress } = await import('../../output.ts')
  if (options.raw === true && options.json === true) {
    throw new Problem('USAGE', '--raw and --json exclude each other', 'Give one of them.')
  }
  const paths = pathsOf(runtimeHome())
  const { plugins, problems } = await listPlugins(pluginsDirectory(options.pluginsBaseDir, paths.plugins), paths, process.env)
  for (const [name, wrong] of problems) {
    for (const problem of wrong.filter(isError)) progress(`warning: plugin ${name}: ${formatProblem(problem)}`)
  }
  return { data: plugins, text: options.raw === true ? raw(plugins) : await table(plugins) }
}

function raw(plugins: readonly ListedPlugin[]): string {
  return plugins.map(({ name, version, release, home }) => [name, version, release, home].join('~~~')).join('\n')
}

async function table(plugins: readonly ListedPlugin[]): Promise<string> {
  const { box } = await import('../../table.ts')
  const rows = plugins.map(({ name, version, release, home }) => [name, version, release, home])
  return box({ title: `Installed plugins (${plugins.length})`, head: ['Name', 'Version', 'Release', 'Home'], rows })
}

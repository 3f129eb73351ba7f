import type { Command } from 'commander'
import { pathsOf, runtimeHome } from '../../host/paths.ts'
import { isError, Problem } from '../../problem.ts'

interface ListOptions {
  readonly raw?: true
  readonly json?: boolean
  readonly pluginsBaseDir?: string
}

interface ListedPlugin {
  readonly name: string
  readonly release: string
  readonly version: string
  readonly home: string
}

export function register(plugins: Command): void {
  plugins
    .command('list')
    .description('List the installed plugins.')
    .option('--raw', 'one line for each: name~~~version~~~release~~~home')
    .option('--plugins-base-dir <directory>', 'list the plugins of this directory')
    .action(list)
}

async function list(_options: unknown, command: Command): Promise<void> {
  const { print } = await import('../output.ts')
  const options = command.optsWithGlobals<ListOptions>()
  if (options.raw === true && options.json === true) {
    throw new Problem('USAGE', '--raw and --json exclude each other', 'Give one of them.')
  }
  const listed = await read(options.pluginsBaseDir)
  print({ data: listed, text: options.raw === true ? raw(listed) : await table(listed) }, options)
}

/** In the order of their names. One that is wrong is listed too, and what is wrong with it goes to standard error. */
async function read(base: string | undefined): Promise<readonly ListedPlugin[]> {
  const { pluginsDirectory } = await import('../../host/find-plugin.ts')
  const { readHardware } = await import('../../host/hardware.ts')
  const { pluginNames, readEntry } = await import('../../host/plugin-entry.ts')
  const { readConfig } = await import('../../host/read-config.ts')
  const { progress } = await import('../output.ts')
  const { formatProblem } = await import('../../problem.ts')
  const paths = pathsOf(runtimeHome())
  const directory = pluginsDirectory(base, paths.plugins)
  const names = pluginNames(directory)
  if (names.length === 0) return []
  const { variables } = readConfig(paths, readHardware(), process.env)
  return names.map((name) => {
    const { home, mode, plugin, problems } = readEntry(directory, name, variables)
    for (const problem of problems.filter(isError))
      progress(`warning: the plugin ${name} is not right: ${formatProblem(problem)}`)
    if (plugin === undefined) return { name, release: 'error', version: 'error', home }
    if (mode === 'dev_link') return { name, release: 'dev_link', version: 'dev_link', home }
    return { name, release: plugin.release, version: plugin.version, home }
  })
}

function raw(listed: readonly ListedPlugin[]): string {
  return listed.map(({ name, version, release, home }) => [name, version, release, home].join('~~~')).join('\n')
}

async function table(listed: readonly ListedPlugin[]): Promise<string> {
  const { box } = await import('../table.ts')
  const rows = listed.map(({ name, version, release, home }) => [name, version, release, home])
  return box({ title: `Installed plugins (${listed.length})`, head: ['Name', 'Version', 'Release', 'Home'], rows })
}

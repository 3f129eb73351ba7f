import type { Command } from 'commander'
import type { Paths } from '../../host/paths.ts'
import type { PluginEntry } from '../../host/plugin-entry.ts'
import type { OutputOptions, Result } from '../output.ts'

interface UninstallOptions extends OutputOptions {
  readonly clean?: true
  readonly force?: true
  readonly dryRun?: true
}

/** For the routes to go. Removing a plugin is one round of the daemon. */
const GONE_WITHIN_MS = 30_000
/** For the daemon to end workers that did not end by themselves in their time. */
const SPARE_MS = 30_000
const LOOK_AGAIN_MS = 50

export function register(plugins: Command): void {
  plugins
    .command('uninstall')
    .description('Remove a plugin. Of a development link only the link goes; the sources stay.')
    .argument('<NAME>', 'the name of the plugin, or a path that ends with it')
    .option('--clean', 'remove its data directory, its logs and its temporary files as well')
    .option('--dry-run', 'only show what would change; ends with 2 when something would')
    .option('--force', 'remove it also from inside its own environment, or when the daemon does not confirm it')
    .action(async (wanted: string, _options, command: Command) => {
      const { print } = await import('../output.ts')
      const { pathsOf, runtimeHome } = await import('../../host/paths.ts')
      const options = command.optsWithGlobals<UninstallOptions>()
      print(await uninstall(wanted, options, pathsOf(runtimeHome())), options)
    })
}

async function uninstall(wanted: string, options: UninstallOptions, paths: Paths): Promise<Result> {
  const { basename } = await import('node:path')
  const { withReleases } = await import('../../host/release/changes.ts')
  const name = basename(wanted)
  if (options.dryRun === true) {
    const { previewUninstall } = await import('../../host/preview.ts')
    const { planResult } = await import('./plan.ts')
    return planResult(await previewUninstall(name, paths, process.env))
  }
  return withReleases(paths, { plugin: name, what: `plugins.uninstall ${name}` }, async () =>
    remove(await find(name, paths), options, paths),
  )
}

async function find(name: string, paths: Paths): Promise<PluginEntry> {
  const { installedName } = await import('../../host/find-plugin.ts')
  const { readModule } = await import('../../host/module-environment.ts')
  const { readEntry } = await import('../../host/plugin-entry.ts')
  return readEntry(paths.plugins, installedName(name, paths.plugins), readModule(paths, process.env).variables)
}

/** Its routes go first, then its workers finish their requests, and only then the files they may read. */
async function remove(entry: PluginEntry, options: UninstallOptions, paths: Paths): Promise<Result> {
  const { deleteDetached, deleteTraces, detachPlugin, hasWorkers } = await import('../../host/remove-plugin.ts')
  const { removeOverrideTemplate } = await import('../../host/override-template.ts')
  const { stepLine } = await import('../step.ts')
  const { name, home, mode } = entry
  if (options.force !== true) await refuseInside(entry)
  detachPlugin(entry, paths)
  const warnings = await confirmed(entry, options, paths)
  if (!hasWorkers(name, paths) || mode === 'dev_link') deleteDetached(name, paths)
  removeOverrideTemplate(name, paths)
  if (options.clean === true) deleteTraces(entry, paths)
  const line = stepLine(`Uninstalling plugin ${name}`, warnings.length === 0 ? 'OK' : 'WARNING')
  return { data: { name, home, mode, warnings }, text: [line, ...warnings].join('\n') }
}

/** A shell inside an installed plugin would lose its working directory and its commands. */
async function refuseInside({ name, mode }: PluginEntry): Promise<void> {
  if (mode === 'dev_link' || process.env['MFSERV_CURRENT_PLUGIN_NAME'] !== name) return
  const { Problem } = await import('../../problem.ts')
  throw new Problem(
    'ENVIRONMENT',
    `this shell works inside the plugin ${name}, whose files would go away`,
    'Leave its environment first (exit), or give --force.',
  )
}

/** Waits until the daemon, if one runs, has let the plugin go. With --force its silence is only a warning. */
async function confirmed(entry: PluginEntry, options: UninstallOptions, paths: Paths): Promise<readonly string[]> {
  const { formatProblem, Problem } = await import('../../problem.ts')
  try {
    await untilGone(entry, paths)
    return []
  } catch (error) {
    if (options.force !== true || !(error instanceof Problem)) throw error
    return [formatProblem(error)]
  }
}

async function untilGone({ name, mode, plugin }: PluginEntry, paths: Paths): Promise<void> {
  const { askControl } = await import('../../daemon/control.ts')
  const { untilReport } = await import('../../host/daemon-process.ts')
  const { hasWorkers } = await import('../../host/remove-plugin.ts')
  const { Problem } = await import('../../problem.ts')
  if ((await askControl(paths.control, 'POST /look')) === undefined) return
  const isGone = (plugins: readonly { readonly name: string }[]): boolean => plugins.every((other) => other.name !== name)
  const report = await untilReport(paths, ({ plugins }) => isGone(plugins), GONE_WITHIN_MS)
  if (report !== undefined && !isGone(report.plugins)) {
    const mend = 'See what keeps it from going on: mfserv.status, and mfserv.log in the log directory.'
    throw new Problem(
      'DAEMON_DOWN',
      `the mfserv daemon has not let the plugin ${name} go within ${GONE_WITHIN_MS / 1000} s`,
      mend,
    )
  }
  if (mode === 'dev_link') return
  const apps = plugin?.apps ?? []
  const longest = Math.max(0, ...apps.map(({ timeout, gracefulTimeout }) => timeout + gracefulTimeout)) * 1000
  const deadline = performance.now() + longest + SPARE_MS
  while (hasWorkers(name, paths) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

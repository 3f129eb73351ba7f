import type { Command } from 'commander'
import type { PluginEntry } from '../../../host/plugins/plugin-entry.ts'
import type { OutputOptions, Result } from '../../output.ts'

interface UninstallOptions extends OutputOptions {
  readonly clean?: true
  readonly force?: true
  readonly dryRun?: true
}

export function register(plugins: Command): void {
  plugins
    .command('uninstall')
    .description('Remove a plugin. Of a development link only the link goes; the sources stay.')
    .argument('<NAME>', 'the name of the plugin, or a path that ends with it')
    .option('--clean', 'remove its data directory, its logs and its temporary files as well')
    .option('--dry-run', 'only show what would change; ends with 2 when something would')
    .option('--force', 'remove it also from inside its own environment, or when the daemon does not confirm it')
    .action(async (wanted: string, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const options = command.optsWithGlobals<UninstallOptions>()
      print(await uninstall(wanted, options), options)
    })
}

async function uninstall(wanted: string, options: UninstallOptions): Promise<Result> {
  const { basename } = await import('node:path')
  const { surroundings } = await import('../../surroundings.ts')
  const name = basename(wanted)
  const at = await surroundings()
  if (options.dryRun === true) {
    const { previewUninstall } = await import('../../../operations/check/preview.ts')
    const { planResult } = await import('../plan.ts')
    return planResult(await previewUninstall(name, at.paths, at.env))
  }
  const { uninstallPlugin } = await import('../../../operations/release/uninstall.ts')
  const { Problem } = await import('../../../problem.ts')
  const { stepLine } = await import('../../step.ts')
  const isForced = options.force === true
  /** A shell inside an installed plugin would lose its working directory and its commands. */
  const allow = ({ name: found, mode }: PluginEntry): void => {
    if (isForced || mode === 'dev_link' || process.env['MFSERV_CURRENT_PLUGIN_NAME'] !== found) return
    throw new Problem(
      'ENVIRONMENT',
      `this shell works inside the plugin ${found}, whose files would go away`,
      'Leave its environment first (exit), or give --force.',
    )
  }
  const data = await uninstallPlugin(name, { isClean: options.clean === true, isForced, allow }, at)
  const line = stepLine(`Uninstalling plugin ${name}`, data.warnings.length === 0 ? 'OK' : 'WARNING')
  return { data, text: [line, ...data.warnings].join('\n') }
}

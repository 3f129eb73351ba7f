import { basename } from 'node:path'
import type { PluginEntry } from '../../../host/plugins/plugin-entry.ts'
import { uninstallPlugin } from '../../../operations/release/uninstall.ts'
import { Problem } from '../../../problem.ts'
import type { Result } from '../../output.ts'
import { stepLine } from '../../step.ts'
import { surroundings } from '../../surroundings.ts'

interface UninstallOptions {
  readonly clean?: true
  readonly force?: true
  readonly dryRun?: true
}

export async function run([wanted]: readonly [string], options: UninstallOptions): Promise<Result> {
  const name = basename(wanted)
  if (options.dryRun === true) {
    const { dryRunOfUninstall } = await import('../../dry-run.ts')
    return await dryRunOfUninstall(name)
  }
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
  const data = await uninstallPlugin(name, { isClean: options.clean === true, isForced, allow }, surroundings())
  const line = stepLine(`Uninstalling plugin ${name}`, data.warnings.length === 0 ? 'OK' : 'WARNING')
  return { data, text: [line, ...data.warnings].join('\n') }
}

import { resolve } from 'node:path'
import { installedName } from '../../../host/plugins/find-plugin.ts'
import { shellArgument } from '../../../shell-quote.ts'
import { type CautionOptions, cautionOf } from '../../caution.ts'
import { refuseInside } from '../../inside-plugin.ts'
import type { Result } from '../../output.ts'
import { surroundings } from '../../surroundings.ts'
import { swapFile } from '../../swapped.ts'
import { requireFile, requireName } from '../../written.ts'

interface HotswapOptions extends CautionOptions {
  readonly newName?: string
  readonly dryRun?: true
}

export async function run([written]: readonly [string], options: HotswapOptions): Promise<Result> {
  requireFile(written)
  requireName(options.newName)
  const file = resolve(written)
  const at = surroundings()
  const caution = cautionOf(options, at.paths)
  if (options.dryRun === true) {
    const { dryRunOfFile } = await import('../../dry-run.ts')
    return await dryRunOfFile(file, options.newName)
  }
  refuseInside()
  if (options.newName !== undefined) requireInstalled(options.newName, written, at.paths.plugins)
  return await swapFile(file, options.newName, caution, at)
}

/** Before anything is locked or made for a name that may only be mistyped. */
function requireInstalled(name: string, file: string, plugins: string): void {
  installedName(name, plugins, `Install it: plugins.install --new-name ${name} ${shellArgument(file)}`)
}

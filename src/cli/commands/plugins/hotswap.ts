import type { Command } from 'commander'
import type { CautionOptions } from '../../caution.ts'
import type { OutputOptions, Result } from '../../output.ts'

interface HotswapOptions extends OutputOptions, CautionOptions {
  readonly newName?: string
  readonly dryRun?: true
}

export function register(plugins: Command): void {
  plugins
    .command('hotswap')
    .description('Replace an installed plugin by the one of a .plugin file, without a lost request, and print what it cost.')
    .argument('<FILE>', 'the .plugin file')
    .option('--new-name <name>', 'replace the plugin of this name')
    .option('--watch <seconds>', 'compare the new version with the old one for so long, and go back when it is worse')
    .option('--canary <percent>', 'first send only this share of the requests to the new version')
    .option('--canary-seconds <seconds>', 'for so long')
    .option('--dry-run', 'only show what would change; ends with 2 when something would')
    .action(async (file: string, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const options = command.optsWithGlobals<HotswapOptions>()
      print(await run(file, options), options)
    })
}

async function run(written: string, options: HotswapOptions): Promise<Result> {
  const { resolve } = await import('node:path')
  const { hotswap } = await import('../../../operations/release/hotswap.ts')
  const { cautionOf } = await import('../../caution.ts')
  const { refuseInside } = await import('../../inside-plugin.ts')
  const { surroundings } = await import('../../surroundings.ts')
  const { swappedResult } = await import('../../swapped.ts')
  const { dryRun } = await import('./install.ts')
  const { requireFile, requireName } = await import('../../written.ts')
  requireFile(written)
  requireName(options.newName)
  const file = resolve(written)
  const at = await surroundings()
  const caution = await cautionOf(options, at.paths)
  if (options.dryRun === true) return await dryRun(file, options.newName, undefined)
  await refuseInside()
  if (options.newName !== undefined) await requireInstalled(options.newName, written, at.paths.plugins)
  return swappedResult(await hotswap(file, options.newName, caution, at), at.paths)
}

/** Before anything is locked or made for a name that may only be mistyped. */
async function requireInstalled(name: string, file: string, plugins: string): Promise<void> {
  const { installedName } = await import('../../../host/plugins/find-plugin.ts')
  const { shellArgument } = await import('../../../shell-quote.ts')
  installedName(name, plugins, `Install it: plugins.install --new-name ${name} ${shellArgument(file)}`)
}

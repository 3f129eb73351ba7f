import type { Command } from 'commander'
import type { CautionOptions } from '../../caution.ts'
import type { OutputOptions, Result } from '../../output.ts'

interface RollbackOptions extends OutputOptions, CautionOptions {
  readonly to?: string
}

export function register(plugins: Command): void {
  plugins
    .command('rollback')
    .description('Go back to a release that was in force before, with the overrides of then, without a lost request.')
    .argument('<NAME>', 'the name of the plugin')
    .option('--to <release>', 'the release, as plugins.releases shows it; the one before otherwise')
    .option('--watch <seconds>', 'compare the two versions for so long, and return when the older one is worse')
    .option('--canary <percent>', 'first send only this share of the requests to the older version')
    .option('--canary-seconds <seconds>', 'for so long')
    .action(async (name: string, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const options = command.optsWithGlobals<RollbackOptions>()
      print(await run(name, options), options)
    })
}

async function run(name: string, options: RollbackOptions): Promise<Result> {
  const { rollback } = await import('../../../operations/release/hotswap.ts')
  const { cautionOf } = await import('../../caution.ts')
  const { refuseInside } = await import('../../inside-plugin.ts')
  const { surroundings } = await import('../../surroundings.ts')
  const { swappedResult } = await import('../../swapped.ts')
  await refuseInside()
  const at = await surroundings()
  return swappedResult(await rollback(name, options.to, await cautionOf(options, at.paths), at), at.paths)
}

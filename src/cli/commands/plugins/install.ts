import type { Command } from 'commander'
import type { Paths } from '../../../host/home/paths.ts'
import type { Installed } from '../../../operations/release/install.ts'
import type { OutputOptions, Result } from '../../output.ts'

interface InstallOptions extends OutputOptions {
  readonly newName?: string
  readonly force?: true
  readonly dryRun?: true
  readonly pluginsBaseDir?: string
}

export function register(plugins: Command): void {
  plugins
    .command('install')
    .description('Install a .plugin file. No network is needed; the command ends when the plugin answers.')
    .argument('<FILE>', 'the .plugin file')
    .option('--new-name <name>', 'install it under this name')
    .option('--force', 'when the plugin is installed already: replace it, as plugins.hotswap does')
    .option('--dry-run', 'only show what would change; ends with 2 when something would')
    .option('--plugins-base-dir <directory>', 'the directory that holds the plugins; no daemon serves another one')
    .action(async (file: string, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const options = command.optsWithGlobals<InstallOptions>()
      print(await run(file, options), options)
    })
}

async function run(written: string, options: InstallOptions): Promise<Result> {
  const { resolve } = await import('node:path')
  const { refuseInside } = await import('../../inside-plugin.ts')
  const { surroundings } = await import('../../surroundings.ts')
  const { requireFile, requireName } = await import('../../written.ts')
  requireFile(written)
  requireName(options.newName)
  const file = resolve(written)
  const at = await surroundings(options.pluginsBaseDir)
  if (options.dryRun === true) return await dryRun(file, options.newName, options.pluginsBaseDir)
  await refuseInside()
  if (options.force === true && (await isReplaced(file, options.newName, at.paths.plugins))) {
    const { cautionOf } = await import('../../caution.ts')
    const { hotswap } = await import('../../../operations/release/hotswap.ts')
    const { swappedResult } = await import('../../swapped.ts')
    return swappedResult(await hotswap(file, options.newName, await cautionOf({}, at.paths), at), at.paths)
  }
  const { installPlugin } = await import('../../../operations/release/install.ts')
  return installedResult(await installPlugin(file, options.newName, at), at.paths)
}

/** Also of a hot swap: the plan tells the two apart by itself. */
export async function dryRun(file: string, newName: string | undefined, base: string | undefined): Promise<Result> {
  const { previewFile } = await import('../../../operations/release/preview-file.ts')
  const { planResult } = await import('../plan.ts')
  const { surroundings } = await import('../../surroundings.ts')
  return await planResult(await previewFile(file, newName, await surroundings(base)))
}

async function isReplaced(file: string, newName: string | undefined, plugins: string): Promise<boolean> {
  const { readPackageFacts } = await import('../../../host/package/read-package.ts')
  const { currentRelease } = await import('../../../host/releases/releases.ts')
  return currentRelease(plugins, newName ?? (await readPackageFacts(file)).name) !== undefined
}

/** It is installed also when nginx serves nothing; that is what there is to mend then. */
async function installedResult(installed: Installed, paths: Paths): Promise<Result> {
  const { answersText, isCutOff } = await import('../../../control/reachable.ts')
  const { isServed } = await import('../../../operations/release/place-of-change.ts')
  const { reachNow } = await import('../../reach-now.ts')
  const { stepLine } = await import('../../step.ts')
  const { name, release, state, apps, notes } = installed
  const reach = await reachNow(paths)
  const unserved = isServed(paths) ? 'It is served once mfserv runs: mfserv.start' : 'No daemon serves this directory of plugins.'
  const text = [
    stepLine(`Installing plugin ${name} ${release}`, notes.length === 0 ? 'OK' : 'WARNING'),
    state === 'serving' && reach !== undefined ? answersText(name, apps, reach) : `${name} is installed. ${unserved}`,
    ...notes,
  ]
  const isFailed = state === 'serving' && isCutOff(apps, reach)
  return { data: { ...installed, reach: reach ?? null }, text: text.join('\n'), exitCode: isFailed ? 1 : 0 }
}

import type { Command } from 'commander'
import type { Paths } from '../../../host/home/paths.ts'
import type { OutputOptions, Result } from '../../output.ts'

interface HashOptions extends OutputOptions {
  readonly pluginsBaseDir?: string
}

export function register(plugins: Command): void {
  plugins
    .command('hash')
    .description('Print the hash of an installed plugin or of a .plugin file: equal for the same release.')
    .argument('<NAME_OR_FILE>', 'the name of an installed plugin, or a .plugin file')
    .option('--plugins-base-dir <directory>', 'look for the name in this directory')
    .action(async (wanted: string, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const { pathsOf, runtimeHome } = await import('../../../host/home/paths.ts')
      const options = command.optsWithGlobals<HashOptions>()
      print(await hash(wanted, options, pathsOf(runtimeHome())), options)
    })
}

async function hash(wanted: string, options: HashOptions, paths: Paths): Promise<Result> {
  const { hashOfDirectory, hashOfMetadata } = await import('../../../host/package/content-hash.ts')
  const { isReleaseFile, readPackageFacts } = await import('../../../host/package/read-package.ts')
  if (isReleaseFile(wanted)) {
    const { name, metadata } = await readPackageFacts(wanted)
    return result(name, hashOfMetadata(metadata))
  }
  const { findHome } = await import('../../../host/plugins/find-plugin.ts')
  const { pluginsDirectory } = await import('../../../host/releases/plugins-directory.ts')
  const { name, home } = findHome(wanted, pluginsDirectory(options.pluginsBaseDir, paths.plugins))
  await requirePlugin(home)
  return result(name, hashOfDirectory(home))
}

/** What is no plugin has no hash that could be compared. */
async function requirePlugin(home: string): Promise<void> {
  const { existsSync } = await import('node:fs')
  const { join } = await import('node:path')
  const { Problem } = await import('../../../problem.ts')
  if (existsSync(join(home, '.layerapi2_label'))) return
  const mend = 'Give the name of an installed plugin, its directory, or a .plugin file.'
  throw new Problem('PLUGIN_DIRECTORY', `${home} is not a plugin: it has no .layerapi2_label`, mend, { file: home })
}

function result(name: string, value: string): Result {
  return { data: { name, hash: value }, text: value }
}

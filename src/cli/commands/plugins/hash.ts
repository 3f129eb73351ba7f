import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { hashOfDirectory, hashOfMetadata } from '../../../host/package/content-hash.ts'
import { isReleaseFile } from '../../../host/package/is-release-file.ts'
import { findHome } from '../../../host/plugins/find-plugin.ts'
import { pluginsDirectory } from '../../../host/releases/plugins-directory.ts'
import { Problem } from '../../../problem.ts'
import type { Result } from '../../output.ts'

interface HashOptions {
  readonly pluginsBaseDir?: string
}

export async function run([wanted]: readonly [string], options: HashOptions): Promise<Result> {
  if (isReleaseFile(wanted)) {
    const { readPackageFacts } = await import('../../../host/package/read-package.ts')
    const { name, metadata } = await readPackageFacts(wanted)
    return result(name, hashOfMetadata(metadata))
  }
  const { name, home } = findHome(wanted, pluginsDirectory(options.pluginsBaseDir, pathsOf(runtimeHome()).plugins))
  requirePlugin(home)
  return result(name, hashOfDirectory(home))
}

/** What is no plugin has no hash that could be compared. */
function requirePlugin(home: string): void {
  if (existsSync(join(home, '.layerapi2_label'))) return
  const fix = 'Give the name of an installed plugin, its directory, or a .plugin file.'
  throw new Problem('PLUGIN_DIRECTORY', `${home} is not a plugin: it has no .layerapi2_label`, fix, { file: home })
}

function result(name: string, value: string): Result {
  return { data: { name, hash: value }, text: value }
}

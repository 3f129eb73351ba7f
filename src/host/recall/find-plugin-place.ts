import type { Paths } from '../home/paths.ts'
import type { PluginPlace, Search } from '../plugins/plugin-place.ts'
import { memoryFile, recall } from './environment.ts'

/**
 * The plugin and its environment. To load what reads them takes longer than all the rest of plugin_wrapper; so the environment
 * is remembered in `tmp` until something changes that it was made from. Throws PLUGIN_NOT_FOUND, DISK, or the problems of the
 * plugin's files when they do not read.
 */
export async function findPluginPlace(search: Search, paths: Paths, env: NodeJS.ProcessEnv): Promise<PluginPlace> {
  const file = memoryFile(search, paths)
  const remembered = recall(file, paths, env)
  if (remembered !== undefined) return remembered
  const { readAndRemember } = await import('./record-environment.ts')
  return readAndRemember(search, paths, env, file)
}

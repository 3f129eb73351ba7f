import type { Environment } from '../desired/environment.ts'
import { memoryFile, recall } from './environment-memory.ts'
import type { Paths } from './paths.ts'

/** A plugin as the commands that work inside it need it. */
export interface PluginPlace {
  readonly name: string
  readonly home: string
  /** The environment its workers have, without what is an app's own. The directories it names for the plugin's own use exist. */
  readonly environment: Environment
}

export interface Search {
  /** Name of an installed plugin, or a directory written with a slash or a dot. */
  readonly wanted: string
  /** The directory of plugins; undefined for the one of the runtime home. */
  readonly base: string | undefined
}

/**
 * The plugin and its environment. To load what reads them takes longer than all the rest of plugin_wrapper; so the environment
 * is remembered in `tmp` until something changes that it was made from. Throws PLUGIN_NOT_FOUND, DISK, or the problems of the
 * plugin's files when they do not read.
 */
export async function findPluginPlace(search: Search, paths: Paths, env: NodeJS.ProcessEnv): Promise<PluginPlace> {
  const file = memoryFile(search, paths)
  const remembered = recall(file, paths, env)
  if (remembered !== undefined) return remembered
  const { readAndRemember } = await import('./environment-recorder.ts')
  return readAndRemember(search, paths, env, file)
}

import { realpathSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { type FoundPlugin, findPlugin } from './find-plugin.ts'
import { readModule } from './module-environment.ts'
import { readOverridesOf } from './override-files.ts'
import type { Paths } from './paths.ts'
import { isDirectory, pluginsDirectory } from './plugins-directory.ts'
import { hasPostinstall } from './postinstall.ts'
import { readPluginBeforePostinstall } from './read-plugin.ts'

/**
 * The plugin in the directory `wanted`, or the installed one of that name, with everything that is wrong with it and with the
 * overrides for it. Files that its postinstall script has still to make are not missed. Throws PLUGIN_NOT_FOUND.
 */
export function checkPlugin(wanted: string, base: string | undefined, paths: Paths, env: NodeJS.ProcessEnv): FoundPlugin {
  const { variables } = readModule(paths, env)
  const written = resolve(wanted)
  if (!isDirectory(written)) return findPlugin(wanted, pluginsDirectory(base, paths.plugins), variables, paths, env)
  if (!hasPostinstall(written)) return findPlugin(`${written}/`, paths.plugins, variables, paths, env)
  const home = realpathSync(written)
  const overrides = readOverridesOf(home, paths, env)
  const { plugin, problems } = readPluginBeforePostinstall(home, variables, overrides.texts)
  return { name: plugin?.name ?? basename(home), home, mode: 'directory', plugin, problems: [...overrides.problems, ...problems] }
}

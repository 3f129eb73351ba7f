import { realpathSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Paths } from '../../host/home/paths.ts'
import { readModule } from '../../host/module/module-environment.ts'
import { type FoundPlugin, findPlugin } from '../../host/plugins/find-plugin.ts'
import { readOverridesOf } from '../../host/plugins/override-files.ts'
import { postinstallOf, readSources } from '../../host/plugins/read-plugin.ts'
import { isDirectory, pluginsDirectory } from '../../host/releases/plugins-directory.ts'

/**
 * The plugin in the directory `wanted`, or the installed one of that name, with everything that is wrong with it and with the
 * overrides for it. Files that its postinstall script has still to make are not missed. Throws PLUGIN_NOT_FOUND.
 */
export function checkPlugin(wanted: string, base: string | undefined, paths: Paths, env: NodeJS.ProcessEnv): FoundPlugin {
  const { variables } = readModule(paths, env)
  const written = resolve(wanted)
  if (!isDirectory(written)) return findPlugin(wanted, pluginsDirectory(base, paths.plugins), variables, paths, env)
  if (postinstallOf(written) !== 'executable') return findPlugin(`${written}/`, paths.plugins, variables, paths, env)
  const home = realpathSync(written)
  const overrides = readOverridesOf(home, paths, env)
  const { plugin, problems } = readSources(home, variables, overrides.texts)
  return { name: plugin?.name ?? basename(home), home, mode: 'directory', plugin, problems: [...overrides.problems, ...problems] }
}

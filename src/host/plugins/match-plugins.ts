import { basename, matchesGlob } from 'node:path'
import { Problem } from '../../problem.ts'
import { pluginNames } from '../releases/plugins-directory.ts'
import { installedName } from './find-plugin.ts'

/**
 * The installed plugins that a person means: all without a name, those that fit a pattern with `*`, `?` or `[`, else exactly
 * one. A path means the name that it ends with. Throws PLUGIN_NOT_FOUND when there is none.
 */
export function matchingPlugins(wanted: string | undefined, plugins: string): readonly string[] {
  const names = pluginNames(plugins)
  if (wanted === undefined) return names
  const written = basename(wanted)
  if (!/[*?[]/.test(written)) return [installedName(written, plugins)]
  const found = names.filter((name) => matchesGlob(name, written))
  if (found.length > 0) return found
  throw new Problem('PLUGIN_NOT_FOUND', `no installed plugin fits "${wanted}"`, 'plugins.list shows the installed ones.', {
    file: plugins,
  })
}

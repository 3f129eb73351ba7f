import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { isError, Problem, Problems } from '../problem.ts'
import { linkAtomically } from './atomic.ts'
import { readHardware } from './hardware.ts'
import type { Paths } from './paths.ts'
import { locate } from './plugins-directory.ts'
import { readConfig } from './read-config.ts'
import { readPlugin } from './read-plugin.ts'

/** Installs the plugin in `home` as a link to it and answers its name. Throws Problems when its files are not right. */
export function linkPlugin(home: string, name: string | undefined, paths: Paths): string {
  const { variables } = readConfig(paths, readHardware(), process.env)
  const { plugin, problems } = readPlugin(home, variables)
  if (plugin === undefined || problems.some(isError)) throw new Problems(problems)
  if (name !== undefined && name !== plugin.name) {
    throw new Problem(
      'PLUGIN_NAME',
      `the plugin in ${home} is called ${plugin.name}, not ${name}`,
      'Leave the name out, or change .layerapi2_label.',
    )
  }
  const entry = join(paths.plugins, plugin.name)
  const { mode, home: installed } = locate(paths.plugins, plugin.name)
  if (mode === 'installed' && installed !== undefined) {
    throw new Problem(
      'PLUGIN_EXISTS',
      `a plugin ${plugin.name} is installed, and a development link would take its place`,
      `Remove it first: plugins.uninstall ${plugin.name}`,
      { file: entry },
    )
  }
  linkAtomically(realpathSync(home), entry)
  return plugin.name
}

import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { linkAtomically } from '../../host/disk/atomic.ts'
import type { Paths } from '../../host/home/paths.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { readConfig } from '../../host/module/read-config.ts'
import { readPlugin } from '../../host/plugins/read-plugin.ts'
import { locate } from '../../host/releases/plugins-directory.ts'
import { isError, Problem, Problems } from '../../problem.ts'

/** The name of the plugin in `home`, which is to be linked. Throws Problems when its files are not right, or it is not `name`. */
export function checkForLink(home: string, name: string | undefined, paths: Paths): string {
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
  return plugin.name
}

/**
 * Installs the plugin in `home` as a link to it, and answers the directory that the name was linked to until now, if that is
 * another one. Needs the plugin lock. Throws PLUGIN_EXISTS when a release is installed.
 */
export function linkPlugin(home: string, name: string, { plugins }: Paths): string | undefined {
  const entry = join(plugins, name)
  const { mode, home: installed } = locate(plugins, name)
  if (mode === 'installed' && installed !== undefined) {
    throw new Problem(
      'PLUGIN_EXISTS',
      `a plugin ${name} is installed, and a development link would take its place`,
      `Remove it first: plugins.uninstall ${name}`,
      { file: entry },
    )
  }
  const real = realpathSync(home)
  linkAtomically(real, entry)
  return mode === 'dev_link' && installed !== real ? installed : undefined
}

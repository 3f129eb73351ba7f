import { join } from 'node:path'
import { type PluginSetting, pluginSettings } from '../../plugin/settings.ts'
import type { Problem } from '../../problem.ts'
import { readText } from '../disk/read-text.ts'
import type { Paths } from '../home/paths.ts'
import { readModule } from '../module/module-environment.ts'
import { pluginsDirectory } from '../releases/plugins-directory.ts'
import { findPlugin } from './find-plugin.ts'
import { readOverrides } from './override-files.ts'

export interface FoundSettings {
  readonly name: string
  readonly home: string
  /** As the files say now, also where a problem keeps them from being in force. */
  readonly settings: readonly PluginSetting[]
  readonly problems: readonly Problem[]
}

/** The configuration of an installed plugin, or of one in a directory. Throws PLUGIN_NOT_FOUND when there is none. */
export function findPluginSettings(
  wanted: string,
  base: string | undefined,
  paths: Paths,
  env: NodeJS.ProcessEnv,
): FoundSettings {
  const { variables } = readModule(paths, env)
  const { name, home, problems } = findPlugin(wanted, pluginsDirectory(base, paths.plugins), variables, paths, env)
  const file = join(home, 'config.ini')
  const text = readText(file, [])
  const settings = text === undefined ? [] : pluginSettings({ file, text }, readOverrides(name, paths, env).texts, variables)
  return { name, home, settings, problems }
}

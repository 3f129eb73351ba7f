import { realpathSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { didYouMean } from '../../config/nearest.ts'
import type { Variables } from '../../config/variables.ts'
import { Problem } from '../../problem.ts'
import type { Paths } from '../home/paths.ts'
import { isDirectory, pluginNames } from '../releases/plugins-directory.ts'
import { readOverridesOf } from './override-files.ts'
import { type PluginEntry, type ReadEntry, readWithOverrides } from './plugin-entry.ts'
import { readPlugin } from './read-plugin.ts'

/** A plugin that a person named: one of the plugins directory, or any directory. */
export type FoundPlugin = Omit<PluginEntry, 'mode'> & { readonly mode: PluginEntry['mode'] | 'directory' }

/**
 * The plugin called `wanted` in the directory `plugins`, or the one in the directory `wanted` when it is written as a path,
 * with a slash or a dot; with the administrator's values for it. Throws PLUGIN_NOT_FOUND when there is none; what is wrong in its files is in `problems`.
 */
export function findPlugin(
  wanted: string,
  plugins: string,
  variables: Variables,
  paths: Paths,
  env: NodeJS.ProcessEnv,
): FoundPlugin & Pick<ReadEntry, 'looked'> {
  if (!isPath(wanted)) {
    const name = installedName(wanted, plugins)
    return readWithOverrides(name, variables, paths, env, plugins)
  }
  const written = resolve(wanted)
  const home = isDirectory(written) ? realpathSync(written) : written
  const overrides = readOverridesOf(home, paths, env)
  const { plugin, problems, looked } = readPlugin(home, variables, overrides.texts)
  const name = plugin?.name ?? basename(home)
  const all = [...overrides.problems, ...problems]
  return { name, home, mode: 'directory', plugin, problems: all, looked: { ...looked, places: [written, ...looked.places] } }
}

/** Only where it is, without a look into its files. Throws PLUGIN_NOT_FOUND. */
export function findHome(wanted: string, plugins: string): { readonly name: string; readonly home: string } {
  const home = isPath(wanted) ? resolve(wanted) : join(plugins, installedName(wanted, plugins))
  return { name: basename(home), home }
}

/** The name as it stands in the directory `plugins`. Throws PLUGIN_NOT_FOUND with the nearest one, and with how to install one. */
export function installedName(
  wanted: string,
  plugins: string,
  install = 'In the directory of a plugin, "make develop" installs it.',
): string {
  const names = pluginNames(plugins)
  const name = plainName(wanted)
  if (names.includes(name)) return name
  const fix =
    names.length === 0
      ? `None is installed yet. ${install}`
      : `${didYouMean(wanted, names)}plugins.list shows the installed ones. ${install}`
  throw new Problem('PLUGIN_NOT_FOUND', `no plugin named "${wanted}" is installed`, fix, { file: plugins })
}

/** Without the slash that a shell puts behind the name when it completes the directory of a plugin. */
export function plainName(written: string): string {
  return written.replace(/(?<=.)\/+$/, '')
}

/** The name of a plugin has neither. */
export function isPath(wanted: string): boolean {
  return wanted.includes('/') || wanted.includes('.')
}

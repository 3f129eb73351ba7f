import { type Environment, type Layer, pluginEnvironment } from '../../desired/environment.ts'
import { layersOf } from '../../desired/layers.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { isError, Problem, Problems } from '../../problem.ts'
import { makeOwnDirectories } from '../home/own-directories.ts'
import type { Paths } from '../home/paths.ts'
import { type ModuleOnDisk, readModule } from '../module/module-environment.ts'
import { pluginsDirectory } from '../releases/plugins-directory.ts'
import { findPlugin } from './find-plugin.ts'
import { layerOf } from './layer.ts'
import { type ReadEntry, readWithOverrides } from './plugin-entry.ts'
import type { PluginPlace, Search } from './plugin-place.ts'

/** A plugin and its environment as they were read just now. */
export interface ReadPlace extends PluginPlace {
  /** What was read for it: itself, and every plugin that was looked for because one depends on it. */
  readonly entries: readonly Omit<ReadEntry, 'mode'>[]
}

/** Throws PLUGIN_NOT_FOUND, or the problems of the plugin's files when they do not read. */
export function readPluginPlace(search: Search, paths: Paths, env: NodeJS.ProcessEnv): ReadPlace {
  const module = readModule(paths, env)
  const directory = pluginsDirectory(search.base, paths.plugins)
  const found = findPlugin(search.wanted, directory, module.variables, paths, env)
  if (found.plugin === undefined) throw new Problems(found.problems.filter(isError))
  const place = placeOf(found.plugin, module, paths, env, directory)
  return { ...place, entries: [found, ...place.entries] }
}

/**
 * The plugins it depends on are looked for in `directory`. Throws DISK when the directories for its own use cannot be made, and
 * Problems when a plugin that it depends on is not there.
 */
export function placeOf(
  plugin: Plugin,
  module: ModuleOnDisk,
  paths: Paths,
  env: NodeJS.ProcessEnv,
  directory = paths.plugins,
): ReadPlace {
  const entries: ReadEntry[] = []
  const find = (name: string): Layer | undefined => {
    const entry = readWithOverrides(name, module.variables, paths, env, directory)
    entries.push(entry)
    return entry.plugin === undefined ? undefined : layerOf(entry.plugin, paths)
  }
  const { layers, problems } = layersOf(plugin, find)
  if (problems.length > 0) throw new Problems(problems)
  const environment = pluginEnvironment(module.forPlugins, layerOf(plugin, paths), layers)
  makeDirectories(environment)
  return { name: plugin.name, home: plugin.home, environment, entries }
}

function makeDirectories(environment: Environment): void {
  try {
    makeOwnDirectories(environment)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const fix = 'Give yourself the right to write there, or make room on the disk.'
    throw new Problem('DISK', `cannot make the directories of the plugin: ${why}`, fix, undefined, cause)
  }
}

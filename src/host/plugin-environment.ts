import { type Environment, type Layer, pluginEnvironment } from '../desired/environment.ts'
import { layersOf } from '../desired/layers.ts'
import type { Plugin } from '../plugin/plugin.ts'
import { isError, Problem, Problems } from '../problem.ts'
import { findPlugin } from './find-plugin.ts'
import { layerOf } from './layer.ts'
import { type ModuleOnDisk, readModule } from './module-environment.ts'
import { readOverrides } from './override-files.ts'
import { makeOwnDirectories } from './own-directories.ts'
import type { Paths } from './paths.ts'
import { readEntry } from './plugin-entry.ts'
import { pluginsDirectory } from './plugins-directory.ts'

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

/** Throws PLUGIN_NOT_FOUND, or the problems of the plugin's files when they do not read. */
export function readPluginPlace(search: Search, paths: Paths, env: NodeJS.ProcessEnv): PluginPlace {
  const module = readModule(paths, env)
  const directory = pluginsDirectory(search.base, paths.plugins)
  const { plugin, problems } = findPlugin(search.wanted, directory, module.variables, paths, env)
  if (plugin === undefined) throw new Problems(problems.filter(isError))
  return placeOf(plugin, module, paths, env, directory)
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
): PluginPlace {
  const find = (name: string): Layer | undefined => {
    const { plugin: other } = readEntry(directory, name, module.variables, readOverrides(name, paths, env))
    return other === undefined ? undefined : layerOf(other)
  }
  const { layers, problems } = layersOf(plugin, find)
  if (problems.length > 0) throw new Problems(problems)
  const environment = pluginEnvironment(module.environment, layerOf(plugin), layers)
  makeDirectories(environment)
  return { name: plugin.name, home: plugin.home, environment }
}

/** Variables of a caller that would mix its own plugin or libraries into the environment of another one. */
const REPLACED = /^(?:MFSERV_CURRENT_\w+|PYTHONPATH|PYTHONHOME|NODE_PATH|LD_LIBRARY_PATH|PKG_CONFIG_PATH|VIRTUAL_ENV|PIP_PREFIX)$/
/** What the launcher sets for the Node of mfserv itself. */
const OF_THE_LAUNCHER = 'NODE_COMPILE_CACHE'

/** The environment of a plugin over the one of its caller. What only the caller has stays; its PATH is searched last. */
export function overCaller(environment: Environment, caller: NodeJS.ProcessEnv): Environment {
  const kept = Object.entries(caller).filter(([name]) => name !== OF_THE_LAUNCHER && !REPLACED.test(name))
  const own = environment['PATH']?.split(':') ?? []
  const others = (caller['PATH'] ?? '').split(':').filter((directory) => directory !== '' && !own.includes(directory))
  const all = { ...Object.fromEntries(kept), ...environment, PATH: [...own, ...others].join(':') }
  return definedIn(all)
}

/** The variables of `names` that the caller has. */
export function chosenFrom(caller: NodeJS.ProcessEnv, names: readonly string[]): Environment {
  return definedIn(Object.fromEntries(names.map((name) => [name, caller[name]])))
}

function definedIn(variables: NodeJS.ProcessEnv): Environment {
  return Object.fromEntries(Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

function makeDirectories(environment: Environment): void {
  try {
    makeOwnDirectories(environment)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const mend = 'Give yourself the right to write there, or make room on the disk.'
    throw new Problem('DISK', `cannot make the directories of the plugin: ${why}`, mend, undefined, cause)
  }
}

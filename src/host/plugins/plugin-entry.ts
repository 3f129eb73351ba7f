import { join } from 'node:path'
import type { Variables } from '../../config/variables.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { isError, Problem } from '../../problem.ts'
import type { Paths } from '../home/paths.ts'
import { type InstallMode, locate } from '../releases/plugins-directory.ts'
import { NO_OVERRIDES, type Overrides, readOverrides } from './override-files.ts'
import { type Looked, readPlugin } from './read-plugin.ts'

/** An entry of the plugins directory, and the plugin it holds. */
export interface PluginEntry {
  readonly name: string
  /** Absolute, links followed; the entry itself when its link leads nowhere. */
  readonly home: string
  readonly mode: InstallMode
  /** Undefined when a problem is an error. */
  readonly plugin: Plugin | undefined
  readonly problems: readonly Problem[]
}

export interface ReadEntry extends PluginEntry {
  /** What it was read from, the overrides left out. */
  readonly looked: Looked
}

/** Reads one plugin of the plugins directory from its files, with other values for it, and changes nothing. */
export function readEntry(plugins: string, name: string, variables: Variables, overrides: Overrides = NO_OVERRIDES): ReadEntry {
  const entry = join(plugins, name)
  const { mode, home } = locate(plugins, name)
  if (home === undefined) {
    const looked = { places: [entry], files: [] }
    return { name, home: entry, mode, plugin: undefined, problems: [nowhere(name, entry)], looked }
  }
  const { plugin, problems: found, looked } = readPlugin(home, variables, overrides.texts)
  const problems = [...overrides.problems, ...found, ...nameProblem(name, plugin, home)]
  const right = problems.some(isError) ? undefined : plugin
  return { name, home, mode, plugin: right, problems, looked: { ...looked, places: [entry, ...looked.places] } }
}

/** The same with the values that the administrator has for it. `plugins`: the directory it is in. */
export function readWithOverrides(
  name: string,
  variables: Variables,
  paths: Paths,
  env: NodeJS.ProcessEnv,
  plugins = paths.plugins,
): ReadEntry {
  return readEntry(plugins, name, variables, readOverrides(name, paths, env))
}

function nowhere(name: string, entry: string): Problem {
  return new Problem(
    'PLUGIN_DIRECTORY',
    `the plugin ${name} points at a directory that does not exist any more`,
    `Bring the directory back, or remove the plugin: plugins.uninstall ${name}`,
    { file: entry },
  )
}

function nameProblem(name: string, plugin: Plugin | undefined, home: string): readonly Problem[] {
  if (plugin === undefined || plugin.name === name) return []
  const where = { file: join(home, '.layerapi2_label'), line: 1 }
  return [
    new Problem(
      'PLUGIN_LABEL',
      `the plugin is installed as ${name}, but its label says ${plugin.name}`,
      `Write plugin_${name}@mfserv, or install it again: make develop`,
      where,
    ),
  ]
}

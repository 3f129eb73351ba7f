import { join } from 'node:path'
import type { Problem } from '../../problem.ts'
import type { Paths } from '../home/paths.ts'
import { type Identity, type InstallMode, identityOf, locate, pluginNames } from '../releases/plugins-directory.ts'
import { keyOf, type Memory, readMemory, recall } from './listing.ts'

/** `dev_link` is version and release of a development link, `error` those of a plugin that does not read. */
export interface ListedPlugin {
  readonly name: string
  readonly release: string
  readonly version: string
  readonly home: string
}

export interface Listing {
  /** In the order of their names. */
  readonly plugins: readonly ListedPlugin[]
  /** What is wrong with those that do not read, by name. */
  readonly problems: ReadonlyMap<string, readonly Problem[]>
}

/**
 * Lists the plugins of a directory. To load the reader of plugins takes longer than all the rest of the command; so what it
 * found in a plugin that is right is remembered in `tmp` until one of the plugin's files changes.
 */
export async function listPlugins(directory: string, paths: Paths, env: NodeJS.ProcessEnv): Promise<Listing> {
  const file = join(paths.tmp, 'plugins_list.json')
  const names = pluginNames(directory)
  const memory = readMemory(file)
  const listed = names.map((name) => listFromMemory(directory, name, memory))
  if (listed.every((plugin) => plugin !== undefined)) return { plugins: listed, problems: new Map() }
  const { readToRemember } = await import('./read-listing.ts')
  const { writeMemory } = await import('./write-memory.ts')
  const read = readToRemember(directory, names, paths, env)
  writeMemory(
    file,
    Object.fromEntries(read.flatMap(({ entry, facts }) => (facts === undefined ? [] : [[keyOf(entry.name, entry.home), facts]]))),
  )
  return {
    plugins: read.map(({ entry: { name, home, mode, plugin } }) => describe(name, home, mode, plugin)),
    problems: new Map(read.flatMap(({ entry }) => (entry.plugin === undefined ? [[entry.name, entry.problems]] : []))),
  }
}

function listFromMemory(directory: string, name: string, memory: Memory): ListedPlugin | undefined {
  const { mode, home } = locate(directory, name)
  const facts = home === undefined ? undefined : recall(memory, name, home)
  return facts === undefined || home === undefined ? undefined : describe(name, home, mode, facts)
}

function describe(name: string, home: string, mode: InstallMode, plugin: Identity | undefined): ListedPlugin {
  const { release, version } = identityOf(mode, plugin)
  return { name, release, version, home }
}

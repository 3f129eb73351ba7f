import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Variables } from '../../config/variables.ts'
import { LAYER_DIRECTORIES } from '../../desired/environment.ts'
import type { InstalledPlugin } from '../../desired/installed.ts'
import { staticDirectory } from '../../desired/routes.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { Problem } from '../../problem.ts'
import { asDiskProblem } from '../disk/disk-problem.ts'
import { isErrno } from '../disk/errno.ts'
import { keepPrivately } from '../disk/private-file.ts'
import { chosenNode } from '../environments/node/choose-node.ts'
import { builtVirtualenv, currentVirtualenv } from '../environments/virtualenv.ts'
import type { Paths } from '../home/paths.ts'
import { IS_TAG } from '../programs/pythons.ts'
import { type InstallMode, isDirectory, pluginNames } from '../releases/plugins-directory.ts'
import { fingerprint, watchRules } from './fingerprint.ts'
import { sitePackagesOf } from './layer.ts'
import { type Overrides, readOverrides } from './override-files.ts'
import { readEntry } from './plugin-entry.ts'

export { pluginNames } from '../releases/plugins-directory.ts'

/** A plugin as the plugins directory has it now. */
export interface PluginOnDisk {
  readonly name: string
  readonly home: string
  readonly mode: InstallMode
  /** What may be served; after a change that does not read, the model from before it. Undefined when there never was one. */
  readonly installed: InstalledPlugin | undefined
  readonly problems: readonly Problem[]
}

/**
 * Reads one plugin from the disk, and keeps its model so that a later mistake in its files does not take it down. It is kept
 * privately, as its config.ini may be. On a disk that takes nothing more what was kept before goes on, and the problem is DISK.
 */
export function readInstalled(
  name: string,
  paths: Paths,
  variables: Variables,
  overrides: Overrides = readOverrides(name, paths, process.env),
): PluginOnDisk {
  const { disk, isRight } = look(name, paths, variables, overrides)
  if (!isRight || disk.installed === undefined) return disk
  const kept = keptIn(paths, name)
  const text = modelText(disk.installed)
  try {
    keepPrivately(kept, text)
    return disk
  } catch (error) {
    const problem = asDiskProblem(error, paths.models)
    if (!(problem instanceof Problem)) throw error
    return { ...disk, installed: keptModel(kept, disk.home), problems: [...disk.problems, problem] }
  }
}

/** All that may be served, for who only wants to know: nothing is written. */
export function lookAtAll(paths: Paths, variables: Variables, env: NodeJS.ProcessEnv): readonly InstalledPlugin[] {
  return pluginNames(paths.plugins).flatMap(
    (name) => look(name, paths, variables, readOverrides(name, paths, env)).disk.installed ?? [],
  )
}

function look(
  name: string,
  paths: Paths,
  variables: Variables,
  overrides: Overrides,
): { readonly disk: PluginOnDisk; readonly isRight: boolean } {
  const { home, mode, plugin, problems } = readEntry(paths.plugins, name, variables, overrides)
  const isRight = plugin !== undefined
  const place: Place = mode === 'dev_link' ? { is: 'developed' } : { is: 'installed', at: join(paths.plugins, name) }
  const installed = isRight ? asInstalled(plugin, place) : keptModel(keptIn(paths, name), home)
  return { disk: { name, home, mode, installed, problems }, isRight }
}

function keptIn(paths: Paths, name: string): string {
  return join(paths.models, `${name}.json`)
}

export function forgetModel(paths: Paths, name: string): void {
  rmSync(keptIn(paths, name), { force: true })
}

/** Where npm puts the program of the package `node`, or of another one that brings a `node`. */
const OWN_NODE = ['node_modules/node/bin/node', 'node_modules/.bin/node']

/** What the files of a plugin are: sources that may change at any time, or the release that the path `at` leads to. */
export type Place = { readonly is: 'developed' } | { readonly is: 'installed'; readonly at: string }

/** A plugin with what lies in its directory and changes how it runs. */
export function asInstalled(plugin: Plugin, place: Place): InstalledPlugin {
  const virtualenv = currentVirtualenv(plugin.home)
  const virtualenv2 = currentVirtualenv(plugin.home, 'local/python2')
  return {
    plugin,
    directories: new Set(directoriesOf(plugin).filter((path) => isDirectory(join(plugin.home, path)))),
    servedFrom: place.is === 'installed' ? place.at : undefined,
    isDeveloped: place.is === 'developed',
    fingerprint: place.is === 'developed' ? fingerprint(plugin.home, watchRules(plugin.home)) : '',
    // By its real name: another build is another version of the workers, and a running one keeps what it was started with.
    python3Path: virtualenv === undefined ? undefined : join(virtualenv, 'bin/python3'),
    pythonTag: tagOf(plugin.home),
    python2Path: virtualenv2 === undefined ? undefined : join(virtualenv2, 'bin/python2.7'),
    nodePath: nodeOf(plugin.home),
    sitePackages: sitePackagesOf(virtualenv),
  }
}

/** Of the chosen one the real name, for the same reason. */
function nodeOf(home: string): string | undefined {
  const brought = OWN_NODE.map((path) => join(home, path)).find((path) => existsSync(path))
  const chosen = brought === undefined ? chosenNode(home) : undefined
  return chosen === undefined ? brought : realpathSync(chosen)
}

function tagOf(home: string): string | undefined {
  const tag = builtVirtualenv(home)?.python ?? ''
  return IS_TAG.test(tag) ? tag : undefined
}

function directoriesOf(plugin: Plugin): readonly string[] {
  const ofApps = plugin.apps.flatMap((app) =>
    app.routing.static === undefined ? [] : [staticDirectory(app, app.routing.static.directory)],
  )
  return [...LAYER_DIRECTORIES, ...ofApps]
}

/** The model kept from the last time the files were right, unless the plugin has moved since. */
function keptModel(file: string, home: string): InstalledPlugin | undefined {
  const kept = modelOf(file)
  return isInstalled(kept) && kept.plugin.home === home ? kept : undefined
}

export function modelText(model: unknown): string {
  return JSON.stringify(model, (_key, value) => (value instanceof Set ? [...value] : value))
}

/** What `modelText` wrote into a file; undefined when there is no such file, or it does not read. */
export function modelOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'), (key, value) => (key === 'directories' ? new Set(value) : value))
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined
    throw error
  }
}

export function isInstalled(value: unknown): value is InstalledPlugin {
  return typeof value === 'object' && value !== null && ['plugin', 'fingerprint', 'directories'].every((key) => key in value)
}

import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { LAYER_DIRECTORIES } from '../../desired/environment.ts'
import { Problem, Problems } from '../../problem.ts'
import { isSystemError } from '../disk/errno.ts'
import { readText } from '../disk/read-text.ts'
import { VIRTUALENV_FILES } from '../environments/virtualenv.ts'
import { MFSERV_HOME, type Paths } from '../home/paths.ts'
import { siteFiles } from '../home/site.ts'
import { INHERITED } from '../module/machine.ts'
import { configFiles } from '../module/read-config.ts'
import { overrideFiles } from '../plugins/override-files.ts'
import { type ReadPlace, readPluginPlace } from '../plugins/plugin-environment.ts'
import type { PluginPlace, Search } from '../plugins/plugin-place.ts'
import { PYTHON_REQUIREMENTS } from '../programs/python-framework.ts'
import { PYTHON2_REQUIREMENTS } from '../programs/python2-framework.ts'
import { pendingFile } from '../releases/pending.ts'
import { pluginsDirectory } from '../releases/plugins-directory.ts'
import { type Ingredients, looksOf, type Remembered } from './environment.ts'
import { writeMemory } from './write-memory.ts'

/**
 * The clock of a file system may tick so coarsely that two changes look like one: what has changed just now is not remembered.
 * Two seconds are the coarsest there is.
 */
const SETTLED_MS = 2_000

/** Reads everything, and keeps the environment in `file` where it can be known again. `now`: the time of the clock. */
export function readAndRemember(
  search: Search,
  paths: Paths,
  env: NodeJS.ProcessEnv,
  file: string,
  now: () => number = Date.now,
): PluginPlace {
  const { name, home, environment, entries } = readPluginPlace(search, paths, env)
  const place = { name, home, environment }
  const remembered = toRemember(place, entries, search, paths, env, now)
  if (remembered !== undefined) writeMemory(file, remembered, 0o600)
  return place
}

/** Undefined when something changed while it was read, or cannot be relied on to show that it changes. */
function toRemember(
  place: PluginPlace,
  entries: ReadPlace['entries'],
  search: Search,
  paths: Paths,
  env: NodeJS.ProcessEnv,
  now: () => number,
): Remembered | undefined {
  // Their text stands in a file of ours, in another spelling: what it names would not be found.
  if (entries.some(({ name }) => existsSync(pendingFile(paths.plugins, name)))) return undefined
  try {
    const ingredients = ingredientsOf(entries, search, paths, env)
    const looks = looksOf(ingredients, paths, env)
    const again = readPluginPlace(search, paths, env)
    const isSame =
      JSON.stringify(again.environment) === JSON.stringify(place.environment) &&
      JSON.stringify(ingredientsOf(again.entries, search, paths, env)) === JSON.stringify(ingredients) &&
      looksOf(ingredients, paths, env) === looks
    return isSame && haveSettled(ingredients.files, now()) ? { place, ingredients, looks } : undefined
  } catch (error) {
    // The environment was read; that it cannot be remembered is no reason to fail.
    if (error instanceof Problem || error instanceof Problems || isSystemError(error)) return undefined
    throw error
  }
}

function ingredientsOf(entries: ReadPlace['entries'], { base }: Search, paths: Paths, env: NodeJS.ProcessEnv): Ingredients {
  const site = siteFiles(env)
  const texts = [
    ...configFiles(paths, env),
    site.configurationName,
    paths.hostAddresses,
    ...entries.flatMap(({ looked, name }) => [...looked.files, ...Object.values(overrideFiles(name, paths, env))]),
  ]
  const files = [
    ...texts,
    ...entries.flatMap(({ name, home }) => [
      pendingFile(paths.plugins, name),
      ...VIRTUALENV_FILES.files.map((file) => join(home, file)),
    ]),
    ...[join(MFSERV_HOME, 'package.json'), ...PYTHON_REQUIREMENTS, ...PYTHON2_REQUIREMENTS, ...modulesFrom(import.meta.filename)],
  ]
  const places = [
    pluginsDirectory(base, paths.plugins),
    ...entries.flatMap(({ name, home, looked }) => [
      ...looked.places,
      join(paths.plugins, name),
      ...[...LAYER_DIRECTORIES, ...VIRTUALENV_FILES.places].map((path) => join(home, path)),
    ]),
  ]
  const variables = [...INHERITED, ...[...texts, ...modulesFrom(import.meta.filename)].flatMap(namesIn)]
  return { places: [...new Set(places)], files: [...new Set(files)], variables: [...new Set(variables)] }
}

/** The variables that a text may ask for: `{{NAME}}`, and `@@@NAME@@@` in the settings of the module. */
function namesIn(file: string): readonly string[] {
  const named = (readText(file, []) ?? '').matchAll(/\{\{([^{}\n]*)\}\}|@@@(\w+)/g)
  return [...named].flatMap(([, inside = '', name]) => [...(inside.match(/\w+/g) ?? []), ...(name === undefined ? [] : [name])])
}

/** A module of mfserv and all that it is made of: after an update, or an edit in a clone, they may read otherwise. */
function modulesFrom(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found
  found.add(file)
  const imported = readFileSync(file, 'utf8').matchAll(
    /^(?:(?:import(?! type)|export|\})[^'"\n]* from |(?:const|let|var) [^'"\n]* = require\()['"](\.[^'"]+)['"]/gm,
  )
  for (const [, from] of imported) if (from !== undefined) modulesFrom(resolve(dirname(file), from), found)
  return found
}

function haveSettled(files: readonly string[], now: number): boolean {
  return files.every((file) => (statSync(file, { throwIfNoEntry: false })?.ctimeMs ?? 0) < now - SETTLED_MS)
}

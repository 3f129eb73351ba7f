import { readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { isErrno, isSystemError } from '../disk/errno.ts'
import { exactStampsOf } from '../disk/stamps.ts'
import { makeOwnDirectories } from '../home/own-directories.ts'
import { MFSERV_HOME, type Paths } from '../home/paths.ts'
import { siteDirectory } from '../home/site.ts'
import { readHardware } from '../module/hardware.ts'
import type { PluginPlace, Search } from '../plugins/plugin-place.ts'

/** What an environment was made from, beside the facts of the machine. */
export interface Ingredients {
  /** Paths of which it counts whether they are there, and where links lead. */
  readonly places: readonly string[]
  /** Files, there or not, of which every change counts; and directories of which each entry does. */
  readonly files: readonly string[]
  /** Names of variables of the caller. */
  readonly variables: readonly string[]
}

/** An environment, and how what it was made from looked then. */
export interface Remembered {
  readonly place: PluginPlace
  readonly ingredients: Ingredients
  readonly looks: string
}

/** One file for each plugin, so that jobs of several plugins do not write over each other's. Settings may hold secrets. */
export function memoryFile({ wanted, base }: Search, paths: Paths): string {
  const isName = !/[/.]/.test(wanted)
  const words = [isName ? wanted : resolve(wanted), ...(base === undefined ? [] : [resolve(base)])]
  return join(paths.tmp, `plugin_environment.${words.map(encodeURIComponent).join('+')}.json`)
}

/** Undefined when there is nothing, when anything has changed since, and whenever a doubt is left: then everything is read again. */
export function recall(file: string, paths: Paths, env: NodeJS.ProcessEnv): PluginPlace | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (!isRemembered(found) || found.looks !== looksOf(found.ingredients, paths, env)) return undefined
    makeOwnDirectories(found.place.environment)
    return found.place
  } catch (error) {
    // Whoever reads everything again says what is wrong.
    if (error instanceof SyntaxError || isSystemError(error)) return undefined
    throw error
  }
}

/** A text that changes with anything that the environment is made from. Throws where a file or the user cannot be looked at. */
export function looksOf({ places, files, variables }: Ingredients, paths: Paths, env: NodeJS.ProcessEnv): string {
  return JSON.stringify({
    // This file: what the sources remembered is not for the bundle of them, nor the other way round.
    mfserv: [MFSERV_HOME, process.execPath, import.meta.filename],
    directories: [paths.runtimeHome, siteDirectory(env)],
    user: userInfo(),
    hardware: readHardware(),
    variables: variables.map((name) => [name, env[name]]),
    places: places.map(leadsTo),
    files: exactStampsOf(files),
  })
}

/** What is at a path, and where its link and those above it lead. Nothing where there is nothing. */
function leadsTo(path: string): readonly string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return []
  const real = realpathSync.native(path)
  return [stat.isDirectory() ? 'directory' : 'file', real, real === path ? '' : linkText(path)]
}

/** Empty when the path itself is no link. */
function linkText(path: string): string {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (isErrno(error, 'EINVAL')) return ''
    throw error
  }
}

function isRemembered(value: unknown): value is Remembered {
  return (
    isObject(value) && isObject(value['place']) && isObject(value['place']['environment']) && isIngredients(value['ingredients'])
  )
}

function isIngredients(value: unknown): boolean {
  return isObject(value) && ['places', 'files', 'variables'].every((key) => isTexts(value[key]))
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

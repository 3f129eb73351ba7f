import { lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Choice, isTaken, placesOf, relativeTarget } from '../../backup/contents.ts'
import { badName, badTarget, strayLinks } from '../../package/entry.ts'
import { isErrno } from '../disk/errno.ts'

/** What a runtime home has for a backup. Paths are relative to it. */
export interface Collected {
  readonly files: readonly string[]
  readonly links: ReadonlyMap<string, string>
  /** Every one, also those that are not empty. */
  readonly directories: readonly string[]
  /** What is left out although it would belong there, for people. */
  readonly notes: readonly string[]
}

/** Lists what is there now, nothing followed. `wanted`: which of the places, and what in them. */
export function collect(home: string, choice: Choice, wanted: (path: string) => boolean = () => true): Collected {
  const found = { files: [] as string[], links: new Map<string, string>(), directories: [] as string[], notes: [] as string[] }
  const ahead = [...placesOf(choice)].filter((place) => exists(join(home, place)))
  for (let path = ahead.pop(); path !== undefined; path = ahead.pop()) {
    const below = add(home, path, choice, wanted, found)
    ahead.push(...below)
  }
  for (const { path, why } of strayLinks(found.links)) {
    found.links.delete(path)
    found.notes.push(`${path} was left out: it ${why.replace('outside of the plugin', 'outside of the runtime home')}`)
  }
  return { ...found, files: found.files.sort(), directories: found.directories.sort() }
}

interface Growing {
  readonly files: string[]
  readonly links: Map<string, string>
  readonly directories: string[]
  readonly notes: string[]
}

/** Answers what is in it, when it is a directory. */
function add(home: string, path: string, choice: Choice, wanted: (path: string) => boolean, found: Growing): readonly string[] {
  const place = join(home, path)
  // One of the places themselves may be a link to a larger disk.
  const look = (placesOf(choice) as readonly string[]).includes(path) ? statSync : lstatSync
  const stat = look(place, { throwIfNoEntry: false })
  if (stat === undefined || !wanted(path)) return []
  const target = stat.isSymbolicLink() ? relativeTarget(path, readlinkSync(place), home) : undefined
  if (!isTaken(path, choice, target)) return []
  const wrong = badName(path) ?? (target === undefined ? undefined : badTarget(target))
  if (wrong !== undefined) found.notes.push(`${JSON.stringify(path)} was left out: it ${wrong}`)
  else if (target !== undefined) found.links.set(path, target)
  else if (stat.isFile()) found.files.push(path)
  else if (stat.isDirectory()) {
    found.directories.push(path)
    return namesOf(place).map((name) => `${path}/${name}`)
  } else if (!stat.isSocket()) found.notes.push(`${path} was left out: it is neither a file, a directory nor a link`)
  return []
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

/** What goes while it is listed was not there. */
function namesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []
    throw error
  }
}

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { linkAtomically } from '../disk/atomic.ts'
import { readStamp } from '../disk/text-of.ts'
import type { VirtualenvStamp } from './requirements.ts'

/** Where in a plugin a virtualenv is: that of Python 3, and that of Python 2. */
export type VirtualenvPlace = 'local' | 'local/python2'

/*
 * The virtualenv of a plugin; that of Python 2 is the same below local/python2:
 *
 *   local/versions/7/   a virtualenv, and the stamp of what it was built from
 *   local/current     → versions/7
 *   local/bin         → current/bin, and so for every other entry of a virtualenv
 *
 * A new version is built beside the one in use and comes into use by one rename, the one of `current`: an interrupted build
 * leaves the old one. A worker that runs from the old version keeps it: the version before stays until the next build.
 */

const STAMP = 'mfserv-build.json'

/** What decides which virtualenv of Python 3 a plugin has, and where its packages are, relative to the plugin. */
export const VIRTUALENV_FILES = {
  places: ['local/current', 'local/bin/python', 'local/lib', 'local/pyvenv.cfg'],
  files: [`local/current/${STAMP}`, 'local/current/lib'],
} as const

/**
 * The real directory of the virtualenv that is in use. A worker that is started from here, and not through the links, keeps
 * its packages while a new version comes into use. Undefined when the plugin has none.
 */
export function currentVirtualenv(home: string, place: VirtualenvPlace = 'local'): string | undefined {
  const current = join(home, place, 'current')
  return builtVirtualenv(home, place) === undefined ? undefined : realpathSync(current)
}

/** What the virtualenv in use was built from; undefined when there is none, or when it is not whole. */
export function builtVirtualenv(home: string, place: VirtualenvPlace = 'local'): VirtualenvStamp | undefined {
  const local = join(home, place)
  const whole = existsSync(join(local, 'bin/python')) && existsSync(join(local, 'lib')) && existsSync(join(local, 'pyvenv.cfg'))
  const stamp = whole ? readStamp(join(local, 'current', STAMP)) : undefined
  return isStamp(stamp) ? { ...stamp, boundTo: stamp.boundTo } : undefined
}

function isStamp(value: unknown): value is VirtualenvStamp {
  return typeof value === 'object' && value !== null && 'requirements' in value && 'python' in value
}

/** The directory to build the next version in; it does not exist yet. What an interrupted build left there is removed. */
export function nextVersion(home: string, place: VirtualenvPlace = 'local'): string {
  const versions = join(home, place, 'versions')
  mkdirSync(versions, { recursive: true })
  const complete = readdirSync(versions).filter((name) => {
    if (existsSync(join(versions, name, STAMP))) return true
    rmSync(join(versions, name), { recursive: true, force: true })
    return false
  })
  return join(versions, String(1 + Math.max(0, ...complete.map(Number).filter(Number.isInteger))))
}

/** Brings a finished version into use, and removes those older than the one it replaces. */
export function useVersion(version: string, stamp: VirtualenvStamp): void {
  const local = dirname(dirname(version))
  const current = join(local, 'current')
  writeFileSync(join(version, STAMP), `${JSON.stringify(stamp, null, 2)}\n`)
  const before = existsSync(current) ? basename(readlinkSync(current)) : undefined
  linkAtomically(join('versions', basename(version)), current)
  linkEntries(local, entriesOf(version))
  const versions = join(local, 'versions')
  for (const name of readdirSync(versions)) {
    if (name !== basename(version) && name !== before) rmSync(join(versions, name), { recursive: true, force: true })
  }
}

export function removeVirtualenv(home: string, place: VirtualenvPlace = 'local'): void {
  const local = join(home, place)
  rmSync(join(local, 'current'), { force: true })
  linkEntries(local, [])
  rmSync(join(local, 'versions'), { recursive: true, force: true })
}

/** Links to a virtualenv by way of `current`, for every entry of it; links to entries of an older one go. */
function linkEntries(local: string, entries: readonly string[]): void {
  for (const entry of entries) {
    const link = join(local, entry)
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === false) {
      // A virtualenv that something else made in place gives way, and goes with the old versions.
      const aside = join(local, 'versions', 'foreign')
      mkdirSync(aside, { recursive: true })
      renameSync(link, join(aside, entry))
    }
    linkAtomically(join('current', entry), link)
  }
  for (const name of readdirSync(local)) {
    const link = join(local, name)
    const ours = lstatSync(link).isSymbolicLink() && readlinkSync(link).startsWith('current/')
    if (ours && !entries.includes(name)) rmSync(link)
  }
}

/** In this order `pyvenv.cfg`, without which a virtualenv is not whole, comes after `bin` and `lib`. */
function entriesOf(version: string): readonly string[] {
  return readdirSync(version)
    .filter((name) => !name.startsWith('.') && name !== STAMP && name !== 'CACHEDIR.TAG')
    .sort()
}

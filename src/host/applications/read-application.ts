import { closeSync, constants, fstatSync, opendirSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { AppTree } from '../../adopt/tree.ts'
import { isErrno } from '../disk/errno.ts'
import { requirementsText } from '../environments/python/requirements-text.ts'
import { isMadeAgain } from './made-again.ts'

/** What was seen of the directory of an application. Nothing of it was run. */
export interface ReadApplication {
  readonly tree: AppTree
  /** There is more than was looked at. */
  readonly isCut: boolean
  /** What this user may not read, relative to it; filled while the tree is asked, too. */
  readonly unreadable: readonly string[]
}

/** Whoever put it there may have put anything there: the work is bounded, those near the top come first. */
const MOST_ENTRIES = 20_000
const DEEPEST = 6
const MOST_BYTES_OF_A_FILE = 256 << 10
const MOST_BYTES = 16 << 20

/** The application in the directory `home`, which is absolute. Throws what the system says when that cannot be read. */
export function readApplication(home: string): ReadApplication {
  const real = realpathSync(home)
  const found: Found = { files: new Set(), executables: new Set(), unreadable: [], left: MOST_ENTRIES }
  let level: readonly string[] = ['']
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth += 1) {
    level = level.flatMap((directory) => listInto(found, real, directory))
  }
  const { files, executables, unreadable } = found
  const isCut = found.left <= 0 || level.length > 0
  return { tree: { files, executables, lines: linesIn(real, files, unreadable) }, isCut, unreadable }
}

interface Found {
  readonly files: Set<string>
  readonly executables: Set<string>
  readonly unreadable: string[]
  left: number
}

/** Adds what is in the directory, and answers the directories in it. */
function listInto(found: Found, home: string, directory: string): readonly string[] {
  const inside: string[] = []
  for (const { name, kind } of entriesOf(found, home, directory)) {
    const path = directory === '' ? name : `${directory}/${name}`
    if (kind === 'directory') {
      if (!isMadeAgain(name) && !name.startsWith('.')) inside.push(path)
    } else if (kind === 'file' || leadsToFile(home, path)) {
      found.files.add(path)
      if (isExecutable(join(home, path))) found.executables.add(path)
    }
  }
  // The environment of a Python is known by this file, whatever it is called.
  if (directory !== '' && found.files.has(`${directory}/pyvenv.cfg`)) return []
  if (directory === '' && leadsToFile(home, 'vendor/autoload.php')) found.files.add('vendor/autoload.php')
  return inside.sort()
}

interface Entry {
  readonly name: string
  readonly kind: 'file' | 'directory' | 'link'
}

function entriesOf(found: Found, home: string, directory: string): readonly Entry[] {
  const entries: Entry[] = []
  try {
    const opened = opendirSync(join(home, directory))
    try {
      for (let entry = opened.readSync(); entry !== null && found.left > 0; entry = opened.readSync()) {
        found.left -= 1
        const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : entry.isSymbolicLink() ? 'link' : undefined
        if (kind !== undefined) entries.push({ name: entry.name, kind })
      }
    } finally {
      opened.closeSync()
    }
  } catch (error) {
    if (directory === '' || !isOfOne(error)) throw error
    if (isErrno(error, 'EACCES')) found.unreadable.push(directory)
  }
  return entries.sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** Closed to this user, or gone since it was listed: the others are looked at all the same. */
function isOfOne(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'ESRCH', 'EINVAL'].some((code) => isErrno(error, code))
}

/** A link that stays inside; any other one is not followed. */
function leadsToFile(home: string, path: string): boolean {
  try {
    const target = realpathSync(join(home, path))
    return target.startsWith(`${home}/`) && statSync(target).isFile()
  } catch {
    // It leads nowhere, in a circle, or to what this user may not see.
    return false
  }
}

function isExecutable(file: string): boolean {
  try {
    const stat = statSync(file, { throwIfNoEntry: false })
    return stat !== undefined && (stat.mode & 0o111) !== 0
  } catch (error) {
    if (isOfOne(error)) return false
    throw error
  }
}

function linesIn(home: string, files: ReadonlySet<string>, unreadable: string[]): AppTree['lines'] {
  const known = new Map<string, readonly string[]>()
  let left = MOST_BYTES
  return (path) => {
    const before = known.get(path)
    if (before !== undefined) return before
    const text = files.has(path) && left > 0 ? beginningOf(join(home, path), () => unreadable.push(path)) : ''
    left -= text.length
    const lines = text === '' ? [] : text.split('\n')
    known.set(path, lines)
    return lines
  }
}

/** Of a plain file: a pipe would keep the reader waiting for ever. */
function beginningOf(file: string, refused: () => void): string {
  try {
    const opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!fstatSync(opened).isFile()) return ''
      const bytes = Buffer.alloc(MOST_BYTES_OF_A_FILE)
      return decoded(bytes.subarray(0, readSync(opened, bytes, 0, bytes.length, 0)), file)
    } finally {
      closeSync(opened)
    }
  } catch (error) {
    if (!isOfOne(error)) throw error
    refused()
    return ''
  }
}

/** Of what is read here, only requirements may be UTF-16: pip takes them so. */
function decoded(bytes: Buffer, file: string): string {
  return file.endsWith('.txt') ? requirementsText(bytes) : bytes.toString('utf8').replace(/^\uFEFF/, '')
}

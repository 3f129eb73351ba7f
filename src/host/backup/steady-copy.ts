import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { isDatabase } from '../../backup/contents.ts'
import { isErrno } from '../disk/errno.ts'

/** What goes into a backup of one file. */
export interface Steady {
  readonly body: Buffer | string
  readonly size: number
  readonly mtime: Date
  readonly executable: boolean
  /** Why it may not be whole, for people. */
  readonly note?: string
}

const TRIES = 5
const BETWEEN_MS = 60
/** What is larger is copied on the disk first, where that costs nothing on many file systems. */
const IN_MEMORY = 4 << 20
const BUSY_MS = 10_000
const ALL_PAGES = 0x7fffffff

/**
 * A file as it was at one moment, or a word about why that could not be had; undefined when it has gone. A database is copied by
 * SQLite itself: consistent, whoever writes it meanwhile. `scratch`: a directory for copies. `isSame`: whether a file did not
 * change between two looks at it.
 */
export async function steadyCopy(home: string, path: string, scratch: string, isSame = isSameFile): Promise<Steady | undefined> {
  const file = join(home, path)
  try {
    if (isDatabase(beginning(file))) return await ofDatabase(file, scratch, isSame)
    return await ofFile(file, scratch, isSame)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Whether a file is a database, so that what SQLite keeps beside it is in the copy already. */
export function isDatabaseFile(file: string): boolean {
  try {
    return lstatSync(file).isFile() && isDatabase(beginning(file))
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false
    throw error
  }
}

async function ofDatabase(file: string, scratch: string, isSame: typeof isSameFile): Promise<Steady> {
  const copy = join(scratch, 'database')
  // A database that is there already keeps the size of its pages, which may be another.
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${copy}${end}`, { force: true })
  const before = statSync(file)
  try {
    const database = opened(file)
    try {
      // In one step: in several, whoever writes in between would make it begin again.
      await backup(database, copy, { rate: ALL_PAGES })
    } finally {
      database.close()
    }
    return { body: copy, size: statSync(copy).size, mtime: before.mtime, executable: false }
  } catch (error) {
    if (!isOfSqlite(error)) throw error
    const plain = await ofFile(file, scratch, isSame)
    return { ...plain, note: `SQLite does not copy it (${error.message}), so it was copied as a file` }
  }
}

/** What a killed writer left in a database has to be put right before it can be read: that takes the right to write. */
function opened(file: string): DatabaseSync {
  return readable(file, true) ?? readable(file, false) ?? new DatabaseSync(file, { timeout: BUSY_MS })
}

function readable(file: string, readOnly: boolean): DatabaseSync | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { readOnly, timeout: BUSY_MS })
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return database
  } catch (error) {
    database?.close()
    if (isOfSqlite(error)) return undefined
    throw error
  }
}

function isOfSqlite(error: unknown): error is Error {
  return error instanceof Error && 'errcode' in error
}

async function ofFile(file: string, scratch: string, isSame: typeof isSameFile): Promise<Steady> {
  for (let left = TRIES; ; left -= 1) {
    const before = statSync(file)
    const copied = before.size <= IN_MEMORY ? inMemory(file) : onDisk(file, join(scratch, 'file'))
    const after = statSync(file)
    if (isSame(before, after) && copied.size === after.size) return { ...asItIs(file, after), body: copied.body }
    if (left <= 1) {
      const note = 'it was written all the time, so its copy may hold parts of several moments'
      return { ...asItIs(file, after), body: copied.body, size: copied.size, note }
    }
    await pause(BETWEEN_MS)
  }
}

function inMemory(file: string): { readonly body: Buffer; readonly size: number } {
  const body = readFileSync(file)
  return { body, size: body.length }
}

function onDisk(file: string, copy: string): { readonly body: string; readonly size: number } {
  copyFileSync(file, copy, constants.COPYFILE_FICLONE)
  return { body: copy, size: statSync(copy).size }
}

function asItIs(file: string, { size, mtime, mode }: Stats): Steady {
  return { body: file, size, mtime, executable: (mode & 0o100) !== 0 }
}

function isSameFile(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.size === other.size && one.mtimeMs === other.mtimeMs && one.ctimeMs === other.ctimeMs
}

function beginning(file: string): Buffer {
  const opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const begin = Buffer.alloc(16)
    return fstatSync(opened).isFile() ? begin.subarray(0, readSync(opened, begin)) : Buffer.alloc(0)
  } finally {
    closeSync(opened)
  }
}

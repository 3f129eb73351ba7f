import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { isErrno } from './errno.ts'
import { namesIn } from './names-in.ts'

/** What may still be written into a directory. */
export interface Room {
  readonly bytes: number
  /** Of the whole file system, taken or not. */
  readonly totalBytes: number
  /** Files and directories; endless where the file system does not count them. */
  readonly files: number
  readonly isReadOnly: boolean
}

export function roomIn(directory: string): Room {
  const { bavail, bfree, blocks: all, bsize, files, ffree } = statfsSync(directory)
  const blocks = process.geteuid?.() === 0 ? bfree : bavail
  return {
    bytes: blocks * bsize,
    totalBytes: all * bsize,
    files: files === 0 ? Number.POSITIVE_INFINITY : ffree,
    isReadOnly: !mayWrite(directory),
  }
}

/** The reserve is given up in portions, one at a time: who fills the disk takes also what becomes free. */
const PORTIONS = 8
const PORTION_BYTES = 512 << 10
const PORTION_FILES = 32
/** Only where it takes little of what there is. */
const AMPLE = 12

/**
 * Puts room aside where there is much: 4 MiB, and some empty files. On a full disk it is given up by and by, so that there is
 * room for what a daemon has to write down to start and to go on.
 */
export function reserveRoom(directory: string, room: Room): void {
  const isAmple = room.bytes >= PORTIONS * PORTION_BYTES * AMPLE && room.files >= PORTIONS * PORTION_FILES * AMPLE
  if (room.isReadOnly || !isAmple) return
  const present = namesIn(directory)
  const absent = Array.from({ length: PORTIONS }, (_, number) => `${number}`).filter((name) => !present.includes(name))
  for (const name of absent) makePortion(join(directory, name))
}

/** `nothing left` when there was no reserve. */
export function giveUpPortion(directory: string): 'given up' | 'nothing left' {
  const [first] = namesIn(directory)
  if (first === undefined) return 'nothing left'
  rmSync(join(directory, first), { recursive: true, force: true })
  return 'given up'
}

/** Bytes that the reserve took which were given up and are not there again. */
export function missingReserve(directory: string): number {
  return existsSync(directory) ? (PORTIONS - namesIn(directory).length) * PORTION_BYTES : 0
}

function makePortion(directory: string): void {
  const made = `${directory}.new`
  rmSync(made, { recursive: true, force: true })
  mkdirSync(made, { recursive: true, mode: 0o700 })
  for (let number = 1; number < PORTION_FILES; number += 1) closeSync(openSync(join(made, `${number}`), 'w', 0o600))
  writeFileSync(join(made, 'bytes'), Buffer.alloc(PORTION_BYTES), { mode: 0o600 })
  renameSync(made, directory)
}

function mayWrite(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK)
    return true
  } catch (error) {
    if (isErrno(error, 'EROFS')) return false
    throw error
  }
}

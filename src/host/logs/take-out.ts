import { execFile } from 'node:child_process'
import { closeSync, fstatSync, openSync, readSync, statfsSync, truncateSync, writeSync } from 'node:fs'
import { copyFile, open, rename, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { isSystemError } from '../disk/errno.ts'
import { bytesOf, sizeOf } from './log-bytes.ts'

const run = promisify(execFile)
const PIECE_BYTES = 65_536
/** So much of its end tells whether a copy is what a log begins with. */
const COMPARED_BYTES = 4096
/** A copy in the making: no reader takes it for one. */
export const UNFINISHED = '.part'

/** What `fallocate` says where it can never be done. */
const NEVER = /not supported|not permitted|unrecognized option|invalid option/

/** File systems that cannot take out the beginning of a file, by their devices. */
const cannot = new Set<number>()

/**
 * Puts what a log holds into the file `copy`, and takes it out of the log in place: its writers keep it open and append to it, so no
 * process has to be told, and none can block. On ext4 and xfs whole blocks are taken out of the beginning, which loses nothing
 * whatever is written meanwhile; what is left of a block stays, so a line may begin in the copy and end in the log. Elsewhere, and where
 * there is less than a block, the log is emptied: what is written in the microseconds before that is lost.
 */
export async function takeOut(log: string, copy: string): Promise<void> {
  const part = `${copy}${UNFINISHED}`
  try {
    await copyFile(log, part)
    const bytes = blocksOf(log, sizeOf(part))
    if (bytes > 0 && !cannot.has(deviceOf(log))) {
      truncateSync(part, bytes)
      await toDisk(part)
      // What the file system would write while it holds up the writers.
      await toDisk(log)
      await rename(part, copy)
      if (await collapse(log, bytes)) return
      await rename(copy, part)
    }
    appendRest(log, part)
    await rename(part, copy)
    truncateSync(log)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** After a power cut between the copy and the taking out: what the newest copy has is taken out of the log that still begins with it. */
export async function finishTakingOut(log: string, copy: string): Promise<void> {
  const bytes = sizeOf(copy)
  const compared = Math.min(bytes, COMPARED_BYTES)
  if (bytes === 0 || sizeOf(log) <= bytes || bytes !== blocksOf(log, bytes + 1)) return
  const isSame = (at: number): boolean => bytesOf(copy, at, compared).equals(bytesOf(log, at, compared))
  if (isSame(0) && isSame(bytes - compared)) await collapse(log, bytes)
}

/** The last byte must stay where it is. */
function blocksOf(log: string, bytes: number): number {
  const { bsize } = statfsSync(log)
  return Math.floor((bytes - 1) / bsize) * bsize
}

/** Answers whether this file system can. */
async function collapse(log: string, bytes: number): Promise<boolean> {
  try {
    await run('fallocate', ['--collapse-range', '--offset', '0', '--length', String(bytes), log], {
      env: { ...process.env, LC_ALL: 'C' },
    })
    return true
  } catch (error) {
    // The program ended badly or is not there; a fault of ours is neither.
    if (!(error instanceof Error && 'code' in error)) throw error
    const said = 'stderr' in error ? String(error.stderr) : ''
    if (error.code === 'ENOENT' || NEVER.test(said)) cannot.add(deviceOf(log))
    return false
  }
}

function deviceOf(file: string): number {
  const opened = openSync(file, 'r')
  try {
    return fstatSync(opened).dev
  } finally {
    closeSync(opened)
  }
}

/** Where the disk does not tell, the copy is as good as it was before there was this. */
async function toDisk(file: string): Promise<void> {
  const opened = await open(file, 'r')
  try {
    await opened.datasync()
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'EINVAL') throw error
  } finally {
    await opened.close()
  }
}

/** What was written while the copy was made. */
function appendRest(log: string, copy: string): void {
  const from = openSync(log, 'r')
  const to = openSync(copy, 'r+')
  try {
    const bytes = Buffer.alloc(PIECE_BYTES)
    for (let at = fstatSync(to).size; ; ) {
      const read = readSync(from, bytes, 0, bytes.length, at)
      if (read === 0) return
      at += writeSync(to, bytes, 0, read, at)
    }
  } finally {
    closeSync(from)
    closeSync(to)
  }
}

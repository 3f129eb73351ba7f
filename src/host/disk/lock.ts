import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isErrno } from './errno.ts'

const FOR_US_ALONE = 0o600

export interface Lock {
  /** Frees it; it may be free already. */
  release(): void
}

/**
 * Takes an exclusive lock that the system frees when this process ends, however it ends. SQLite's file locks serve because
 * Node has no flock, and unlike a flock they are not inherited by the processes we start. Undefined: somebody else has it.
 */
export function tryLock(path: string): Lock | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeToOthers(path)
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return { release: () => void (database.isOpen && database.close()) }
  } catch (error) {
    database.close()
    if (error instanceof Error && error.message.includes('locked')) return undefined
    throw error
  }
}

/**
 * Whoever may read the file can lock it. It is never opened here when it is there: the system frees the locks of a process on a
 * file when the process closes it, however often it has it open.
 */
function closeToOthers(path: string): void {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) writeFileSync(path, '', { flag: 'wx', mode: FOR_US_ALONE })
    else if ((stat.mode & 0o777) !== FOR_US_ALONE) chmodSync(path, FOR_US_ALONE)
  } catch (error) {
    // Another process has just made it.
    if (!isErrno(error, 'EEXIST')) throw error
  }
}

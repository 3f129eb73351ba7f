import { closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { Problem } from '../../problem.ts'
import { isErrno } from '../disk/errno.ts'

const PRIVATE = 0o600
/** Neither a symbolic link is followed nor a reader of a FIFO waited for. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Opens a log to append to it, for its owner alone unless other `rights` are wanted. Throws DISK where something else than a file
 * has its name.
 */
export function openLog(path: string, rights = PRIVATE): number {
  mkdirSync(dirname(path), { recursive: true })
  const descriptor = open(path)
  const stat = fstatSync(descriptor)
  if (!stat.isFile()) {
    closeSync(descriptor)
    throw noLog(path)
  }
  if ((stat.mode & 0o777) !== rights) fchmodSync(descriptor, rights)
  return descriptor
}

function open(path: string): number {
  try {
    return openSync(path, FLAGS, PRIVATE)
  } catch (error) {
    // A symbolic link, a FIFO that nobody reads, a socket.
    if (isErrno(error, 'ELOOP') || isErrno(error, 'ENXIO')) throw noLog(path, error)
    throw error
  }
}

function noLog(path: string, cause?: unknown): Problem {
  const fix = `Remove it: rm ${path}. mfserv makes the file anew.`
  return new Problem(
    'DISK',
    `the log ${path} is no file: a symbolic link, a FIFO or the like is not written to`,
    fix,
    { file: path },
    cause,
  )
}

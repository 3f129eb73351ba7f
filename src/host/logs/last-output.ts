import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isErrno, isSystemError } from '../disk/errno.ts'

const MOST_BYTES = 8192
const MOST_LINES = 20

/**
 * The last lines a worker wrote, at most twenty; `offset` is where its output began. A rotated file begins again at 0. Why they
 * cannot be read stands in their place: the end of a worker is told with or without them.
 */
export function lastOutput(logFile: string, offset: number): string {
  try {
    return lastLines(logFile, offset)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return ''
    if (isSystemError(error)) return `its log ${logFile} cannot be read: ${error.message}`
    throw error
  }
}

function lastLines(logFile: string, offset: number): string {
  const file = openSync(logFile, 'r')
  try {
    const { size } = fstatSync(file)
    const from = Math.max(size < offset ? 0 : offset, size - MOST_BYTES)
    const bytes = Buffer.alloc(Math.max(0, size - from))
    readSync(file, bytes, 0, bytes.length, from)
    return bytes.toString('utf8').trimEnd().split('\n').slice(-MOST_LINES).join('\n')
  } finally {
    closeSync(file)
  }
}

import { closeSync, fstatSync, openSync, readdirSync, readSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isCopyOf, isLogName } from './log-rotation.ts'

/** What is kept of it: it tells what floods. */
const KEPT_BYTES = 4096

export interface Emptied {
  readonly file: string
  /** With its rotated copies. */
  readonly bytes: number
}

/** A log with its rotated copies. */
export interface LogRoom {
  readonly name: string
  readonly copies: readonly string[]
  readonly bytes: number
}

export function roomOfLogs(directory: string): readonly LogRoom[] {
  const names = readdirSync(directory)
  return names
    .filter(isLogName)
    .map((name) => ({ name, copies: names.filter((other) => isCopyOf(name, other)) }))
    .map((log) => ({ ...log, bytes: sum([log.name, ...log.copies].map((name) => sizeOf(join(directory, name)))) }))
}

/** Empties a log, with its rotated copies, but for its last lines. Its writers go on: they append. */
export function emptyLog(directory: string, { name, copies, bytes }: LogRoom): Emptied {
  const file = join(directory, name)
  for (const copy of copies) rmSync(join(directory, copy), { force: true })
  const end = endOf(file)
  truncateSync(file)
  writeFileSync(file, end, { flag: 'a' })
  return { file, bytes }
}

function endOf(file: string): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(Math.min(KEPT_BYTES, fstatSync(descriptor).size))
    const read = readSync(descriptor, bytes, 0, bytes.length, fstatSync(descriptor).size - bytes.length)
    return bytes.subarray(0, read)
  } finally {
    closeSync(descriptor)
  }
}

/** A directory that is called as a log is none. */
function sizeOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() ? stat.size : 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

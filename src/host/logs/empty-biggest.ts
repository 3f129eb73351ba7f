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

/**
 * Empties the log that takes most room, with its rotated copies, but for its last lines. Its writers go on: they append. Nothing
 * but logs is touched. Undefined when it takes less than `worthBytes`: then it was not a log that filled the disk.
 */
export function emptyBiggest(directory: string, worthBytes: number): Emptied | undefined {
  const names = readdirSync(directory)
  const logs = names
    .filter(isLogName)
    .map((name) => ({ name, copies: names.filter((other) => isCopyOf(name, other)) }))
    .map((log) => ({ ...log, bytes: sum([log.name, ...log.copies].map((name) => sizeOf(join(directory, name)))) }))
  const [biggest] = logs.toSorted((one, other) => other.bytes - one.bytes)
  if (biggest === undefined || biggest.bytes < worthBytes) return undefined
  const file = join(directory, biggest.name)
  for (const copy of biggest.copies) rmSync(join(directory, copy), { force: true })
  const end = endOf(file)
  truncateSync(file)
  writeFileSync(file, end, { flag: 'a' })
  return { file, bytes: biggest.bytes }
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

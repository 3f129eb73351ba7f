import { readFileSync, statSync } from 'node:fs'
import { isErrno } from './errno.ts'

/** The text of a file; undefined when there is none. Whoever asks first whether it is there reads one that has gone meanwhile. */
export function textOf(file: string): string | undefined {
  return bytesOf(file)?.toString('utf8')
}

export function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined
    throw error
  }
}

/** Reads what an earlier build wrote about itself; undefined when it is absent or unreadable, which means: build again. */
export function readStamp(file: string): unknown {
  try {
    return JSON.parse(textOf(file) ?? 'null') ?? undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Milliseconds since the epoch; 0 for a file that is not there. */
export function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

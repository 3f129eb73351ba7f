import { readFileSync } from 'node:fs'
import { isErrno } from './errno.ts'

/** What a file of our own holds; undefined when it is not there, or holds no JSON. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError || isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

import { readdirSync } from 'node:fs'
import { isErrno } from './proc.ts'

/** The names in a directory, in order; none when there is no such directory. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort()
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return []
    throw error
  }
}

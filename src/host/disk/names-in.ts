import { readdirSync } from 'node:fs'
import { isErrno } from './errno.ts'

/** The names in a directory, in order; none when there is no such directory. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort()
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return []
    throw error
  }
}

/** The same of a directory that is none of ours: one that is closed to us is as good as none. */
export function foreignNamesIn(directory: string): readonly string[] {
  try {
    return namesIn(directory)
  } catch (error) {
    if (isErrno(error, 'EACCES')) return []
    throw error
  }
}

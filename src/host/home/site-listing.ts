import { join } from 'node:path'
import { Problem } from '../../problem.ts'
import { namesIn } from '../disk/names-in.ts'
import { siteDirectory } from './site.ts'

/** The directories in which an administrator puts .plugin files, in the names of both generations. */
const DIRECTORIES = ['external_plugins', 'plugins'] as const

export interface SiteListing {
  /** The .plugin files, in the order of their names. */
  readonly files: readonly string[]
  /** The directories that are there and cannot be read. */
  readonly unreadable: readonly { readonly file: string; readonly problem: Problem }[]
}

/** What an administrator has put into the site directory. */
export function listSite(env: NodeJS.ProcessEnv): SiteListing {
  const listed = DIRECTORIES.map((name) => list(join(siteDirectory(env), name)))
  return { files: listed.flatMap(({ files }) => files), unreadable: listed.flatMap(({ unreadable }) => unreadable) }
}

function list(directory: string): SiteListing {
  try {
    const names = namesIn(directory).filter((name) => name.endsWith('.plugin'))
    return { files: names.map((name) => join(directory, name)), unreadable: [] }
  } catch (error) {
    const fix = 'Make it a directory that the user of mfserv may read, or remove it.'
    return { files: [], unreadable: [{ file: directory, problem: unreadable(directory, error, fix) }] }
  }
}

/** What the system says of a path, as a problem of whoever put it there. Any other error is thrown on. */
export function unreadable(file: string, cause: unknown, fix: string): Problem {
  if (!(cause instanceof Error && 'syscall' in cause)) throw cause
  return new Problem('DISK', `it cannot be read: ${cause.message}`, fix, { file }, cause)
}

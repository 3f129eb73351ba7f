import { readdirSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isErrno } from '../disk/errno.ts'

/** What builds make, whose links lead to interpreters. */
const MADE_BY_BUILDS: ReadonlySet<string> = new Set(['local', 'node_modules'])

/**
 * The first symbolic link in a directory that leads to what a sandbox hides: the runtime home but for `own`, and homes of people.
 * nginx, which is in no sandbox, would follow it.
 */
export function linkOut(directory: string, runtimeHome: string, own: readonly string[]): string | undefined {
  const hidden = [realpathSync(runtimeHome), '/home', '/root', homedir()]
  const look = (at: string): string | undefined => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name)
      const real = entry.isSymbolicLink() ? targetOf(path) : undefined
      if (real !== undefined && isBelow(real, hidden) && !isBelow(real, [directory, ...own])) return path
      const found = entry.isDirectory() && !MADE_BY_BUILDS.has(entry.name) ? look(path) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }
  return look(directory)
}

function targetOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR') || isErrno(error, 'ELOOP')) return undefined
    throw error
  }
}

function isBelow(path: string, directories: readonly string[]): boolean {
  return directories.some((directory) => `${path}/`.startsWith(`${directory}/`))
}

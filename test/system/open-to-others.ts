import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What of a runtime home other users could read, write or enter if they could enter the home itself, which they cannot. The
 * test has made `besides` itself, as a person would. nginx runs as the user of mfserv, so there is nothing that it needs open.
 */
export function openToOthers(home: string, besides: readonly string[] = []): readonly string[] {
  const skipped = new Set(['config/config.ini', ...besides].map((path) => join(home, path)))
  const below = (directory: string): readonly string[] =>
    readdirSync(directory).flatMap((name) => {
      const path = join(directory, name)
      const stat = lstatSync(path)
      if (stat.isSymbolicLink() || skipped.has(path)) return []
      return [...told(path, stat.mode), ...(stat.isDirectory() ? below(path) : [])]
    })
  const own = ['config', 'log', 'tmp', 'var'].map((name) => join(home, name)).filter((path) => existsSync(path))
  return [home, ...own].flatMap((path) => told(path, lstatSync(path).mode)).concat(own.flatMap(below))
}

function told(path: string, mode: number): readonly string[] {
  return (mode & 0o077) === 0 ? [] : [`${path} ${(mode & 0o7777).toString(8)}`]
}

import { statSync } from 'node:fs'

/** A text that changes when one of the files or directories is written, made or removed. */
export function stampsOf(paths: readonly string[]): string {
  const stamps = paths.map((path) => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stat === undefined ? path : `${path} ${stat.ino} ${stat.size} ${stat.mtimeNs}`
  })
  return stamps.join('\n')
}

/**
 * The same, and it changes too with what only a look at every fact of the file tells: rights, and a time of change set back.
 * Throws where the way to a file is barred.
 */
export function exactStampsOf(paths: readonly string[]): string {
  const stamps = paths.map((path) => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    if (stat === undefined) return path
    return [path, stat.dev, stat.ino, stat.mode, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ')
  })
  return stamps.join('\n')
}

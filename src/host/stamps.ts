import { statSync } from 'node:fs'

/** A text that changes when one of the files or directories is written, made or removed. */
export function stampsOf(paths: readonly string[]): string {
  const stamps = paths.map((path) => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stat === undefined ? path : `${path} ${stat.ino} ${stat.size} ${stat.mtimeNs}`
  })
  return stamps.join('\n')
}

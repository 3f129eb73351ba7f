import { statSync } from 'node:fs'

/**
 * A text that changes when one of the files or directories is written, made or removed. Where the way to one is barred, as by
 * a loop of links, the reason stands for it: what cannot be read is told by whoever reads it.
 */
export function stampsOf(paths: readonly string[]): string {
  const stamps = paths.map((path) =>
    orReason(path, () => {
      const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
      return stat === undefined ? absentStampsOf([path]) : `${path} ${stat.ino} ${stat.size} ${stat.mtimeNs}`
    }),
  )
  return stamps.join('\n')
}

/** What `stampsOf` answers when none of them is there. */
export function absentStampsOf(paths: readonly string[]): string {
  return paths.join('\n')
}

/** As `stampsOf`, and it changes too with the rights of a file: that is how one is fixed that could not be read. */
export function stampsWithRightsOf(paths: readonly string[]): string {
  return paths.map((path) => orReason(path, () => exactStampsOf([path]))).join('\n')
}

function orReason(path: string, stamp: () => string): string {
  try {
    return stamp()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return `${path} ${error.code}`
  }
}

/**
 * As `stampsOf`, and it changes too with what only a look at every fact of the file tells: rights, and a time of change set back.
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

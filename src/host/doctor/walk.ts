import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../disk/errno.ts'

/** More is not looked at: a look must not take minutes. */
const MOST_ENTRIES = 100_000

export interface Entry {
  readonly path: string
  readonly stat: Stats
}

/** What is below a directory, nothing followed out of it, what is nearest first. What vanishes or is closed meanwhile is left out. */
export function* entriesBelow(directory: string, most = MOST_ENTRIES): Generator<Entry> {
  const ahead = [directory]
  let seen = 0
  for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
    for (const name of orNothing(() => readdirSync(next), [])) {
      const path = join(next, name)
      const stat = orNothing(() => lstatSync(path), undefined)
      if (stat === undefined) continue
      seen += 1
      if (seen > most) return
      yield { path, stat }
      if (stat.isDirectory()) ahead.push(path)
    }
  }
}

/** On the disk, of files that may have holes too. */
export function bytesBelow(directory: string): number {
  let bytes = 0
  for (const { stat } of entriesBelow(directory)) bytes += stat.blocks * 512
  return bytes
}

export function orNothing<T>(look: () => T, nothing: T): T {
  try {
    return look()
  } catch (error) {
    if (isSystemError(error)) return nothing
    throw error
  }
}

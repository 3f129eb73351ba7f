import { lstat, readdir, rmdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../disk/errno.ts'
import type { Paths } from './paths.ts'

/** In one pass; the next one goes on. */
const MOST_ENTRIES = 50_000

/**
 * Deletes the files that plugins left in their directories for temporary files, `tmp/NAME`, and that nobody has read or written for
 * so long, and the directories that are empty then. Nothing is followed.
 */
export async function removeOldTemporary(
  { tmp }: Paths,
  plugins: readonly string[],
  maxAgeMs: number,
  now: number,
): Promise<number> {
  const pass = { left: MOST_ENTRIES, removed: 0, before: now - maxAgeMs }
  for (const name of plugins) await sweep(join(tmp, name), pass)
  return pass.removed
}

interface Pass {
  left: number
  removed: number
  readonly before: number
}

async function sweep(directory: string, pass: Pass): Promise<void> {
  for (const name of await quietly(() => readdir(directory), [])) {
    pass.left -= 1
    if (pass.left < 0) return
    const path = join(directory, name)
    const stat = await quietly(() => lstat(path), undefined)
    if (stat === undefined) continue
    const isOld = Math.max(stat.mtimeMs, stat.ctimeMs, stat.isDirectory() ? 0 : stat.atimeMs) < pass.before
    if (stat.isDirectory()) {
      await sweep(path, pass)
      if (isOld) await quietly(() => rmdir(path), undefined)
    } else if (isOld && !stat.isSocket()) {
      const isGone = await quietly(() => unlink(path).then(() => true), false)
      if (isGone) pass.removed += 1
    }
  }
}

/** What goes meanwhile, is not empty, or is not ours, stays. */
async function quietly<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isSystemError(error)) return otherwise
    throw error
  }
}

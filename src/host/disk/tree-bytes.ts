import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from './errno.ts'

const BLOCK = 512

/** Bytes that everything below these directories takes on the disk; what cannot be read counts as nothing, and nothing is followed. */
export async function treeBytes(directories: readonly string[]): Promise<number> {
  const left = [...directories]
  // A file with several names takes its room once.
  const linked = new Set<string>()
  let bytes = 0
  for (let directory = left.pop(); directory !== undefined; directory = left.pop()) {
    try {
      for await (const entry of await opendir(directory)) {
        const path = join(directory, entry.name)
        const { blocks, nlink, dev, ino } = await lstat(path)
        if (entry.isDirectory()) left.push(path)
        const name = `${dev}:${ino}`
        if (!entry.isDirectory() && nlink > 1 && linked.has(name)) continue
        if (!entry.isDirectory() && nlink > 1) linked.add(name)
        bytes += blocks * BLOCK
      }
    } catch (error) {
      // It has gone meanwhile, or is closed to us.
      if (!isSystemError(error)) throw error
    }
  }
  return bytes
}

import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { writerOf } from '../disk/atomic.ts'
import { isSystemError } from '../disk/errno.ts'
import { processId } from '../process/proc.ts'
import type { Paths } from './paths.ts'

/** As deep as mfserv itself writes: the records of releases are in var/plugins/.releases/PLUGIN. */
const DEEPEST = 4

/**
 * Removes what a power cut or a kill left of files that were to be renamed into place. A writer that lives keeps its own. This
 * process may be writing none: what carries its number is from before the boot.
 */
export function removeAllUnrenamed({ runtimeHome, config, data, nginxTemp }: Paths): void {
  const booted = Date.now() - uptime() * 1000
  const isLeft = (path: string, writer: number): boolean =>
    writer === process.pid ||
    processId(writer) === undefined ||
    (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? booted) < booted
  const look = (directory: string, depth: number): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name)
      const writer = writerOf(entry.name)
      if (writer !== undefined && isLeft(path, writer)) rmSync(path, { recursive: true, force: true })
      else if (entry.isDirectory() && depth < DEEPEST && path !== data && path !== nginxTemp) look(path, depth + 1)
    }
  }
  try {
    look(join(runtimeHome, 'var'), 1)
    look(config, DEEPEST - 1)
  } catch (error) {
    // Nothing depends on it: the next start looks again.
    if (!isSystemError(error)) throw error
  }
}

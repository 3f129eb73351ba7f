import { existsSync, readFileSync } from 'node:fs'
import type { Problem } from '../../problem.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { unwritable } from '../disk/disk-problem.ts'
import { MFSERV_HOME, type Paths } from './paths.ts'

/**
 * Remembers in the runtime home where mfserv is, so that `make` works in a plugin without the environment loaded. A problem
 * with that is returned: it does not spoil what else was done.
 */
export function recordMfservHome(paths: Paths): Problem | undefined {
  const line = `${MFSERV_HOME}\n`
  try {
    if (!existsSync(paths.mfservHome) || readFileSync(paths.mfservHome, 'utf8') !== line) {
      writeAtomically(paths.mfservHome, line, 'volatile')
    }
    return undefined
  } catch (error) {
    return unwritable(error, paths.mfservHome)
  }
}

import type { Problem } from '../../problem.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { unwritable } from '../disk/disk-problem.ts'
import { textOf } from '../disk/text-of.ts'
import { MFSERV_HOME, type Paths } from './paths.ts'

/**
 * Remembers in the runtime home where mfserv is, so that `make` works in a plugin without the environment loaded. A problem
 * with that is returned: it does not spoil what else was done.
 */
export function recordMfservHome(paths: Paths): Problem | undefined {
  const line = `${MFSERV_HOME}\n`
  try {
    if (textOf(paths.mfservHome) !== line) writeAtomically(paths.mfservHome, line, 'volatile')
    return undefined
  } catch (error) {
    return unwritable(error, paths.mfservHome)
  }
}

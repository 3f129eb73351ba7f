import { commentedConfig, setsNothing } from '../../config/edit/commented.ts'
import { createAtomically, writeAtomically } from '../disk/atomic.ts'
import { isSystemError } from '../disk/errno.ts'
import { readText } from '../disk/read-text.ts'
import type { Paths } from '../home/paths.ts'
import { userConfig } from './read-config.ts'

/**
 * Leaves a config.ini in which every key stands as a comment where there is none, and writes one anew that another version made
 * and nobody has touched. It only helps people: what the disk does not take is left out.
 */
export function generateConfig(paths: Paths): void {
  const file = userConfig(paths)
  const text = commentedConfig()
  try {
    const present = readText(file, [])
    if (present === undefined) createAtomically(file, text, 0o600)
    else if (present !== text && setsNothing(present)) writeAtomically(file, text)
  } catch (error) {
    if (!isSystemError(error)) throw error
  }
}

import { accessSync, constants } from 'node:fs'
import { isSystemError } from './errno.ts'

/** Whether this user may run a file; not when there is none, or no way to it. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch (error) {
    if (isSystemError(error)) return false
    throw error
  }
}

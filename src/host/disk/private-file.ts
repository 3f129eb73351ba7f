import { readFileSync, statSync } from 'node:fs'
import { writeAtomically } from './atomic.ts'

const PRIVATE = 0o600

/** Leaves `text` in a file that only our user can read. Nothing is written where it is so already. */
export function keepPrivately(path: string, text: string): void {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat !== undefined && (stat.mode & 0o777) === PRIVATE && readFileSync(path, 'utf8') === text) return
  writeAtomically(path, text, 'durable', PRIVATE)
}

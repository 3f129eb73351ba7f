import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Of one file or directory. */
export function syncPath(path: string): void {
  const opened = openSync(path, 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

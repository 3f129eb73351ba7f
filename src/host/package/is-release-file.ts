import { statSync } from 'node:fs'

/** Whether a person who wrote this means a release file, and not the name or the directory of a plugin. */
export function isReleaseFile(written: string): boolean {
  const is = kindOf(written)
  return is === 'absent' ? written.endsWith('.plugin') : is !== 'no file'
}

/** What cannot be looked at is taken for a file: to read it then says why. */
function kindOf(path: string): 'file or unreadable' | 'no file' | 'absent' {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return 'absent'
    return stat.isFile() ? 'file or unreadable' : 'no file'
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return 'file or unreadable'
    throw error
  }
}

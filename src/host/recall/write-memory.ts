import { writeAtomically } from '../disk/atomic.ts'
import { isErrno } from '../disk/errno.ts'

/** Only a help for the next command: where it cannot be written, that one reads the plugins again. */
export function writeMemory(file: string, memory: unknown, mode?: number): void {
  try {
    writeAtomically(file, JSON.stringify(memory), 'volatile', mode)
  } catch (error) {
    const isRefused = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'ENAMETOOLONG'].some((code) =>
      isErrno(error, code),
    )
    if (!isRefused) throw error
  }
}

import { Problem } from '../problem.ts'

/** What a disk says that is full or may not be written. */
const OF_THE_DISK: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO'])

/** An error of the disk as a problem that can be mended; any other one as it is. */
export function asDiskProblem(error: unknown, directory: string): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error && OF_THE_DISK.has(error.code))) return error
  const mend = 'Make room on the disk, or give the user of mfserv the right to write there, and run the command again.'
  const file = 'path' in error && typeof error.path === 'string' ? error.path : directory
  return new Problem('DISK', `the disk takes nothing more: ${error.message}`, mend, { file }, error)
}

import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Problem } from '../../problem.ts'
import { shellArgument } from '../../shell-quote.ts'
import { isErrno } from './errno.ts'

/** An error that the system answered to a call of ours, as Node tells it. */
interface SystemError extends Error {
  readonly code: string
  readonly syscall: string
}

/** What a disk says that is full or may not be written. */
const OF_THE_DISK: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO'])

/** An error of the disk as a problem that can be fixed; any other one as it is. */
export function asDiskProblem(error: unknown, directory: string): unknown {
  if (!isSystemError(error) || !OF_THE_DISK.has(error.code)) return error
  return systemProblem(error, directory) ?? error
}

/** What a place that could not be written is told as. Throws what the system did not say: a fault of ours. */
export function unwritable(error: unknown, file: string): Problem {
  const fix = `Make ${dirname(file)} writable for this user, and make room on its disk.`
  const problem = writeProblem(error, { what: `${file} could not be written`, fix, file })
  if (problem instanceof Problem) return problem
  throw error
}

/** What could not be written, and how to help; any error that is not the system's is a fault of ours, and stays as it is. */
export function writeProblem(error: unknown, { what, fix, file }: Told): unknown {
  return isSystemError(error) ? new Problem('DISK', `${what}: ${error.message}`, fix, { file }, error) : error
}

interface Told {
  readonly what: string
  readonly fix: string
  readonly file: string
}

/**
 * What the system refused because of a path, of rights or of room, as a problem with that path and its fix; undefined for
 * everything else, which is a fault of ours. `place`: for a call that named no path.
 */
export function systemProblem(error: unknown, place?: string): Problem | undefined {
  if (!isSystemError(error)) return undefined
  const file = pathOf(error) ?? place
  const because = becauseOf(error, file)
  if (because === undefined) return undefined
  const where = file === undefined ? undefined : { file }
  return new Problem('DISK', `${because.what}: ${error.message}`, because.fix, where, error)
}

function becauseOf({ code, syscall }: SystemError, file: string | undefined) {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return { what: `the user ${nameOf(ownUid())} has no right to it`, fix: rightsFix(file) }
    case 'ENOSPC':
      return { what: 'the disk is full', fix: 'Make room on the disk (df -h), and run the command again.' }
    case 'EDQUOT':
      return { what: 'the quota of this user is used up', fix: 'Make room within the quota (quota), and run the command again.' }
    case 'EROFS':
      return { what: 'the file system is read-only', fix: 'Mount it for writing, or choose a place on another one.' }
    case 'EIO':
      return { what: 'the disk failed', fix: 'Look at what the kernel says of it: dmesg.' }
    case 'ENOTDIR':
      return { what: 'a part of the path is no directory', fix: 'Give a path that leads through directories only.' }
    case 'EEXIST':
      // Anything else that is there already is something that we should have looked for.
      if (syscall !== 'mkdir') return undefined
      return { what: 'a file is there, where a directory is needed', fix: 'Remove the file, or give it another name.' }
    case 'EISDIR':
      return { what: 'it is a directory, where a file is needed', fix: 'Give the path of a file.' }
    case 'ELOOP':
      return {
        what: 'its symbolic links lead in a circle',
        fix: `Fix the links: namei ${file === undefined ? 'PATH' : shellArgument(file)} shows them.`,
      }
    case 'ENAMETOOLONG':
      return { what: 'the path, or a name in it, is too long', fix: 'Shorten it.' }
    case 'EMFILE':
    case 'ENFILE':
      return { what: 'too many files are open', fix: 'Allow more of them (ulimit -n), and run the command again.' }
    case 'ENOENT':
      // Any other file that is not there is one that we should have looked for.
      if (syscall !== 'uv_cwd') return undefined
      return { what: 'the directory that this shell is in does not exist any more', fix: 'Go into another one: cd' }
    default:
      return undefined
  }
}

function rightsFix(file: string | undefined): string {
  const owned = file === undefined ? undefined : ownerOf(resolve(file))
  if (owned === undefined) return 'Give the user of mfserv the right to it, or do it as a user who has it.'
  const self = ownUid()
  return owned.uid === self
    ? `Look at the rights of ${owned.path} (ls -ld, lsattr -d) and of the directories above it, and give yourself the right.`
    : `${owned.path} belongs to the user ${nameOf(owned.uid)}: do it as that user, or give the user ${nameOf(self)} the right.`
}

/** Of the path, or of the nearest directory above it that can be looked at. */
function ownerOf(path: string): { readonly path: string; readonly uid: number } | undefined {
  try {
    return { path, uid: statSync(path).uid }
  } catch {
    // Not there, or hidden from this user: the directory above may tell more.
    return dirname(path) === path ? undefined : ownerOf(dirname(path))
  }
}

/** A user without a line in /etc/passwd, as in containers, is one too. */
function ownUid(): number {
  return process.geteuid?.() ?? 0
}

function nameOf(uid: number): string {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((one) => one.split(':')[2] === String(uid))
    return line?.split(':')[0] ?? String(uid)
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'EACCES')) return String(uid)
    throw error
  }
}

/** Of a socket it is called an address. */
function pathOf(error: SystemError): string | undefined {
  if ('path' in error && typeof error.path === 'string') return error.path
  return 'address' in error && typeof error.address === 'string' ? error.address : undefined
}

function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'syscall' in error &&
    typeof error.syscall === 'string'
  )
}

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WorkerCode } from '../../desired/environment.ts'
import { isErrno } from '../disk/errno.ts'
import { MFSERV_HOME } from '../home/paths.ts'

/** What a daemon and its workers run of an mfserv. The packages are those of the lock file. */
const DIRECTORIES = ['python', 'python2', 'share']
const FILES = ['package.json', 'package-lock.json']

/**
 * A short name of the code that an mfserv runs: another one after every change of it, and in another clone. The version does
 * not tell that: a `git pull` mostly leaves it as it is.
 */
export function runningCode(home = MFSERV_HOME): string {
  // A package has no sources, and its bundle is that of one commit.
  const code = existsSync(join(home, 'src')) ? 'src' : 'dist'
  const files = [...FILES, ...[code, ...DIRECTORIES].flatMap((directory) => filesBelow(home, directory)).sort()]
  return digestOf(home, files, `${home}\0${process.version}\0${process.arch}`)
}

/** The same of what mfserv brings into the workers of a language: after a change of it they are replaced. */
export function workerCode(home = MFSERV_HOME): WorkerCode {
  const below = (directory: string): string => digestOf(home, [...filesBelow(home, directory)].sort(), '')
  return { python3: below('python'), python2: below('python2'), node: below('share') }
}

function digestOf(home: string, files: readonly string[], begin: string): string {
  const hash = createHash('sha256').update(begin)
  for (const file of files) hash.update(`\0${file}\0`).update(contentOf(join(home, file)))
  return hash.digest('hex').slice(0, 24)
}

/** Without tests, and without what Python compiles beside its files. */
function filesBelow(home: string, directory: string): readonly string[] {
  return readdirSync(join(home, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !/\.test\.ts$|\.pyc$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1))
}

/** What vanishes while it is read is as if it had not been there: a checkout may be under way. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return Buffer.alloc(0)
    throw error
  }
}

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WorkerCode } from '../../desired/environment.ts'
import { isErrno } from '../disk/errno.ts'
import { readJson } from '../disk/read-json.ts'
import { MFSERV_HOME } from '../home/paths.ts'

/** What mfserv brings into the workers of each language. */
const OF_WORKERS = { python3: 'python', python2: 'python2', node: 'share' } as const
/** The packages are those of the lock file. */
const FILES = ['package.json', 'package-lock.json']

/**
 * A short name of the code that an mfserv runs: another one after every change of it, and in another clone. The version does
 * not tell that: a `git pull` mostly leaves it as it is. `workers`: what `workerCode` says of it, where that is known.
 */
export function runningCode(home = MFSERV_HOME, workers = workerCode(home)): string {
  // A package has no sources, and its bundle is that of one commit.
  const own = existsSync(join(home, 'src')) ? (asBundled(home) ?? sourceCode(home)) : digestBelow(home, 'dist')
  const { python3, python2, node } = workers
  return digestOf(home, FILES, [home, process.version, process.arch, own, python3, python2, node].join('\0'))
}

/** The same of what mfserv brings into the workers of a language: after a change of it they are replaced. */
export function workerCode(home = MFSERV_HOME): WorkerCode {
  const { python3, python2, node } = OF_WORKERS
  return { python3: digestBelow(home, python3), python2: digestBelow(home, python2), node: digestBelow(home, node) }
}

/** The same of all sources of mfserv. */
export function sourceCode(home = MFSERV_HOME): string {
  return digestBelow(home, 'src')
}

/** What `sourceCode` said when the bundle was made that this process runs: it runs that, whatever the sources are now. */
function asBundled(home: string): string | undefined {
  const { slot, code }: { slot?: unknown; code?: unknown } = readJson(join(home, 'dist/built.json')) ?? {}
  if (typeof slot !== 'string' || typeof code !== 'string') return undefined
  return import.meta.dirname === join(home, 'dist', slot) ? code : undefined
}

function digestBelow(home: string, directory: string): string {
  return digestOf(home, [...filesBelow(home, directory)].sort(), '')
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

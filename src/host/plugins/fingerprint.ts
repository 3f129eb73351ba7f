import { createHash } from 'node:crypto'
import { type BigIntStats, existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { withoutEndless } from '../../package/wildcards.ts'
import { isErrno } from '../disk/errno.ts'
import { textOf } from '../disk/text-of.ts'
import { builtVirtualenv } from '../environments/virtualenv.ts'

/** Which files of a plugin restart its workers when they change: the rules of its two control files, or the usual ones. */
export interface WatchRules {
  /** `path` is relative to the plugin. */
  readonly skips: (path: string, kind: 'file' | 'directory') => boolean
}

const INCLUDES = '.autorestart_includes'
const EXCLUDES = '.autorestart_excludes'
/** Names in gitignore syntax. The first list chooses files, the second prunes directories and files. */
const DEFAULT_INCLUDES = [
  '*.py',
  '*.ini',
  '*.js',
  '*.mjs',
  '*.cjs',
  '*.ts',
  '*.conf',
  '*.json',
  '/.autorestart_includes',
  '/.autorestart_excludes',
]
const DEFAULT_EXCLUDES = ['/local', '/python*_virtualenv_sources', '/node_sources', 'node_modules', '__pycache__']
/** Not even a control file brings these back: they change without the plugin's doing, or its model tells of them already. */
const NEVER = ['.git', '/config.ini', '/crontab', '*.pyc', '*.swp', '*~', '.#*', '/local']

export function watchRules(home: string): WatchRules {
  const includes = patterns(join(home, INCLUDES)) ?? ignore().add(DEFAULT_INCLUDES)
  const excludes = patterns(join(home, EXCLUDES)) ?? ignore().add(DEFAULT_EXCLUDES)
  const never = ignore().add(NEVER)
  return {
    skips: (path, kind) => {
      const name = kind === 'directory' ? `${path}/` : path
      return never.ignores(name) || excludes.ignores(name) || (kind === 'file' && !includes.ignores(name))
    },
  }
}

/** The text of the rules a plugin brings, and where else it has sources; another text is to be watched otherwise. */
export function controlFiles(home: string): string {
  return [...[INCLUDES, EXCLUDES].map((name) => textOf(join(home, name)) ?? ''), ...outsidePackages(home)].join('\n--\n')
}

/** The local packages of a plugin that lie beside it. Those in it are sources like all others. */
export function outsidePackages(home: string): readonly string[] {
  if (!existsSync(home)) return []
  const real = realpathSync(home)
  const outside = (builtVirtualenv(home)?.directories ?? []).filter((path) => path !== real && !path.startsWith(`${real}/`))
  return outside.filter((path) => !`${real}/`.startsWith(`${path}/`) && existsSync(path))
}

/**
 * A text that changes when a watched file of the plugin is written, added, removed, renamed or made executable, or its
 * environments are built anew. It is read from the disk each time, so a change made while no daemon ran is seen too.
 */
export function fingerprint(home: string, rules: WatchRules): string {
  const hash = createHash('sha256')
  const beside = outsidePackages(home).flatMap((directory) => [...filesBelow(directory, '', rules)])
  for (const line of [...filesBelow(home, '', rules), ...beside, ...environments(home)].sort()) hash.update(`${line}\n`)
  return hash.digest('hex')
}

function* filesBelow(home: string, directory: string, rules: WatchRules): Generator<string> {
  for (const entry of entriesOf(join(home, directory))) {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`
    if (entry.isDirectory()) {
      if (!rules.skips(path, 'directory')) yield* filesBelow(home, path, rules)
    } else if (!rules.skips(path, 'file')) {
      yield stamp(home, path)
    }
  }
}

/** What the builds of a plugin leave behind last. */
function* environments(home: string): Generator<string> {
  yield stamp(home, 'node_modules/.package-lock.json')
  for (const path of ['local/current', 'local/python2/current']) yield `${path} -> ${linkTarget(join(home, path))}`
}

function stamp(home: string, path: string): string {
  const stat = statOf(join(home, path))
  if (stat === undefined) return ''
  const executable = (stat.mode & 0o111n) === 0n ? '' : ' x'
  return `${path} ${stat.size} ${stat.mtimeNs}${executable}`
}

function statOf(file: string): BigIntStats | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    // Removed while we walked, or not ours to read: then nothing in it can be part of a worker.
    if (isErrno(error, 'ENOENT') || isErrno(error, 'EACCES') || isErrno(error, 'ENOTDIR')) return []
    throw error
  }
}

function linkTarget(path: string): string {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : ''
}

function patterns(file: string): Ignore | undefined {
  const text = textOf(file)
  return text === undefined ? undefined : ignore().add(withoutEndless(text))
}

import { lstatSync, readlinkSync, type Stats } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isErrno } from '../disk/errno.ts'

export interface NotOurs {
  readonly why: string
  readonly fix: string
}

/** Of symbolic links on the way to one place; the system allows as many. */
const MOST_LINKS = 40
const EVERYBODY_WRITES = 0o002
const STICKY = 0o1000

/**
 * Why a command must not work in a directory: what lies in the home of another user may lead anywhere and be any code. The
 * same holds where another user can put a directory of his own in its place. A directory that is not there yet is judged by
 * what is above it.
 */
export function whyNotOurs(home: string, user = process.geteuid?.() ?? 0): NotOurs | undefined {
  const steps = stepsTo(home)
  const own = steps.at(-1)
  for (const { path, stat, is } of steps) {
    const isHome = is === 'home'
    if (isHome ? stat.uid !== user : !isTrustedOwner(stat.uid, user)) return ofAnother(path, stat, isHome)
    if (stat.isSymbolicLink() || (stat.mode & EVERYBODY_WRITES) === 0) continue
    if (isHome || (stat.mode & STICKY) === 0) return ofEverybody(path, path === own?.path)
  }
  return undefined
}

/** We, and who owns the system: in a user namespace that is another number than 0. */
export function isTrustedOwner(owner: number, user = process.geteuid?.() ?? 0): boolean {
  return owner === 0 || owner === user || owner === lstatSync('/').uid
}

function ofAnother(path: string, { uid }: Stats, isHome: boolean): NotOurs {
  const harm = isHome ? "and a command would run that user's code as you" : 'who could put any other directory in its place'
  const why = isHome ? `it belongs to another user, ${harm}` : `${path} belongs to another user, ${harm}`
  const own = 'set MFMODULE_RUNTIME_HOME to a directory of your own'
  return { why, fix: `Run the command as the owner: sudo -u '#${uid}' ... Or ${own}.` }
}

function ofEverybody(path: string, isLast: boolean): NotOurs {
  const check = isLast ? ', and look at what others have put there' : ''
  return { why: `every user can write to ${path}`, fix: `Take that right away: chmod o-w ${path}${check}.` }
}

interface Step {
  readonly path: string
  readonly stat: Stats
  readonly is: 'home' | 'on the way'
}

/** Each directory and each symbolic link that is looked at on the way to a path, as far as they are there. */
function stepsTo(home: string): readonly Step[] {
  const steps: Step[] = []
  let links = 0
  let [at, rest] = ['/', partsOf(home)]
  while (rest.length > 0) {
    const [name = '', ...more] = rest
    const path = resolve(at, name)
    const stat = lookAt(path)
    if (stat === undefined) return steps
    const isLink = stat.isSymbolicLink()
    steps.push({ path, stat, is: more.length === 0 && !isLink ? 'home' : 'on the way' })
    links += isLink ? 1 : 0
    if (links > MOST_LINKS) return steps
    ;[at, rest] = isLink ? ['/', [...partsOf(resolve(dirname(path), readlinkSync(path))), ...more]] : [path, more]
  }
  return steps
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '')
}

/** Undefined where nothing is, or where we may not look. */
function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].some((code) => isErrno(error, code))) return undefined
    throw error
  }
}

import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../problem.ts'
import type { Paths } from './paths.ts'

const OTHERS = 0o077
const FOR_US_ALONE = 0o700
/** What a runtime home has in it before its first start. */
const KNOWN = new Set(['config', 'log', 'opt', 'tmp', 'var'])

/**
 * Makes the runtime home, for its owner alone. One that others may look into was made by an older version or by a person: it
 * is closed, and so is everything in it, once. Nothing is followed out of it. Throws ENVIRONMENT for a directory that is no
 * runtime home yet and holds other things, which may be meant for others.
 */
export function closeHome(paths: Paths): void {
  const { runtimeHome: home } = paths
  mkdirSync(home, { recursive: true, mode: FOR_US_ALONE })
  if ((lstatSync(join(home, '.')).mode & OTHERS) === 0) return
  const strange = existsSync(paths.uuid) ? [] : readdirSync(home).filter((name) => !KNOWN.has(name) && !name.startsWith('.'))
  if (strange.length > 0) throw notOnlyOurs(home, strange)
  chmodSync(home, FOR_US_ALONE)
  closeBelow(home)
}

/** Takes away what others may do with everything below a directory. */
export function closeBelow(directory: string, user = process.geteuid?.()): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined || stat.isSymbolicLink()) continue
    if ((stat.mode & OTHERS) !== 0 && stat.uid === user) chmodSync(path, stat.mode & 0o7777 & ~OTHERS)
    if (stat.isDirectory()) closeBelow(path, user)
  }
}

function notOnlyOurs(home: string, strange: readonly string[]): Problem {
  const some = strange.slice(0, 3).join(', ')
  const message = `the runtime home ${home} would be closed to all other users, and it holds what is not of mfserv: ${some}`
  const fix = `Set MFMODULE_RUNTIME_HOME to a directory for mfserv alone. If this one is meant: chmod 700 ${home}`
  return new Problem('ENVIRONMENT', message, fix, { file: home })
}

import { existsSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Problem } from '../../problem.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { type Lock, tryLock } from '../disk/lock.ts'
import { namesIn } from '../disk/names-in.ts'
import { readJson } from '../disk/read-json.ts'
import { syncPath } from '../disk/sync.ts'
import type { Paths } from '../home/paths.ts'

/*
 * How a runtime home becomes another one, in its directory, which may be the mount point of a disk:
 *
 *   .restore/new/…         what is to be, whole before anything else is touched
 *   .restore/commit.json   from its rename on the restoration counts: whoever finds it goes on with it
 *   .restore/old/…         what was there, until all is in place
 *
 * Killed before the commit: the home is as it was, and what lies in .restore is removed by the next one. Killed after it: the next
 * start, or the next restoration, completes it before it reads anything of the home.
 */

/** Paths in the runtime home, relative to it. */
interface Commit {
  /** Come from `new`, in the place of what is there. */
  readonly put: readonly string[]
  /** Go, and nothing comes. */
  readonly cleared: readonly string[]
}

export function restorePlaces({ runtimeHome }: Pick<Paths, 'runtimeHome'>) {
  const at = (name: string): string => join(runtimeHome, '.restore', name)
  return { all: join(runtimeHome, '.restore'), incoming: at('new'), old: at('old'), commit: at('commit.json') } as const
}

/** Removes what a restoration that was killed before its commit left, and makes room for one. Needs the lock of the home. */
export function beginRestore(paths: Paths): string {
  const { all, incoming } = restorePlaces(paths)
  rmSync(all, { recursive: true, force: true })
  mkdirSync(incoming, { recursive: true, mode: 0o700 })
  return incoming
}

/** Decides, and does it. What `new` holds is on the disk already. Needs the lock of the home. */
export function commitRestore(paths: Paths, commit: Commit): void {
  const places = restorePlaces(paths)
  writeAtomically(places.commit, JSON.stringify(commit))
  syncPath(places.all)
  completeRestore(paths)
}

/**
 * Completes a restoration that was decided and killed. Whoever is about to read the home as a whole calls it first. Throws BUSY while
 * one is under way.
 */
export function finishRestore(paths: Paths): void {
  if (!existsSync(restorePlaces(paths).all)) return
  const lock = lockOfHome(paths)
  if (lock === undefined) {
    if (!existsSync(restorePlaces(paths).commit)) return
    throw new Problem('BUSY', 'the runtime home is being restored', 'Wait until mfserv restore has ended.')
  }
  try {
    completeRestore(paths)
  } finally {
    lock.release()
  }
}

/** The lock that a daemon has. */
export function lockOfHome({ lock }: Paths): Lock | undefined {
  return tryLock(lock)
}

/** Needs the lock of the home. Each step is one rename that is done or not, so it may be begun again after every one of them. */
export function completeRestore(paths: Paths): void {
  const { all, incoming, old, commit } = restorePlaces(paths)
  const decided = readJson(commit)
  if (isCommit(decided)) {
    for (const part of decided.put) {
      const [to, from] = [join(paths.runtimeHome, part), join(incoming, part)]
      if (!isThere(from)) continue
      if (isThere(to)) putAside(to, join(old, part))
      mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
      renameSync(from, to)
    }
    for (const part of decided.cleared) {
      const gone = join(paths.runtimeHome, part)
      if (isThere(gone) && !isThere(join(old, part))) putAside(gone, join(old, part))
    }
    for (const directory of ['config', 'var', '.']) {
      const path = join(paths.runtimeHome, directory)
      if (existsSync(path)) syncPath(path)
    }
    rmSync(commit)
    syncPath(all)
  }
  rmSync(all, { recursive: true, force: true })
}

function putAside(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
  const taken = namesIn(dirname(to)).length
  renameSync(from, isThere(to) ? `${to}.${taken}` : to)
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function isCommit(value: unknown): value is Commit {
  return (
    typeof value === 'object' &&
    value !== null &&
    'put' in value &&
    Array.isArray(value.put) &&
    'cleared' in value &&
    Array.isArray(value.cleared)
  )
}

import { statSync } from 'node:fs'
import { asDiskProblem } from '../../host/disk/disk-problem.ts'
import type { Paths } from '../../host/home/paths.ts'
import { listSite, unreadable } from '../../host/home/site-listing.ts'
import type { PackageFacts } from '../../host/package/facts.ts'
import { readPackageFacts } from '../../host/package/read-package.ts'
import { markPostponed } from '../../host/plugins/plugin-marks.ts'
import { readHistory } from '../../host/receipts/history.ts'
import { locate } from '../../host/releases/plugins-directory.ts'
import { currentRelease } from '../../host/releases/releases.ts'
import { Problem, Problems } from '../../problem.ts'
import type { Millis } from '../../time.ts'
import { hotswap } from '../release/hotswap.ts'
import { installPlugin } from '../release/install.ts'
import type { Surroundings } from '../release/place-of-change.ts'
import type { Caution } from '../release/replace.ts'
import { type Rival, winnerOf } from './winner.ts'

export type Provisioned = { readonly file: string } & (
  | { readonly is: 'installed' | 'replaced' | 'in force already' | 'left to its developer'; readonly name: string }
  | { readonly is: 'taken back'; readonly name: string; readonly because: string }
  | ({ readonly is: 'left out'; readonly name: string } & Refusal)
  /** Another file brings the same plugin and counts. */
  | { readonly is: 'superseded'; readonly name: string; readonly by: string }
  | { readonly is: 'failed'; readonly problems: readonly Problem[] }
)

/** What came of the release of a file when it was tried last. */
export interface Refusal {
  readonly outcome: 'went-back' | 'failed'
  readonly because: string
  readonly at: Millis
}

/**
 * Makes the installed plugins what the files of the site directory say: what is missing is installed, what is another file is
 * replaced as by a hot swap, and a development link is left alone. A release that did not stay when it was tried last is not
 * tried again. One that fails keeps none of the others from it; a fault of ours is thrown when all have had their turn.
 */
export async function provision(caution: Caution, at: Surroundings): Promise<readonly Provisioned[]> {
  const listing = listSite(at.env)
  const read = await Promise.all(listing.files.map(readOne))
  const done: Provisioned[] = listing.unreadable.map(({ file, problem }) => ({ file, is: 'failed', problems: [problem] }))
  const faults: unknown[] = []
  for (const one of read) {
    try {
      done.push('problems' in one ? one : await provisionOne(one, winnerFor(one, read), caution, at))
    } catch (error) {
      faults.push(error)
    }
  }
  if (faults.length > 0) throw faults.length === 1 ? faults[0] : new AggregateError(faults, 'faults of several files')
  return done
}

interface Found extends Rival {
  readonly facts: PackageFacts
}

type Unreadable = Extract<Provisioned, { is: 'failed' }>

const FIX_FILE = 'Put a .plugin file there that the user of mfserv may read, or remove it.'

async function readOne(file: string): Promise<Found | Unreadable> {
  try {
    const stat = statSync(file)
    if (!stat.isFile()) return { file, is: 'failed', problems: [new Problem('DISK', 'it is not a file', FIX_FILE, { file })] }
    const facts = await readPackageFacts(file)
    return { file, facts, version: facts.version, release: facts.release, modified: stat.mtimeMs }
  } catch (error) {
    // It reads nothing but this file, so whatever the system says is said of it.
    return { file, is: 'failed', problems: problemsOf(error) ?? [unreadable(file, error, FIX_FILE)] }
  }
}

function winnerFor(one: Found, all: readonly (Found | Unreadable)[]): Found {
  const others = all.filter((other) => 'facts' in other).filter(({ facts }) => facts.name === one.facts.name)
  return winnerOf([one, ...others])
}

async function provisionOne({ file, facts }: Found, winner: Found, caution: Caution, at: Surroundings): Promise<Provisioned> {
  const { name } = facts
  if (winner.file !== file) return { file, is: 'superseded', name, by: winner.file }
  const { plugins } = at.paths
  const { mode, home } = locate(plugins, name)
  if (home !== undefined && mode === 'dev_link') return { file, is: 'left to its developer', name }
  if (currentRelease(plugins, name) === facts.id) return { file, is: 'in force already', name }
  try {
    if (home === undefined) {
      await installPlugin(file, undefined, at)
      return { file, is: 'installed', name }
    }
    const refusal = lastRefusal(name, facts.id, at.paths)
    if (refusal !== undefined) return { file, is: 'left out', name, ...refusal }
    const { replaced } = await hotswap(file, undefined, caution, at)
    if (replaced.is === 'went-back') return { file, is: 'taken back', name, because: replaced.because }
    return { file, is: 'replaced', name }
  } catch (error) {
    // Another command has done the same meanwhile.
    if (currentRelease(plugins, name) === facts.id) return { file, is: 'in force already', name }
    const problems = problemsOf(error) ?? [ofFile(file, error)]
    const isBusy = problems.some(({ code }) => code === 'BUSY')
    return { file, is: 'failed', problems: isBusy ? [...problems, ...postpone(name, at.paths)] : problems }
  }
}

/** The id of a release has the beginning of the SHA-256 of its file: another file is another release. */
function lastRefusal(name: string, id: string, paths: Paths): Refusal | undefined {
  const last = readHistory(name, paths).findLast(({ to }) => to === id)
  if (last === undefined) return undefined
  const { at, outcome } = last
  return outcome.is === 'went-back' || outcome.is === 'failed' ? { outcome: outcome.is, because: outcome.because, at } : undefined
}

/** The daemon sees to it when the other command has ended. Without room for the note it does when a file changes. */
function postpone(name: string, paths: Paths): readonly Problem[] {
  try {
    markPostponed(name, paths)
    return []
  } catch (error) {
    const problem = asDiskProblem(error, paths.postponed)
    if (problem instanceof Problem) return [problem]
    throw problem
  }
}

/** A file that was changed since it was read. Whatever else goes wrong is a fault of ours, and not for the administrator to fix. */
function ofFile(file: string, error: unknown): Problem {
  if (error instanceof Error && 'path' in error && error.path === file) return unreadable(file, error, FIX_FILE)
  throw error
}

function problemsOf(error: unknown): readonly Problem[] | undefined {
  if (error instanceof Problems) return error.all
  return error instanceof Problem ? [error] : undefined
}

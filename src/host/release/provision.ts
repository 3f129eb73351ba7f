import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Problem, Problems } from '../../problem.ts'
import { namesIn } from '../names-in.ts'
import type { PackageFacts } from '../package/facts.ts'
import { readPackageFacts } from '../package/read-package.ts'
import { locate } from '../plugins-directory.ts'
import { siteDirectory } from '../site.ts'
import { hotswap } from './hotswap.ts'
import { installPlugin } from './install.ts'
import { currentRelease } from './releases.ts'
import type { Caution } from './replace.ts'
import type { Surroundings } from './surroundings.ts'

/** The directories in which an administrator puts .plugin files, in the names of both generations. */
const DIRECTORIES = ['external_plugins', 'plugins'] as const

export type Provisioned = { readonly file: string } & (
  | { readonly is: 'installed' | 'replaced' | 'in force already' | 'left to its developer'; readonly name: string }
  | { readonly is: 'taken back'; readonly name: string; readonly because: string }
  /** Another file brings the same plugin and is newer. */
  | { readonly is: 'superseded'; readonly name: string; readonly by: string }
  | { readonly is: 'failed'; readonly problems: readonly Problem[] }
)

/** The .plugin files of the site directory, in the order of their names. */
export function provisionedFiles(env: NodeJS.ProcessEnv): readonly string[] {
  return DIRECTORIES.map((name) => join(siteDirectory(env), name)).flatMap((directory) =>
    namesIn(directory)
      .filter((name) => name.endsWith('.plugin'))
      .sort()
      .map((name) => join(directory, name)),
  )
}

/**
 * Makes the installed plugins what the files of the site directory say: what is missing is installed, what is another file is
 * replaced as by a hot swap, and a development link is left alone. One that fails keeps none of the others from it.
 */
export async function provision(caution: Caution, at: Surroundings): Promise<readonly Provisioned[]> {
  const read = await Promise.all(provisionedFiles(at.env).map(readOne))
  const done: Provisioned[] = []
  for (const one of read) done.push('problems' in one ? one : await provisionOne(one, newerOf(one, read), caution, at))
  return done
}

interface Found {
  readonly file: string
  readonly facts: PackageFacts
  readonly modified: number
}

type Unreadable = Extract<Provisioned, { is: 'failed' }>

async function readOne(file: string): Promise<Found | Unreadable> {
  try {
    return { file, facts: await readPackageFacts(file), modified: statSync(file).mtimeMs }
  } catch (error) {
    return { file, is: 'failed', problems: problemsOf(error) }
  }
}

function newerOf({ file, facts, modified }: Found, all: readonly (Found | Unreadable)[]): string | undefined {
  const rivals = all.filter((one) => 'facts' in one).filter((one) => one.facts.name === facts.name)
  const newest = rivals.reduce((best, one) => (one.modified > best.modified ? one : best), { file, modified })
  return newest.file === file ? undefined : newest.file
}

async function provisionOne(
  { file, facts }: Found,
  newer: string | undefined,
  caution: Caution,
  at: Surroundings,
): Promise<Provisioned> {
  const { name } = facts
  if (newer !== undefined) return { file, is: 'superseded', name, by: newer }
  const { plugins } = at.paths
  const { mode, home } = locate(plugins, name)
  if (home !== undefined && mode === 'dev_link') return { file, is: 'left to its developer', name }
  if (currentRelease(plugins, name) === facts.id) return { file, is: 'in force already', name }
  try {
    if (home === undefined) {
      await installPlugin(file, undefined, at)
      return { file, is: 'installed', name }
    }
    const { replaced } = await hotswap(file, undefined, caution, at)
    if (replaced.is === 'went-back') return { file, is: 'taken back', name, because: replaced.because }
    return { file, is: 'replaced', name }
  } catch (error) {
    return { file, is: 'failed', problems: problemsOf(error) }
  }
}

/** A fault of ours is not for the administrator to mend. */
function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof Problems) return error.all
  if (error instanceof Problem) return [error]
  throw error
}

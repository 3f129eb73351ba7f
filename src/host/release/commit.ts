import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomically } from '../atomic.ts'
import type { Paths } from '../paths.ts'
import { RELEASES } from '../plugins-directory.ts'
import { isErrno } from '../proc.ts'
import { readJson } from '../read-json.ts'
import { currentRelease, PENDING, pointAt } from './releases.ts'

/** What comes into force with a release: the text of the user's overrides; null is none, absent leaves them as they are. */
export interface Commit {
  readonly name: string
  readonly release: string
  readonly overrides?: string | null
}

interface Pending {
  readonly release: string
  readonly overrides: string | null
}

/**
 * Brings a release into force in one step, with its overrides: the rename of the pointer decides. Whoever is killed before
 * it has changed nothing; after it the overrides count too, because they were written down before.
 */
export function commit(paths: Paths, { name, release, overrides }: Commit): void {
  const { plugins } = paths
  if (overrides !== undefined) {
    writeAtomically(pendingFile(plugins, name), JSON.stringify({ release, overrides } satisfies Pending))
  }
  pointAt(plugins, name, release)
  finishCommit(paths, name)
}

/** Completes what a killed command left: overrides that came into force and are not in their file yet. Needs the plugin lock. */
export function finishCommit(paths: Paths, name: string): void {
  const text = pendingOverrides(paths.plugins, name)
  const file = userOverrideFile(paths, name)
  if (text === null) rmSync(file, { force: true })
  else if (text !== undefined) writeAtomically(file, text)
  rmSync(pendingFile(paths.plugins, name), { force: true })
}

/** The user's overrides that are in force though their file does not say so yet; null: none are. */
export function pendingOverrides(plugins: string, name: string): string | null | undefined {
  const pending = readJson(pendingFile(plugins, name))
  return isPending(pending) && pending.release === currentRelease(plugins, name) ? pending.overrides : undefined
}

/** The text of the user's overrides of a plugin; null when there are none. */
export function presentOverrides(paths: Paths, name: string): string | null {
  try {
    return readFileSync(userOverrideFile(paths, name), 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null
    throw error
  }
}

export function userOverrideFile({ config }: Paths, name: string): string {
  return join(config, 'plugins', `${name}.ini`)
}

function pendingFile(plugins: string, name: string): string {
  return join(plugins, RELEASES, name, PENDING)
}

function isPending(value: unknown): value is Pending {
  return typeof value === 'object' && value !== null && 'release' in value && 'overrides' in value
}

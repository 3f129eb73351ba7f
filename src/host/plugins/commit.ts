import { existsSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { removeUnrenamed, writeAtomically } from '../disk/atomic.ts'
import { syncPath } from '../disk/sync.ts'
import { textOf } from '../disk/text-of.ts'
import type { Paths } from '../home/paths.ts'
import { type Pending, pendingFile, pendingOverrides } from '../releases/pending.ts'
import { pointAt } from '../releases/releases.ts'
import { userOverrideFile } from './override-files.ts'

/** What comes into force with a release: the text of the user's overrides; null is none, absent leaves them as they are. */
export interface Commit {
  readonly name: string
  readonly release: string
  readonly overrides?: string | null
}

/** Overrides may hold secrets: what we write of them anew is for the user of mfserv alone. */
const PRIVATE = 0o600

/**
 * Brings a release into force in one step, with its overrides: the rename of the pointer decides. Whoever is killed before
 * it has changed nothing; after it the overrides count too, because they were written down before.
 */
export function commit(paths: Paths, { name, release, overrides }: Commit): void {
  const { plugins } = paths
  if (overrides !== undefined) {
    const replaces = textToKeep(userOverrideFile(name, paths))
    const pending: Pending = { release, overrides, replaces }
    writeAtomically(pendingFile(plugins, name), JSON.stringify(pending), 'durable', PRIVATE)
    syncPath(dirname(pendingFile(plugins, name)))
  }
  pointAt(plugins, name, release)
  finishCommit(paths, name)
}

/** Completes what a killed command left: overrides that came into force and are not in their file yet. Needs the plugin lock. */
export function finishCommit(paths: Paths, name: string): void {
  const file = userOverrideFile(name, paths)
  const text = pendingOverrides(paths.plugins, name, textToKeep(file))
  if (text === null) rmSync(file, { force: true })
  else if (text !== undefined) writeAtomically(file, text, 'durable', modeOf(file))
  // In this order also after a power cut.
  if (text !== undefined && existsSync(dirname(file))) syncPath(dirname(file))
  rmSync(pendingFile(paths.plugins, name), { force: true })
  removeUnrenamed(file)
}

function textToKeep(file: string): string | null {
  return textOf(file) ?? null
}

function modeOf(file: string): number {
  return (statSync(file, { throwIfNoEntry: false })?.mode ?? PRIVATE) & 0o777
}

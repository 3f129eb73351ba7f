import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessId } from '../../worker/state.ts'
import { removeUnrenamed, writeAtomically } from '../disk/atomic.ts'
import { namesIn } from '../disk/names-in.ts'
import { readJson } from '../disk/read-json.ts'
import type { Paths } from '../home/paths.ts'
import { isAlive } from '../process/proc.ts'
import { currentRelease } from './releases.ts'

/** A release that a command wants to be tried, for as long as that command lives. */
export interface CandidateRecord {
  readonly plugin: string
  /** Of the release. */
  readonly release: string
  /** The command. When it has gone the candidate counts no more, however it ended. */
  readonly owner: ProcessId
  /** The share of the requests that it gets; 0 is none. */
  readonly canaryPercent: number
  /** The text of the user's overrides that comes into force together with it; absent: those that are in force now. */
  readonly overrides?: string | null
}

export function writeCandidate({ candidates }: Paths, record: CandidateRecord): void {
  writeAtomically(fileOf(candidates, record.plugin), JSON.stringify(record), 'volatile', 0o600)
}

export function removeCandidate({ candidates }: Paths, plugin: string): void {
  rmSync(fileOf(candidates, plugin), { force: true })
  removeUnrenamed(fileOf(candidates, plugin))
}

/** What is to be tried now, by plugin: not what a command left behind, and not what has been committed already. */
export function readCandidates({ candidates, plugins }: Paths): readonly CandidateRecord[] {
  const names = namesIn(candidates).filter((name) => name.endsWith('.json'))
  return names.flatMap((name) => {
    const record = readJson(join(candidates, name))
    if (!isRecord(record) || !isAlive(record.owner)) return []
    return currentRelease(plugins, record.plugin) === record.release ? [] : [record]
  })
}

function fileOf(candidates: string, plugin: string): string {
  return join(candidates, `${plugin}.json`)
}

function isRecord(value: unknown): value is CandidateRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['plugin', 'release', 'owner', 'canaryPercent'].every((key) => Object.hasOwn(value, key))
  )
}

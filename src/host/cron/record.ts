import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { CronMemory } from '../../cron/state.ts'
import type { Millis } from '../../time.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { directoryIdentity } from '../disk/directory-identity.ts'
import { namesIn } from '../disk/names-in.ts'
import { readJson } from '../disk/read-json.ts'
import { syncPath } from '../disk/sync.ts'

/** One cron job as a file of `var/cron/<plugin>/`. */
export interface CronRecord {
  readonly plugin: string
  readonly id: string
  /** Whether the line stood in the crontab when a daemon looked last. */
  readonly wanted: boolean
  readonly logFile: string
  readonly memory: CronMemory
}

/** The exit code that a run left behind, and when. */
export interface LeftExit {
  readonly code: number
  readonly at: Millis
}

type Named = Pick<CronRecord, 'plugin' | 'id'>

export function writeCronRecord(directory: string, record: CronRecord): void {
  // A due time of the last minute is run late after a boot: that its run has begun must survive a power cut. The rest must only
  // survive the daemon.
  const begins = record.memory.state.is === 'starting'
  const file = fileOf(directory, record, 'json')
  mkdirSync(dirname(file), { recursive: true })
  const written: WrittenRecord = { ...record, writtenIn: directoryIdentity(directory) }
  writeAtomically(file, JSON.stringify(written), begins ? 'durable' : 'volatile')
  if (begins) syncPath(dirname(file))
}

/**
 * Every record that can be read. What a power cut left unreadable is a job nobody has seen before. A run that was written down
 * in another directory, of which this one is a copy, is none of ours: it goes on there, and here its job waits.
 */
export function readCronRecords(directory: string): readonly CronRecord[] {
  return namesIn(directory)
    .flatMap((plugin) => namesIn(join(directory, plugin)).map((file) => join(directory, plugin, file)))
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => readRecord(file) ?? [])
    .map(({ writtenIn, ...record }) =>
      writtenIn === undefined || writtenIn === directoryIdentity(directory)
        ? record
        : { ...record, memory: { ...record.memory, state: { is: 'waiting' } } },
    )
}

/** Where a run writes its exit code, so that it is known even if no daemon was there. */
export function exitFile(directory: string, job: Named): string {
  return fileOf(directory, job, 'exit')
}

export function readExit(directory: string, job: Named): LeftExit | undefined {
  const file = exitFile(directory, job)
  const stat = statSync(file, { throwIfNoEntry: false })
  const code = stat === undefined ? '' : readFileSync(file, 'utf8').trim()
  return stat === undefined || !/^\d+$/.test(code) ? undefined : { code: Number(code), at: Math.floor(stat.mtimeMs) as Millis }
}

export function removeExit(directory: string, job: Named): void {
  rmSync(exitFile(directory, job), { force: true })
}

/** When the record was written last; undefined when there is none. */
export function writtenAt(directory: string, job: Named): Millis | undefined {
  const stat = statSync(fileOf(directory, job, 'json'), { throwIfNoEntry: false })
  return stat === undefined ? undefined : (Math.floor(stat.mtimeMs) as Millis)
}

/** Removes everything about a job, its logs included. */
export function forgetCron(directory: string, record: CronRecord): void {
  for (const kind of ['json', 'exit'] as const) rmSync(fileOf(directory, record, kind), { force: true })
  const logs = dirname(record.logFile)
  for (const name of namesIn(logs)) if (name.startsWith(basename(record.logFile))) rmSync(join(logs, name), { force: true })
}

interface WrittenRecord extends CronRecord {
  /** By `directoryIdentity`. Records of an mfserv before this key have none. */
  readonly writtenIn?: string
}

function readRecord(file: string): WrittenRecord | undefined {
  const record = readJson(file)
  return isRecord(record) ? record : undefined
}

function isRecord(value: unknown): value is WrittenRecord {
  return (
    typeof value === 'object' && value !== null && ['plugin', 'id', 'wanted', 'logFile', 'memory'].every((key) => key in value)
  )
}

function fileOf(directory: string, { plugin, id }: Named, kind: 'json' | 'exit'): string {
  return join(directory, plugin, `${id}.${kind}`)
}

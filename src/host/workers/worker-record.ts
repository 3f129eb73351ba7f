import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Readiness } from '../../desired/desired.ts'
import type { SlotId } from '../../desired/ids.ts'
import { parseSocketName, socketName } from '../../desired/slot.ts'
import type { ObservedWorker } from '../../plan/observed.ts'
import type { SlotHistory } from '../../worker/history.ts'
import type { Policy } from '../../worker/transition.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { directoryIdentity } from '../disk/directory-identity.ts'
import { isSystemError } from '../disk/errno.ts'
import { readJson } from '../disk/read-json.ts'
import { log } from '../logs/logger.ts'

/** Everything a later daemon needs to go on with a worker. Written whenever the worker's state changes. */
export interface WorkerRecord extends ObservedWorker {
  readonly policy: Policy
  readonly ready: Readiness
  readonly logFile: string
  /** Where its output begins in the log file, in bytes. */
  readonly logOffset: number
  readonly history: SlotHistory
  /** Started for a release that is tried: while it starts, its failure is none of the slot. */
  readonly isTrial: boolean
}

interface WrittenRecord extends WorkerRecord {
  /** By `directoryIdentity`. Records of an mfserv before this key have none. */
  readonly writtenIn?: string
}

interface Generation {
  readonly slot: SlotId
  readonly generation: number
}

export function writeRecord(directory: string, record: WorkerRecord): void {
  // A power cut ends the workers too, so their records need not survive it.
  const written: WrittenRecord = { ...record, writtenIn: directoryIdentity(directory) }
  writeAtomically(recordFile(directory, record), JSON.stringify(written), 'volatile')
}

export function removeRecord(directory: string, worker: Generation): void {
  rmSync(recordFile(directory, worker), { force: true })
}

/**
 * Every record. One that another version wrote and we cannot read counts as an intent, so its worker is ended. `foreign` are
 * those of the home that this one is a copy of: their workers are none of ours.
 */
export function readRecords(directory: string): {
  readonly foreign: readonly WorkerRecord[]
  readonly records: readonly WorkerRecord[]
  readonly intents: readonly Generation[]
} {
  mkdirSync(directory, { recursive: true })
  const names = readdirSync(directory)
  const read = names.filter((name) => name.endsWith('.json')).map((name) => [name, readRecord(join(directory, name))] as const)
  const lost = [
    ...read.filter(([, record]) => record === undefined).map(([name]) => name),
    ...names.filter((name) => name.endsWith('.intent')),
  ]
  const known = read.flatMap(([, record]) => record ?? [])
  const own = directoryIdentity(directory)
  const isForeign = ({ writtenIn }: WrittenRecord): boolean => writtenIn !== undefined && writtenIn !== own
  return {
    records: known.filter((record) => !isForeign(record)),
    foreign: known.filter(isForeign),
    intents: lost.flatMap((name) => parseSocketName(name.replace(/\.(json|intent)$/, '')) ?? []),
  }
}

/** Says before a spawn that it will happen: a daemon that dies in between leaves a worker that only this file tells of. */
export function writeIntent(directory: string, worker: Generation): void {
  writeAtomically(intentFile(directory, worker), '', 'volatile')
}

export function removeIntent(directory: string, worker: Generation): void {
  rmSync(intentFile(directory, worker), { force: true })
}

/** Writes records and intents. */
export class Writing {
  #fault: string | undefined

  /** A disk that takes nothing must not keep a worker from being started or ended; only a later daemon would miss the record. */
  keep(write: () => void): void {
    try {
      write()
      this.#fault = undefined
    } catch (error) {
      if (!isSystemError(error)) throw error
      const text = error.message
      if (text !== this.#fault) log('ERROR', `workers cannot be written down, so a new daemon would not know them: ${text}`)
      this.#fault = text
    }
  }
}

function readRecord(file: string): WrittenRecord | undefined {
  const record = readJson(file)
  return isRecord(record) ? record : undefined
}

function isRecord(value: unknown): value is WrittenRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['id', 'state', 'policy', 'hash', 'history', 'ready'].every((key) => key in value)
  )
}

function recordFile(directory: string, { slot, generation }: Generation): string {
  return join(directory, `${socketName(slot, generation)}.json`)
}

function intentFile(directory: string, { slot, generation }: Generation): string {
  return join(directory, `${socketName(slot, generation)}.intent`)
}

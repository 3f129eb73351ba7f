import { join } from 'node:path'
import type { Settings } from '../../config/settings.ts'
import { isProblemCode, Problem } from '../../problem.ts'
import type { Millis } from '../../time.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { isSystemError } from '../disk/errno.ts'
import { readJson } from '../disk/read-json.ts'
import type { Paths } from '../home/paths.ts'
import { log } from '../logs/logger.ts'

/** What the daemon tells the process that counts: the configuration in force, which may be another one than the files say. */
export interface Wanted {
  readonly settings: Settings
  /** Where nothing was counted before, the requests from then on are. */
  readonly since: Millis
}

export function writeWanted(wanted: Wanted, paths: Paths): void {
  writeAtomically(wantedFile(paths), JSON.stringify(wanted), 'volatile')
}

export function readWanted(paths: Paths): Wanted | undefined {
  const read = readJson(wantedFile(paths))
  const isWanted = (one: unknown): one is Wanted => typeof one === 'object' && one !== null && 'settings' in one && 'since' in one
  return isWanted(read) ? read : undefined
}

/** What this process says to the daemon: why the page is not served. */
export function writeTrouble(problem: Problem | undefined, paths: Paths): void {
  const said = problem === undefined ? {} : { code: problem.code, message: problem.message, fix: problem.fix }
  try {
    writeAtomically(troubleFile(paths), JSON.stringify({ pid: process.pid, ...said }), 'volatile')
  } catch (error) {
    // On a full disk the numbers are wanted most.
    if (!isSystemError(error)) throw error
    log('WARNING', `the daemon could not be told: ${error.message}`)
  }
}

/** What the process with this pid said last. */
export function readTrouble(pid: number | undefined, paths: Paths): Problem | undefined {
  const read: unknown = pid === undefined ? undefined : readJson(troubleFile(paths))
  if (typeof read !== 'object' || read === null) return undefined
  const { pid: writer, code, message, fix }: Readonly<Record<string, unknown>> = { ...read }
  if (writer !== pid || typeof code !== 'string' || typeof message !== 'string' || typeof fix !== 'string') return undefined
  return isProblemCode(code) ? new Problem(code, message, fix) : undefined
}

function wantedFile({ metrics }: Paths): string {
  return join(metrics, 'wanted.json')
}

function troubleFile({ metrics }: Paths): string {
  return join(metrics, 'trouble.json')
}

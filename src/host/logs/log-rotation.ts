import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sourceOf } from '../../log/source.ts'
import { isSystemError } from '../disk/errno.ts'
import { namesIn } from '../disk/names-in.ts'
import { log } from './logger.ts'
import { finishTakingOut, takeOut, UNFINISHED } from './take-out.ts'

export interface RotationRules {
  /** 0: no limit. */
  readonly maxBytes: number
  /** 0: no limit. */
  readonly maxAgeMs: number
  /** How many files of one log are kept, the one in use included. */
  readonly files: number
}

/**
 * Rotates every log file that is too large or too old: what it holds goes into a copy, and out of it in place.
 * What is no file (a directory, a FIFO, a symbolic link) is nobody's log and is left alone. Answers the files that could not be
 * rotated, each with why; the others were all the same.
 */
export async function rotateLogs(
  directory: string,
  rulesOf: (name: string) => RotationRules,
  now: Date,
): Promise<ReadonlyMap<string, string>> {
  const failed = new Map<string, string>()
  const names = readdirSync(directory)
  for (const name of names.filter(isLogName)) {
    const file = join(directory, name)
    const rules = rulesOf(name)
    const rotated = names.filter((other) => isCopyOf(name, other)).sort()
    if (!isDue(file, rotated, rules, now)) continue
    try {
      await takeOut(file, join(directory, copyName(name, rotated, now)))
      for (const old of rotated.slice(0, Math.max(0, rotated.length + 2 - rules.files)))
        rmSync(join(directory, old), { force: true })
    } catch (error) {
      if (!isSystemError(error)) throw error
      if (error.code !== 'ENOSPC') {
        failed.set(file, error.message)
        continue
      }
      const oldest = rotated[0]
      if (oldest !== undefined) rmSync(join(directory, oldest), { force: true })
      log('WARNING', `the disk is full: ${file} was not rotated${oldest === undefined ? '' : `, and ${oldest} was removed`}`)
    }
  }
  return failed
}

/** What a power cut left of rotations: copies in the making go, and what was copied is taken out of its log. */
export async function finishRotations(directory: string): Promise<void> {
  const names = namesIn(directory)
  for (const name of names.filter((one) => one.endsWith(UNFINISHED))) rmSync(join(directory, name), { force: true })
  for (const name of names.filter(isLogName)) {
    const newest = names
      .filter((other) => isCopyOf(name, other))
      .sort()
      .at(-1)
    if (newest !== undefined) await finishTakingOut(join(directory, name), join(directory, newest))
  }
}

/** Whether a file is called as logs in use are. */
export function isLogName(name: string): boolean {
  return name.endsWith('.log') || sourceOf(name) !== undefined
}

function isDue(file: string, rotated: readonly string[], rules: RotationRules, now: Date): boolean {
  const stat = lstatSync(file, { throwIfNoEntry: false })
  if (stat === undefined || !stat.isFile() || stat.size === 0) return false
  if (rules.maxBytes > 0 && stat.size >= rules.maxBytes) return true
  const begun = Math.max(stat.birthtimeMs, timeOf(rotated.at(-1)) ?? 0)
  return rules.maxAgeMs > 0 && now.getTime() - begun >= rules.maxAgeMs
}

/** Whether a name is that of a copy of the log of this name. */
export function isCopyOf(log: string, name: string): boolean {
  return name.startsWith(`${log}.`) && /^\d{14}$/.test(name.slice(log.length + 1))
}

/** Copies are read in the order of their names: the clock may have been set back, or it is the same second. */
function copyName(name: string, rotated: readonly string[], now: Date): string {
  const last = timeOf(rotated.at(-1))
  const at = last === undefined ? now.getTime() : Math.max(now.getTime(), last + 1000)
  return `${name}.${stampOf(new Date(at))}`
}

/** `20261122093015`, in UTC. */
function stampOf(now: Date): string {
  return now.toISOString().replaceAll(/\D/g, '').slice(0, 14)
}

function timeOf(rotated: string | undefined): number | undefined {
  const [, year, month, day, hour, minute, second] = /\.(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(rotated ?? '') ?? []
  return year === undefined ? undefined : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

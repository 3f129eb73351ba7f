import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync, rmSync, truncateSync, writeSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../disk/errno.ts'
import { log } from './logger.ts'

export interface RotationRules {
  /** 0: no limit. */
  readonly maxBytes: number
  /** 0: no limit. */
  readonly maxAgeMs: number
  /** How many files of one log are kept, the one in use included. */
  readonly files: number
}

/**
 * Rotates every log file that is too large or too old. The writers keep their file open and append to it, so it is copied and
 * then emptied in place: no process has to be told, none can block. What is written between the last copy and the emptying,
 * some microseconds, is lost.
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
  for (const name of names.filter((name) => name.endsWith('.log'))) {
    const file = join(directory, name)
    const rules = rulesOf(name)
    const rotated = names.filter((other) => isCopyOf(name, other)).sort()
    if (!isDue(file, rotated, rules, now)) continue
    try {
      await rotate(file, now)
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

function isDue(file: string, rotated: readonly string[], rules: RotationRules, now: Date): boolean {
  const stat = lstatSync(file, { throwIfNoEntry: false })
  if (stat === undefined || !stat.isFile() || stat.size === 0) return false
  if (rules.maxBytes > 0 && stat.size >= rules.maxBytes) return true
  const begun = Math.max(stat.birthtimeMs, timeOf(rotated.at(-1)) ?? 0)
  return rules.maxAgeMs > 0 && now.getTime() - begun >= rules.maxAgeMs
}

async function rotate(file: string, now: Date): Promise<void> {
  const copy = `${file}.${stampOf(now)}`
  try {
    await copyFile(file, copy)
    appendRest(file, copy)
  } catch (error) {
    rmSync(copy, { force: true })
    throw error
  }
  truncateSync(file)
}

/** What was written while the copy was made. */
function appendRest(file: string, copy: string): void {
  const from = openSync(file, 'r')
  const to = openSync(copy, 'r+')
  try {
    const bytes = Buffer.alloc(65_536)
    for (let at = fstatSync(to).size; ; ) {
      const read = readSync(from, bytes, 0, bytes.length, at)
      if (read === 0) return
      at += writeSync(to, bytes, 0, read, at)
    }
  } finally {
    closeSync(from)
    closeSync(to)
  }
}

/** Whether a name is that of a copy of the log of this name. */
export function isCopyOf(log: string, name: string): boolean {
  return name.startsWith(`${log}.`) && /^\d{14}$/.test(name.slice(log.length + 1))
}

/** `20261122093015`, in UTC. */
function stampOf(now: Date): string {
  return now.toISOString().replaceAll(/\D/g, '').slice(0, 14)
}

function timeOf(rotated: string | undefined): number | undefined {
  const [, year, month, day, hour, minute, second] = /\.(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(rotated ?? '') ?? []
  return year === undefined ? undefined : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

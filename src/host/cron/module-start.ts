import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Millis } from '../../time.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { directoryIdentity } from '../disk/directory-identity.ts'
import { isErrno } from '../disk/errno.ts'

/** When the module was started, and whether this daemon did it or took over from one that died. */
export interface ModuleStart {
  readonly by: 'this-daemon' | 'one-before'
  readonly at: Millis
}

interface Mark {
  readonly at: Millis
  /** Another one after each boot of the machine, and in a copy of the runtime home. */
  readonly boot: string
}

/** A daemon that ends in order removes the mark of its start; one that finds a mark of this boot takes over. */
export function moduleStart(directory: string, now: Millis): ModuleStart {
  mkdirSync(directory, { recursive: true })
  const boot = `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${directoryIdentity(directory)}`
  const mark = readMark(directory)
  if (mark?.boot === boot) return { by: 'one-before', at: mark.at }
  writeAtomically(fileIn(directory), JSON.stringify({ at: now, boot } satisfies Mark), 'volatile')
  return { by: 'this-daemon', at: now }
}

export function endModule(directory: string): void {
  rmSync(fileIn(directory), { force: true })
}

function readMark(directory: string): Mark | undefined {
  try {
    const mark: unknown = JSON.parse(readFileSync(fileIn(directory), 'utf8'))
    return isMark(mark) ? mark : undefined
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined
    throw error
  }
}

function isMark(value: unknown): value is Mark {
  return typeof value === 'object' && value !== null && 'at' in value && 'boot' in value && typeof value.at === 'number'
}

function fileIn(directory: string): string {
  return join(directory, 'start')
}

import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Millis } from '../../time.ts'
import { isErrno } from './errno.ts'
import { stampsOf } from './stamps.ts'

/** A file must be left alone for so long before what it says counts: most writers are at it for a moment. */
const QUIET_MS = 150
/** The same where it lacks what it had before: somebody may be writing it piece by piece. */
const LONG_QUIET_MS = 3000
/** However long somebody writes, keeps it open, or changes it again and again: then it counts as it is. */
const MOST_MS = 30_000

interface Seen {
  readonly stamp: string
  /** When it was seen to be so first, and when it began to change. */
  readonly since: Millis
  readonly began: Millis
  readonly isWhole: boolean
}

/** Tells which files are being written: what they say so far is not to be applied. `now` is a time that only grows. */
export class WholeFiles {
  readonly #seen = new Map<string, Seen>()

  /** Milliseconds after which to look again; 0 when the file counts as it is. `hasLost`: whether it lacks what it had. */
  restOf(file: string, hasLost: () => boolean, now: Millis): number {
    const stamp = stampsOf([file])
    const known = this.#seen.get(file)
    if (known?.stamp === stamp && known.isWhole) return 0
    const began = known === undefined || known.isWhole ? now : known.began
    // What was there before we looked has been as it is for a while.
    const since = known?.stamp === stamp ? known.since : known === undefined ? ((now - ageOf(file)) as Millis) : now
    const rest = Math.min((hasLost() ? LONG_QUIET_MS : QUIET_MS) - (now - since), MOST_MS - (now - began))
    const isOld = known === undefined && now - since >= LONG_QUIET_MS
    const isWhole = rest <= 0 && (isOld || now - began >= MOST_MS || !isBeingWritten(file))
    this.#seen.set(file, { stamp, since, began, isWhole })
    return isWhole ? 0 : Math.max(rest, QUIET_MS)
  }
}

/** Waits until every one of these files counts as it is; answers what goes on to tell that of them. */
export async function untilWhole(
  files: readonly { readonly file: string; readonly hasLost: () => boolean }[],
  clock: () => Millis,
): Promise<WholeFiles> {
  const whole = new WholeFiles()
  for (;;) {
    const now = clock()
    const rest = Math.max(0, ...files.map(({ file, hasLost }) => whole.restOf(file, hasLost, now)))
    if (rest === 0) return whole
    await delay(rest)
  }
}

/** Milliseconds since its last change; long for one that is not there. */
function ageOf(file: string): number {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? LONG_QUIET_MS : Math.max(0, Date.now() - stat.mtimeMs)
}

/** Whether a process that we may look into has the file open for writing. */
function isBeingWritten(file: string): boolean {
  const target = quietly(() => realpathSync(file))
  if (target === undefined) return false
  return (quietly(() => readdirSync('/proc')) ?? [])
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => (quietly(() => readdirSync(`/proc/${pid}/fd`)) ?? []).some((fd) => writes(`/proc/${pid}`, fd, target)))
}

function writes(process: string, fd: string, target: string): boolean {
  if (quietly(() => readlinkSync(`${process}/fd/${fd}`)) !== target) return false
  const flags = /^flags:\s+0*([0-7]+)$/m.exec(quietly(() => readFileSync(`${process}/fdinfo/${fd}`, 'utf8')) ?? '')?.[1]
  return flags !== undefined && (Number.parseInt(flags, 8) & 3) !== 0
}

/** A process ends while it is looked at, or belongs to somebody else; a file goes. */
function quietly<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EPERM', 'ESRCH', 'ENOTDIR', 'ELOOP'].some((code) => isErrno(error, code))) return undefined
    throw error
  }
}

import { readFileSync, rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { validateName } from '../../plugin/name.ts'
import { Problem } from '../../problem.ts'
import type { ProcessId } from '../../worker/state.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { isErrno, isSystemError } from '../disk/errno.ts'
import { type Lock, tryLock } from '../disk/lock.ts'
import type { Paths } from '../home/paths.ts'
import { refuseNewerState } from '../home/state-version.ts'
import { isAlive, processId } from '../process/proc.ts'

const WITHIN_MS = 10_000
/** The system tells nobody that a lock became free, so it is asked. */
const ASK_AGAIN_MS = 50

interface Holder {
  readonly process: ProcessId
  readonly what: string
}

/** Who changes which plugin. */
export interface Changer {
  /** The name of the plugin. */
  readonly plugin: string
  /** In the words of a command: `plugins.uninstall blog`. */
  readonly what: string
}

/**
 * Runs `change` while no other command changes the same plugin; other plugins may be changed meanwhile. Waits at most
 * `withinMs` milliseconds, then throws the Problem BUSY, which says who holds the lock. Throws PLUGIN_NAME for a path, and
 * STATE_NEWER where a newer mfserv has written what would be changed.
 */
export async function withPluginLock<T>(
  paths: Paths,
  { plugin, what }: Changer,
  change: () => T | Promise<T>,
  withinMs: number = WITHIN_MS,
): Promise<T> {
  const wrong = isOneName(plugin) ? undefined : validateName(plugin)
  if (wrong !== undefined) throw wrong
  refuseNewerState(paths)
  const file = `${paths.pluginLock}.${plugin}`
  const holderFile = `${file}.holder`
  const lock = await waitForLock(file, holderFile, withinMs)
  try {
    writeHolder(holderFile, what)
    return await change()
  } finally {
    rmSync(holderFile, { force: true })
    lock.release()
  }
}

/** Whether no command changes the plugin now. */
export function isUnlocked({ pluginLock }: Paths, plugin: string): boolean {
  const lock = tryLock(`${pluginLock}.${plugin}`)
  lock?.release()
  return lock !== undefined
}

/** Whatever lies in the plugins directory can be removed, also what is no name of a plugin; but nothing beside it. */
function isOneName(plugin: string): boolean {
  return /^[^/\0]+$/.test(plugin) && plugin !== '.' && plugin !== '..'
}

/** On a full disk there is none: what makes room, such as an uninstallation, has to go on. */
function writeHolder(file: string, what: string): void {
  const own = processId(process.pid)
  if (own === undefined) return
  try {
    writeAtomically(file, JSON.stringify({ process: own, what } satisfies Holder), 'volatile')
  } catch (error) {
    if (!isErrno(error, 'ENOSPC') && !isErrno(error, 'EDQUOT')) throw error
    rmSync(file, { force: true })
  }
}

async function waitForLock(file: string, holderFile: string, withinMs: number): Promise<Lock> {
  const giveUpAt = performance.now() + withinMs
  for (;;) {
    const lock = tryLockOrProblem(file)
    if (lock !== undefined) return lock
    if (performance.now() >= giveUpAt) throw busy(file, holderFile, withinMs)
    await pause(ASK_AGAIN_MS)
  }
}

function tryLockOrProblem(file: string): Lock | undefined {
  try {
    return tryLock(file)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Problem(
      'DISK',
      `cannot lock ${file}: ${why}`,
      'Give the user of mfserv the right to write there, or make room on the disk.',
      { file },
      cause,
    )
  }
}

function busy(file: string, holderFile: string, withinMs: number): Problem {
  const holder = readHolder(holderFile)
  const who = holder === undefined ? 'another command' : `${holder.what} (process ${holder.process.pid})`
  return new Problem(
    'BUSY',
    `${who} has been changing the plugin for more than ${withinMs / 1000} s`,
    'Try again when it has ended.',
    { file },
  )
}

/** Undefined when nobody left a note, or the one who did has ended. */
function readHolder(file: string): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isHolder(holder) && isAlive(holder.process) ? holder : undefined
  } catch (error) {
    // The note only makes the message better; without it the lock is held all the same.
    if (error instanceof SyntaxError || isSystemError(error)) return undefined
    throw error
  }
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && 'process' in value && 'what' in value
}

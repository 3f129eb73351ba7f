import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isErrno } from '../src/host/disk/errno.ts'

/** A directory and processes for one theme, that leave nothing behind, also when it is interrupted. */
export interface Scratch {
  readonly directory: string
  /** Starts a process that runs until the end of the theme. */
  readonly start: (argv: Argv, options: ProcessOptions) => Started
  /** Runs a program to its end and answers what it printed. Throws with its output when it fails. */
  readonly run: (argv: Argv, options?: ProcessOptions) => Promise<string>
  /** The processes that `start` started. Each leads a session. */
  readonly leaders: () => readonly number[]
  /** Called at the end, the last one first. */
  readonly atEnd: (undo: Undo) => void
  /** Can be called again: it is the same end. */
  readonly end: () => Promise<void>
}

export type Argv = readonly [string, ...string[]]
export type Undo = () => Promise<void> | void

export interface ProcessOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

export interface Started {
  readonly pid: number
  /** Why it does not run; undefined while it does. */
  readonly failure: () => string | undefined
}

const ENDS_WITHIN_MS = 5_000
const LOOK_MS = 20
const MOST_OUTPUT_BYTES = 64 << 20

export function openScratch(): Scratch {
  const directory = mkdtempSync(join(tmpdir(), 'mfbench-'))
  const undoing: Undo[] = [() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 })]
  const running = new Set<ChildProcess>()
  const leaders: number[] = []
  let ending: Promise<void> | undefined
  const isOpen = (): void => {
    if (ending !== undefined) throw new Error('interrupted')
  }
  return {
    directory,
    start: (argv, options) => {
      isOpen()
      const { child, failure } = begin(argv, options, join(directory, `${undoing.length}.log`))
      undoing.push(() => stopWithItsOwn(child))
      if (child.pid !== undefined) leaders.push(child.pid)
      return { pid: child.pid ?? 0, failure }
    },
    leaders: () => leaders,
    run: async (argv, options) => {
      isOpen()
      return runToEnd(argv, options, running)
    },
    atEnd: (undo) => {
      undoing.push(undo)
    },
    end: () => {
      ending ??= Promise.all([...running].map(stop)).then(() => undoAll(undoing))
      return ending
    },
  }
}

function begin([program, ...words]: Argv, options: ProcessOptions, logFile: string) {
  const log = openSync(logFile, 'w')
  // A session of its own, as a service has: the system shares out the cores among sessions.
  const child = spawn(program, words, { ...options, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  let failed: string | undefined
  child.once('error', (error) => {
    failed = error.message
  })
  return {
    child,
    failure: () => failed ?? (hasEnded(child) ? `${program} ended:\n${readFileSync(logFile, 'utf8')}` : undefined),
  }
}

function runToEnd([program, ...words]: Argv, options: ProcessOptions | undefined, running: Set<ChildProcess>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, words, { ...options, maxBuffer: MOST_OUTPUT_BYTES }, (error, stdout, stderr) => {
      running.delete(child)
      if (error === null) resolve(stdout)
      else reject(new Error(`${program} ${words.join(' ')} failed: ${error.message}\n${stdout}${stderr}`))
    })
    running.add(child)
  })
}

async function undoAll(undoing: Undo[]): Promise<void> {
  const failures: unknown[] = []
  for (let undo = undoing.pop(); undo !== undefined; undo = undoing.pop()) {
    try {
      await undo()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'something was left behind')
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS)
  await ended
  clearTimeout(late)
}

/** A process that was started in a session of its own, and whatever it has left there: some fork, and end before what they forked. */
async function stopWithItsOwn(child: ChildProcess): Promise<void> {
  const { pid } = child
  if (pid === undefined) return
  const ended = hasEnded(child) ? undefined : once(child, 'exit')
  signalGroup(pid, 'SIGTERM')
  const late = setTimeout(() => signalGroup(pid, 'SIGKILL'), ENDS_WITHIN_MS)
  await ended
  // Where nothing reaps what has lost its parent, the group never becomes empty.
  const giveUpAt = performance.now() + 2 * ENDS_WITHIN_MS
  while (signalGroup(pid, 0) && performance.now() < giveUpAt) await delay(LOOK_MS)
  clearTimeout(late)
}

/** False when nothing is left of the group. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal)
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return false
    throw error
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { WorkerSpec } from '../../desired/desired.ts'
import type { Limits } from '../../plugin/plugin.ts'
import { Problem } from '../../problem.ts'
import type { Exit, ProcessId } from '../../worker/state.ts'
import { linkAtomically } from '../disk/atomic.ts'
import { isSystemError } from '../disk/errno.ts'
import { makeOwnDirectories } from '../home/own-directories.ts'
import { openLog } from '../logs/log-file.ts'
import { processId } from '../process/proc.ts'
import { enter } from '../sandbox/enter.ts'
import { tellMissing } from '../sandbox/tell-missing.ts'

/** The variable by which a worker is recognised even if the daemon died before it could write the worker down. */
export const WORKER_VARIABLE = 'MFSERV_WORKER'

export interface Spawned {
  readonly process: ProcessId
  /** Where this worker's output begins in its log file, in bytes. */
  readonly logOffset: number
}

/**
 * Starts one worker in a session of its own, its output appended to the log file by the system alone: it needs nothing of
 * this process afterwards and outlives it. `onExit` is called once, unless the result is a text, the reason it did not start.
 */
export async function spawnWorker(spec: WorkerSpec, marks: WorkerMarks, onExit: (exit: Exit) => void): Promise<Spawned | string> {
  try {
    for (const path of [marks.socket, spec.link?.to ?? marks.socket]) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    rmSync(marks.socket, { force: true })
    if (spec.link !== undefined) linkAtomically(spec.link.to, spec.link.at)
    makeOwnDirectories(spec.env)
    const log = openLog(logFileOf(spec, marks.slot))
    tellMissing(log, spec.sandbox)
    const stdout = spec.stdoutFile === undefined ? log : openStdout(spec.stdoutFile, marks.slot, log)
    return await spawnInto({ log, stdout }, spec, marks, onExit)
  } catch (error) {
    if (error instanceof Problem) return `${error.message}. ${error.fix}`
    if (!isSystemError(error)) throw error
    return `${error.message}${fixOf(error.code)}`
  }
}

/** Where the worker of a slot writes what went wrong. */
export function logFileOf({ logFile }: Pick<WorkerSpec, 'logFile'>, slot: number): string {
  return logFile.replace('{slot}', String(slot))
}

function openStdout(file: string, slot: number, log: number): number {
  try {
    return openLog(file.replace('{slot}', String(slot)))
  } catch (error) {
    closeSync(log)
    throw error
  }
}

/** Closes the logs, which the worker then has alone. */
async function spawnInto(
  { log, stdout }: { readonly log: number; readonly stdout: number },
  spec: WorkerSpec,
  marks: WorkerMarks,
  onExit: (exit: Exit) => void,
): Promise<Spawned | string> {
  try {
    const own = { ...spec.env, MFSERV_CURRENT_SLOT: String(marks.slot), [WORKER_VARIABLE]: marks.worker }
    const { words, env } = enter(spec.sandbox, spec.cwd, own, [WORKER_VARIABLE, 'MFMODULE_RUNTIME_HOME'])
    const command = [...(spec.launcher ?? []), ...limited(spec.limits, spec.argv)].map(fill(marks))
    const [program = '', ...rest] = inGroup(marks.group, [...words, ...command])
    const logOffset = fstatSync(log).size
    const child = spawn(program, rest, { cwd: spec.cwd, env, detached: true, stdio: ['ignore', stdout, log] })
    const failure = await new Promise<Error | undefined>((resolve) => {
      child.once('spawn', () => resolve(undefined))
      child.once('error', resolve)
    })
    if (failure !== undefined) return failure.message
    child.on('exit', (code, signal) => onExit({ code, signal }))
    // Undefined when it has ended already; `exit` then follows, and no process has this start time.
    const process = child.pid === undefined ? undefined : processId(child.pid)
    return { process: process ?? { pid: child.pid ?? 0, startTime: 0 }, logOffset }
  } finally {
    closeSync(log)
    if (stdout !== log) closeSync(stdout)
  }
}

/** What to do about a path that does not take what a worker needs. */
function fixOf(code: string | undefined): string {
  switch (code) {
    case 'EISDIR':
    case 'ERR_FS_EISDIR':
    case 'EEXIST':
    case 'ENOTDIR':
      return '. Remove what is there: mfserv makes it anew.'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return '. Give the user of mfserv the right to write there.'
    case 'ENOSPC':
    case 'EDQUOT':
      return '. Make room on that disk.'
    default:
      return ''
  }
}

export interface WorkerMarks {
  readonly worker: string
  readonly slot: number
  readonly socket: string
  /** The file of its control group into which it writes itself; undefined where it has none. */
  readonly group?: string | undefined
}

function fill(marks: WorkerMarks): (word: string) => string {
  return (word) => word.replaceAll('{unix_socket_path}', marks.socket)
}

/** `prlimit` sets the limits and becomes the worker, so the pid stays the same. */
function limited(limits: Limits, argv: readonly string[]): readonly string[] {
  const options = Object.entries(limits).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}:${value}`]))
  return options.length === 0 ? argv : ['prlimit', ...options, '--', ...argv]
}

/** Before it is anything else, so that what it starts is in the group too. A shell that cannot becomes the worker all the same. */
function inGroup(group: string | undefined, words: readonly string[]): readonly string[] {
  return group === undefined ? words : ['/bin/sh', '-c', 'echo 0 > "$0"; exec "$@"', group, ...words]
}

import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { isSystemError } from '../disk/errno.ts'
import { isExecutable } from '../disk/is-executable.ts'
import { MFSERV_HOME, type Paths } from '../home/paths.ts'
import { openLog } from '../logs/log-file.ts'
import { steadyNow } from '../process/clock.ts'
import { onPath } from '../programs/python-framework.ts'

const FD = 'MFSERV_NOTIFY_FD'
/** The file of a successor that this is: what its parent gives it behind input, output and errors. */
const FD_OF_SUCCESSOR = 3
/** So much time more, whenever it is asked for. */
const EXTENSION_US = 60_000_000

/** Whoever started this daemon and wants to know how it is: systemd, or nobody. */
export interface ServiceManager {
  readonly is: 'systemd' | 'nobody'
  /** It needs more time until it can begin. May be told again and again. */
  readonly starts: () => void
  /** This process supervises from now on, and has done its work once. */
  readonly supervises: () => void
  /** What is to be served is served, or it is known why it is not. */
  readonly ready: () => void
  /** Another process is about to take the place of this one. */
  readonly handsOver: () => void
  /** A round has ended: the daemon does its work. */
  readonly works: () => void
  /** It stops, and has not done all of that yet. May be told again and again. */
  readonly stops: () => void
  /** One line for people. */
  readonly status: (line: string) => void
  /** What a process needs to speak to it in the place of this one. */
  readonly forSuccessor: () => { readonly file: number; readonly env: Readonly<Record<string, string>> } | undefined
}

export const NOBODY: ServiceManager = {
  is: 'nobody',
  starts: () => undefined,
  supervises: () => undefined,
  ready: () => undefined,
  handsOver: () => undefined,
  works: () => undefined,
  stops: () => undefined,
  status: () => undefined,
  forSuccessor: () => undefined,
}

/**
 * Takes the socket of systemd out of the environment, so that nothing this process starts finds it there. A daemon that was
 * given its address alone becomes itself once more, with the socket open and its output in the log.
 */
export function takeServiceManager(paths: Paths, env: NodeJS.ProcessEnv = process.env): ServiceManager {
  if ((env['NOTIFY_SOCKET'] ?? '') !== '' && env[FD] === undefined) {
    const python3 = ['/usr/bin/python3', ...onPath('python3', env)].find(isExecutable)
    if (python3 !== undefined) becomeConnected(paths, python3)
  }
  const [file, watchdog] = [Number(env[FD] ?? 0), Number(env['WATCHDOG_USEC'] ?? 0)]
  for (const name of [FD, 'NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name]
  return Number.isInteger(file) && file > 0 ? systemd(file, watchdog > 0 ? watchdog : undefined) : NOBODY
}

function systemd(file: number, watchdogUs: number | undefined): ServiceManager {
  let toldAt: number | undefined
  let line = ''
  const tell = (...lines: readonly string[]): void => {
    try {
      writeSync(file, lines.join('\n'))
    } catch (error) {
      // It does not read now, or has gone. The daemon has its own work.
      if (!isSystemError(error)) throw error
    }
  }
  const isDue = (): boolean => {
    if (watchdogUs === undefined) return false
    const at = steadyNow()
    if (toldAt !== undefined && at - toldAt < watchdogUs / 1000 / 4) return false
    toldAt = at
    return true
  }
  return {
    is: 'systemd',
    starts: () => tell(`EXTEND_TIMEOUT_USEC=${EXTENSION_US}`),
    supervises: () => tell(`MAINPID=${process.pid}`),
    ready: () => tell('READY=1'),
    handsOver: () => tell('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    works: () => {
      if (isDue()) tell('WATCHDOG=1')
    },
    stops: () => tell('STOPPING=1', `EXTEND_TIMEOUT_USEC=${EXTENSION_US}`, 'WATCHDOG=1'),
    status: (text) => {
      if (text !== line) tell(`STATUS=${text.replaceAll('\n', ' ')}`)
      line = text
    },
    forSuccessor: () => ({
      file,
      env: {
        [FD]: String(FD_OF_SUCCESSOR),
        ...(watchdogUs === undefined ? {} : { WATCHDOG_USEC: String(watchdogUs) }),
      },
    }),
  }
}

function becomeConnected(paths: Paths, python3: string): never {
  if (process.execve === undefined) throw new Error('this Node cannot replace itself by another program')
  const log = join(paths.log, 'mfserv.log')
  // Its rights, its rotation and what may not be a log are decided in one place.
  openLog(log)
  flushCompileCache()
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const script = join(MFSERV_HOME, 'share/under-systemd.py')
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
  return process.execve(python3, [python3, '-I', '-S', script, log, ...again], env)
}

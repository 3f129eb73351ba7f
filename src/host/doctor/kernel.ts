import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { LimitFacts, MachineFacts, Used } from '../../doctor/facts.ts'
import { isSystemError } from '../disk/errno.ts'

export function machineFacts(): MachineFacts {
  const text = textIn('/proc/meminfo')
  const kb = (name: string): number | undefined => numberIn(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1])
  return { processors: availableParallelism(), memoryKb: kb('MemTotal') ?? 0, availableKb: kb('MemAvailable') }
}

export function limitFacts(): LimitFacts {
  return {
    openFiles: hardLimit('Max open files'),
    systemFiles: systemFiles(),
    somaxconn: numberIn(textIn('/proc/sys/net/core/somaxconn')),
    inotifyWatches: numberIn(textIn('/proc/sys/fs/inotify/max_user_watches')),
    processes: tightest([ofUser(), ofMachine(), ofGroup()]),
  }
}

function systemFiles(): Used | undefined {
  const [open, , most] = textIn('/proc/sys/fs/file-nr').trim().split(/\s+/).map(Number)
  return open === undefined || most === undefined || most === 0 ? undefined : { used: open, most }
}

/** Of this process, which what it starts has too. Undefined: there is none. */
function hardLimit(name: string): number | undefined {
  return numberIn(new RegExp(`^${name}\\s+\\S+\\s+(\\d+)`, 'm').exec(textIn('/proc/self/limits'))?.[1])
}

/** Root has no such limit. */
function ofUser(): Used | undefined {
  const user = process.geteuid?.()
  const most = user === 0 ? undefined : hardLimit('Max processes')
  if (most === undefined) return undefined
  const own = namesIn('/proc').filter((pid) => /^\d+$/.test(pid) && statusOf(pid, 'Uid') === user)
  return {
    used: own.reduce((sum, pid) => sum + (statusOf(pid, 'Threads') ?? 0), 0),
    most,
    by: 'the processes of the user (ulimit -u)',
  }
}

function ofMachine(): Used | undefined {
  const most = numberIn(textIn('/proc/sys/kernel/pid_max'))
  const threads = numberIn(/\/(\d+) /.exec(textIn('/proc/loadavg'))?.[1])
  return most === undefined || threads === undefined ? undefined : { used: threads, most, by: 'kernel.pid_max' }
}

/** Of the control group this command is in: that of a container, or of the session. */
function ofGroup(): Used | undefined {
  const path = /^0::(.*)$/m.exec(textIn('/proc/self/cgroup'))?.[1] ?? ''
  const [most, used] = ['pids.max', 'pids.current'].map((name) => numberIn(textIn(`/sys/fs/cgroup${path}/${name}`)))
  return most === undefined || used === undefined ? undefined : { used, most, by: `pids.max of the control group ${path}` }
}

function tightest(all: readonly (Used | undefined)[]): Used | undefined {
  const known = all.filter((one) => one !== undefined)
  return known.toSorted((one, other) => one.most - one.used - (other.most - other.used))[0]
}

function statusOf(pid: string, name: string): number | undefined {
  return numberIn(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(textIn(`/proc/${pid}/status`))?.[1])
}

function numberIn(text: string | undefined): number | undefined {
  const number = text === undefined || text.trim() === '' ? Number.NaN : Number(text.trim())
  return Number.isFinite(number) ? number : undefined
}

/** Empty for what is not there or closed to us: containers show less than machines. */
function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isSystemError(error)) return ''
    throw error
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (isSystemError(error)) return []
    throw error
  }
}

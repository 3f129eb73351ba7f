import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { ProcessId } from '../../worker/state.ts'
import { isErrno } from '../disk/errno.ts'

interface Stat {
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly startTime: number
}

/** Undefined when there is no such process, or only its zombie. */
export function processId(pid: number): ProcessId | undefined {
  const stat = readStat(pid)
  return stat === undefined ? undefined : { pid, startTime: stat.startTime }
}

/** A zombie does not live: it runs no code and holds no socket. */
export function isAlive(id: ProcessId): boolean {
  return readStat(id.pid)?.startTime === id.startTime
}

/** Whether it was stopped by a signal; a debugger stops it in another way. */
export function isStopped(pid: number): boolean {
  return readStat(pid)?.state === 'T'
}

/** Another text whenever a thread of the process has run since; empty when it is gone. */
export function turnsOf(pid: number): string {
  const threads = unlessGone(() => readdirSync(`/proc/${pid}/task`), [])
  return threads.map((thread) => (readProcFile(pid, `task/${thread}/status`).match(/ctxt_switches:\s+\d+/g) ?? []).join()).join()
}

/** The session of a process: of everything a detached process started, unless it made a session of its own. */
export function sessionOf(pid: number): number | undefined {
  return readStat(pid)?.session
}

export function parentOf(pid: number): number | undefined {
  return readStat(pid)?.parent
}

/** The pids that exist now. */
export function processes(): readonly number[] {
  return readdirSync('/proc').filter(isNumber).map(Number)
}

/**
 * Memory of a process in bytes: its share of what it has in common with others (PSS), or all that is resident where the system
 * does not tell. 0 when it is gone.
 */
export function memoryOf(pid: number): number {
  const [, shared] = /^Pss:\s+(\d+) kB$/m.exec(readProcFile(pid, 'smaps_rollup')) ?? []
  if (shared !== undefined) return Number(shared) * 1024
  const [, resident] = /^VmRSS:\s+(\d+) kB$/m.exec(readProcFile(pid, 'status')) ?? []
  return resident === undefined ? 0 : Number(resident) * 1024
}

/**
 * Bytes that would be free without it, what lies in swap included: its share of what it has written into memory, or all of that
 * where the system does not tell its share. A file that is only read counts as nothing: its pages can go at any time.
 */
export function ownMemoryOf(pid: number): number {
  const shared = readProcFile(pid, 'smaps_rollup')
  return shared.includes('Pss_Anon:')
    ? kilobytesIn(shared, ['Pss_Anon', 'Pss_Shmem', 'SwapPss'])
    : kilobytesIn(readProcFile(pid, 'status'), ['RssAnon', 'RssShmem', 'VmSwap'])
}

function kilobytesIn(text: string, names: readonly string[]): number {
  const found = names.map((name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0))
  return found.reduce((sum, one) => sum + one, 0) * 1024
}

export interface Usage {
  readonly session: number
  /** In ticks of the kernel, with its ended children. */
  readonly ticks: number
  /** In pages. */
  readonly pages: number
  readonly threads: number
}

/** What a process takes; undefined when it is gone. */
export function usageOf(pid: number): Usage | undefined {
  const fields = statFields(pid)
  if (fields.length === 0) return undefined
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return { session: Number(fields[3]), ticks, pages: Number(fields[21]), threads: Number(fields[17]) }
}

/**
 * Seconds for which its first thread, which runs the code of an interpreter, has run or has waited for a processor. 0 where the
 * system does not tell.
 */
export function wantedSeconds(pid: number): number {
  const [ran, waited] = readProcFile(pid, 'schedstat').split(' ')
  return (Number(ran ?? 0) + Number(waited ?? 0)) / 1e9
}

/**
 * What a process and its ended children have done so far: another text whenever it has computed or touched memory since.
 * Empty when it is gone. Of a process that is stopped or sleeps it stays the same.
 */
export function effortOf(pid: number): string {
  const fields = statFields(pid)
  // minflt cminflt majflt cmajflt utime stime cutime cstime
  return fields.length === 0 ? '' : fields.slice(7, 15).join(' ')
}

/** The same of every process in the session that a detached process leads: what it waits for may be a tool that it runs. */
export function effortOfSession(leader: number): string {
  const own = processes().filter((pid) => sessionOf(pid) === leader)
  return own.map((pid) => `${pid}: ${effortOf(pid)}`).join('\n')
}

/** What the ended children of a process had done: another text once it has learned of the end of one. */
export function effortOfChildren(pid: number): string {
  const [, minorFaults, , majorFaults, , , user, system] = effortOf(pid).split(' ')
  return [minorFaults, majorFaults, user, system].join(' ')
}

/** The words of its command line; empty when it is gone or hides them. */
export function commandLineOf(pid: number): readonly string[] {
  return readNullSeparated(pid, 'cmdline')
}

/** The path of the program a process runs, with ` (deleted)` behind it when another file is there now; undefined when it is hidden. */
export function programOf(pid: number): string | undefined {
  return unlessGone(() => readlinkSync(`/proc/${pid}/exe`), undefined)
}

/** Where a process works; undefined when it is gone or belongs to another user. */
export function workingDirectoryOf(pid: number): string | undefined {
  return unlessGone(() => readlinkSync(`/proc/${pid}/cwd`), undefined)
}

/** The environment a process was started with; empty when it is gone or belongs to another user. */
export function environmentOf(pid: number): Readonly<Record<string, string>> {
  return Object.fromEntries(readNullSeparated(pid, 'environ').map(splitAtEquals))
}

/** The inodes of the sockets a process has open; none when it is gone or belongs to another user. */
export function socketsOf(pid: number): readonly string[] {
  return openFilesOf(pid).flatMap((file) => /^socket:\[(\d+)\]$/.exec(file)?.[1] ?? [])
}

/** The paths of the files a process has open, as they are called now; none when it is gone or belongs to another user. */
export function openFilesOf(pid: number): readonly string[] {
  const directory = `/proc/${pid}/fd`
  return unlessGone(() => readdirSync(directory), []).map((file) => unlessGone(() => readlinkSync(`${directory}/${file}`), ''))
}

/** Signals exactly this process; `missing` when it has ended, whoever has its pid now. */
export function signal(id: ProcessId, name: NodeJS.Signals): 'sent' | 'missing' {
  return isAlive(id) ? send(id.pid, name) : 'missing'
}

/** What lives of the process group that this process leads or led. */
export function groupOf(leader: number): readonly number[] {
  return processes().filter((pid) => readStat(pid)?.group === leader)
}

/**
 * Signals everything in the process group of this process, which must lead it or must have: it may have ended while others of
 * its group go on. The system gives its number to no other process or group before the last of them has ended.
 */
export function signalGroup(id: ProcessId, name: NodeJS.Signals): 'sent' | 'missing' {
  if (id.pid <= 0) return 'missing'
  const now = readStat(id.pid)
  return now === undefined || now.startTime === id.startTime ? send(-id.pid, name) : 'missing'
}

/** Ends what is left of the process group that this process led. Only who knows that the group is still that one may do so. */
export function endGroup(leader: number): void {
  if (leader > 0) send(-leader, 'SIGKILL')
}

/**
 * Ends every process in the session that this process leads or led: one that forks without end is over only when nothing of it
 * was found. What is in its group is ended at once; a group of its own may fork while it is ended.
 */
export function endSession(id: ProcessId): void {
  if (signalGroup(id, 'SIGKILL') === 'missing') return
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const left = processes().filter((pid) => readStat(pid)?.session === id.pid)
    for (const pid of left) send(pid, 'SIGKILL')
    if (left.length === 0) return
  }
}

const MOST_LOOKS = 20

function send(target: number, name: NodeJS.Signals): 'sent' | 'missing' {
  try {
    process.kill(target, name)
    return 'sent'
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return 'missing'
    throw error
  }
}

function readStat(pid: number): Stat | undefined {
  const fields = statFields(pid)
  const state = fields[0] ?? ''
  if (state === '' || state === 'Z' || state === 'X') return undefined
  return { state, parent: Number(fields[1]), group: Number(fields[2]), session: Number(fields[3]), startTime: Number(fields[19]) }
}

/** From the state on; none when it is gone. */
function statFields(pid: number): readonly string[] {
  const text = readProcFile(pid, 'stat')
  // The name of the program stands in parentheses and may itself hold blanks and parentheses.
  return text === '' ? [] : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function readNullSeparated(pid: number, file: string): readonly string[] {
  return readProcFile(pid, file)
    .split('\0')
    .filter((word) => word !== '')
}

function readProcFile(pid: number, file: string): string {
  return unlessGone(() => readFileSync(`/proc/${pid}/${file}`, 'utf8'), '')
}

/** What is read of a process, or something else when it is gone or belongs to another user. */
function unlessGone<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch (error) {
    // ESRCH: it ended while the file was read.
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH') || isErrno(error, 'EACCES') || isErrno(error, 'EPERM'))
      return otherwise
    throw error
  }
}

function splitAtEquals(line: string): [string, string] {
  const at = line.indexOf('=')
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name)
}

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import type { ServerSettings } from '../../desired/desired.ts'
import { Problem } from '../../problem.ts'
import type { ProcessId } from '../../worker/state.ts'
import { isErrno } from '../disk/errno.ts'
import { commandLineOf, parentOf, processes } from '../process/proc.ts'

const LISTENING = '0A'
/**
 * The sockets that were seen to listen on a port. One that nginx still has does so still: then the table of all connections of
 * the machine, which may be tens of thousands, is not read at each reload.
 */
const seen = new Map<number, ReadonlySet<string>>()

/**
 * One Problem PORT_IN_USE for each port that a process other than `own` (the master of nginx, with its workers) has. While
 * nginx runs, a port whose holder cannot be seen is left to nginx: the holder may be nginx itself.
 */
export async function portProblems(server: ServerSettings, own: ProcessId | undefined): Promise<readonly Problem[]> {
  const keys = { port: server.port, https_port: server.httpsPort }
  const problems: Problem[] = []
  for (const [key, port] of Object.entries(keys)) {
    if (port === 0 || !(await isTaken(port))) continue
    if (own !== undefined && holds(own.pid, seen.get(port) ?? new Set())) continue
    const sockets = listenersOn(port)
    seen.set(port, sockets)
    // Mostly it is nginx itself; to look into every process of the machine takes longer than all the rest of a reload.
    if (own !== undefined && holds(own.pid, sockets)) continue
    const holders = processes().filter((pid) => holds(pid, sockets))
    const isOwn = holders.some((pid) => parentOf(pid) === own?.pid)
    if (own === undefined || (holders.length > 0 && !isOwn)) problems.push(portInUse(key, port, holders[0]))
  }
  return problems
}

function portInUse(key: string, port: number, holder: number | undefined): Problem {
  const words = holder === undefined ? [] : commandLineOf(holder)
  const who = holder === undefined ? 'a process of another user' : `pid ${holder} (${words.join(' ')})`
  return new Problem(
    'PORT_IN_USE',
    `port ${port} is in use by ${who}`,
    `Stop that process, or set ${key} in the section [nginx] of config.ini to another port.`,
  )
}

/** Only "in use" counts: whether the port is allowed at all is for nginx to say, which may have rights of its own. */
function isTaken(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', (error) => resolve(isErrno(error, 'EADDRINUSE')))
    probe.listen({ port, host: '0.0.0.0' }, () => probe.close(() => resolve(false)))
  })
}

/** The sockets that listen on a port, as they are called among the open files of a process. */
function listenersOn(port: number): ReadonlySet<string> {
  return new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listenersIn(table, port)))
}

function holds(pid: number, sockets: ReadonlySet<string>): boolean {
  return openFiles(pid).some((target) => sockets.has(target))
}

/** Fields of /proc/net/tcp: sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode. */
function listenersIn(table: string, port: number): readonly string[] {
  const rows = orNothing(() => readFileSync(table, 'utf8').split('\n').slice(1), [])
  return rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode] = row.trim().split(/\s+/)
    return state === LISTENING && Number.parseInt(local.split(':')[1] ?? '', 16) === port ? [`socket:[${inode}]`] : []
  })
}

function openFiles(pid: number): readonly string[] {
  const names = orNothing(() => readdirSync(`/proc/${pid}/fd`), [])
  return names.map((name) => orNothing(() => readlinkSync(`/proc/${pid}/fd/${name}`), ''))
}

/** A process ends while it is looked at, or belongs to another user. */
function orNothing<T>(read: () => T, nothing: T): T {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EPERM', 'ESRCH'].some((code) => isErrno(error, code))) return nothing
    throw error
  }
}

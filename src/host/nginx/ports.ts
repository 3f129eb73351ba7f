import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { type Listener, listenersOf, placeOf } from '../../config/listen/listener.ts'
import type { ServerSettings } from '../../desired/desired.ts'
import { addressUnknown } from '../../nginx/listen/refused.ts'
import { Problem } from '../../problem.ts'
import type { ProcessId } from '../../worker/state.ts'
import { isErrno } from '../disk/errno.ts'
import { commandLineOf, parentOf, processes } from '../process/proc.ts'
import { hasIpv6 } from './ipv6.ts'

const LISTENING = '0A'
const TABLES = { 4: '/proc/net/tcp', 6: '/proc/net/tcp6' } as const
type Family = keyof typeof TABLES

/** One address of the machine, as a process would listen on it. */
interface Place {
  readonly host: string
  readonly family: Family
  /** All addresses of the family. */
  readonly isWild: boolean
  readonly listener: Listener
}

/**
 * The sockets that were seen to listen at a place. One that nginx still has does so still: then the table of all connections of
 * the machine, which may be tens of thousands, is not read at each reload.
 */
const seen = new Map<string, ReadonlySet<string>>()

/**
 * One Problem for each address that this machine does not have, and for each port that a process other than `own` (the master of
 * nginx, with its workers) has. While nginx runs, a port whose holder cannot be seen is left to nginx: the holder may be nginx
 * itself.
 */
export async function portProblems(server: ServerSettings, own: ProcessId | undefined): Promise<readonly Problem[]> {
  const problems = new Map<number | string, Problem>()
  for (const place of listenersOf(server).flatMap(placesOf)) {
    const { listener } = place
    const outcome = problems.has(listener.port) ? 'free' : await tryListening(place)
    const problem = outcome === 'taken' ? takenProblem(place, own) : undefined
    if (problem !== undefined) problems.set(listener.port, problem)
    if (outcome === 'no such address') problems.set(placeOf(listener), addressUnknown(placeOf(listener), listener.where))
  }
  return [...problems.values()]
}

/** Undefined when nginx has the place itself, or may have. */
function takenProblem(place: Place, own: ProcessId | undefined): Problem | undefined {
  const { listener, family, isWild } = place
  const key = `${family} ${listener.port} ${isWild}`
  if (own !== undefined && holds(own.pid, seen.get(key) ?? new Set())) return undefined
  const here = listenersOn(listener.port, [family])
  const sockets = new Set(here.filter((one) => one.isWild === isWild).map(({ socket }) => socket))
  seen.set(key, sockets)
  // Mostly it is nginx itself; to look into every process of the machine takes longer than all the rest of a reload.
  if (own !== undefined && holds(own.pid, sockets)) return undefined
  if (own !== undefined && holds(own.pid, socketsOf(here))) return ownElsewhere(listener)
  // One that listens on all of IPv6 may have all of IPv4 with it.
  const all = socketsOf(listenersOn(listener.port, [4, 6]))
  const holders = processes().filter((pid) => holds(pid, all))
  const isOwn = holders.some((pid) => parentOf(pid) === own?.pid)
  return own === undefined || (holders.length > 0 && !isOwn) ? portInUse(listener, holders[0]) : undefined
}

/** An address that is left out is all of IPv4, and all of IPv6 where the machine has that. */
function placesOf(listener: Listener): readonly Place[] {
  const { address } = listener
  const ofIpv4 = { host: '0.0.0.0', family: 4, isWild: true, listener } as const
  const ofIpv6 = { host: '::', family: 6, isWild: true, listener } as const
  if (address === undefined) return hasIpv6() ? [ofIpv4, ofIpv6] : [ofIpv4]
  if (address === '*' || address === '0.0.0.0') return [ofIpv4]
  if (address === '[::]') return [ofIpv6]
  const host = address.replace(/^\[|\]$/g, '')
  return [{ host, family: host.includes(':') ? 6 : 4, isWild: false, listener }]
}

function portInUse({ port, tls, where }: Listener, holder: number | undefined): Problem {
  const words = holder === undefined ? [] : commandLineOf(holder)
  const who = holder === undefined ? 'a process of another user' : `pid ${holder} (${words.join(' ')})`
  const key = where === undefined ? (tls ? 'https_port' : 'port') : 'listen'
  const fix = `Stop that process, or set ${key} in the section [nginx] of config.ini to another port.`
  return new Problem('PORT_IN_USE', `port ${port} is in use by ${who}`, fix, where)
}

/** nginx opens the new address before it closes the old one, which has all of them. */
function ownElsewhere({ port, where }: Listener): Problem {
  const message = `nginx has port ${port} at other addresses now, and cannot change that while it runs`
  return new Problem('PORT_IN_USE', message, 'Run mfserv.stop and then mfserv.start, or choose another port.', where)
}

/** Whether the port is allowed at all is for nginx to say, which may have rights of its own. */
function tryListening({ host, listener: { port } }: Place): Promise<'free' | 'taken' | 'no such address'> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', (error) => {
      const isUnknown = isErrno(error, 'EADDRNOTAVAIL') || isErrno(error, 'EAFNOSUPPORT')
      resolve(isErrno(error, 'EADDRINUSE') ? 'taken' : isUnknown ? 'no such address' : 'free')
    })
    probe.listen({ port, host, ipv6Only: true }, () => probe.close(() => resolve('free')))
  })
}

/** A socket that listens, as it is called among the open files of a process. */
interface Listening {
  readonly socket: string
  readonly isWild: boolean
}

function listenersOn(port: number, families: readonly Family[]): readonly Listening[] {
  return families.flatMap((family) => listenersIn(TABLES[family], port))
}

function socketsOf(all: readonly Listening[]): ReadonlySet<string> {
  return new Set(all.map(({ socket }) => socket))
}

function holds(pid: number, sockets: ReadonlySet<string>): boolean {
  return openFiles(pid).some((target) => sockets.has(target))
}

/** Fields of /proc/net/tcp: sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode. */
function listenersIn(table: string, port: number): readonly Listening[] {
  const rows = orNothing(() => readFileSync(table, 'utf8').split('\n').slice(1), [])
  return rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode] = row.trim().split(/\s+/)
    const [address = '', hexadecimal = ''] = local.split(':')
    if (state !== LISTENING || Number.parseInt(hexadecimal, 16) !== port) return []
    return [{ socket: `socket:[${inode}]`, isWild: /^0+$/.test(address) }]
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

import { readFileSync } from 'node:fs'

/** Fields of /proc/net/unix: Num RefCount Protocol Flags Type St Inode Path. `00010000` marks a listener. */
const LISTENS = '00010000'

/**
 * How many connections each unix socket path has now, those not yet accepted included. An accepted socket carries the path
 * its listener was bound to, whatever link led there. One read serves every drain of a tick.
 */
export function connectionsByPath(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { path, flags } of boundSockets()) if (flags !== LISTENS) counts.set(path, (counts.get(path) ?? 0) + 1)
  return counts
}

/** The inodes of the sockets that are or were bound to one of these paths, and of the connections that came in by them. */
export function inodesOf(paths: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(boundSockets().flatMap(({ path, inode }) => (paths.has(path) ? [inode] : [])))
}

export interface Connections {
  /** The inodes of those that were accepted. */
  readonly taken: ReadonlySet<string>
  /** How many were not accepted yet. */
  readonly waiting: number
}

/** A connection that nobody has accepted is no open file of anybody. */
const NOT_ACCEPTED = '0'

/** The connections to each unix socket path. */
export function connectionsTo(): ReadonlyMap<string, Connections> {
  const found = new Map<string, { readonly taken: Set<string>; waiting: number }>()
  for (const { path, flags, inode } of boundSockets()) {
    if (flags === LISTENS) continue
    const of = found.get(path) ?? { taken: new Set(), waiting: 0 }
    found.set(path, of)
    if (inode === NOT_ACCEPTED) of.waiting += 1
    else of.taken.add(inode)
  }
  return found
}

/** Fields of /proc/net/tcp: sl local_address rem_address st tx:rx tr:when retrnsmt uid. `0A` marks a listener. */
const LISTENS_TCP = '0A'
const LOOPBACK = '0100007F'

/** The user who listens on this port of 127.0.0.1; undefined where nobody does. */
export function loopbackListener(port: number): number | undefined {
  const address = `${LOOPBACK}:${port.toString(16).toUpperCase().padStart(4, '0')}`
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, local, , state, , , , uid] = line.trim().split(/\s+/)
    if (local === address && state === LISTENS_TCP) return Number(uid)
  }
  return undefined
}

interface BoundSocket {
  readonly path: string
  readonly flags: string
  readonly inode: string
}

function boundSockets(): readonly BoundSocket[] {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n').slice(1)
  return lines.flatMap((line) => {
    const at = line.indexOf('/')
    if (at < 0) return []
    const [, , , flags = '', , , inode = ''] = line.slice(0, at).split(/\s+/)
    return [{ path: line.slice(at), flags, inode }]
  })
}

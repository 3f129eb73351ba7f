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

import { readFileSync } from 'node:fs'

/** Fields of /proc/net/unix: Num RefCount Protocol Flags Type St Inode Path. `00010000` marks a listener. */
const LISTENS = '00010000'

/**
 * How many connections each unix socket path has now, those not yet accepted included. An accepted socket carries the path
 * its listener was bound to, whatever link led there. One read serves every drain of a tick.
 */
export function connectionsByPath(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const line of readFileSync('/proc/net/unix', 'utf8').split('\n').slice(1)) {
    const at = line.indexOf('/')
    if (at < 0 || line.slice(0, at).split(/\s+/)[3] === LISTENS) continue
    const path = line.slice(at)
    counts.set(path, (counts.get(path) ?? 0) + 1)
  }
  return counts
}

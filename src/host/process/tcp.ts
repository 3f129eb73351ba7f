import { readFileSync } from 'node:fs'
import { isErrno } from '../disk/errno.ts'
import type { Connections } from './connections.ts'
import { socketsOf } from './proc.ts'

/** A TCP port that a process listens on. */
export interface TcpListener {
  /** As it stands in a URL: `127.0.0.1`, `[::]`. */
  readonly address: string
  readonly port: number
}

/** Fields of /proc/net/tcp: sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode. */
const LISTENS = '0A'
/** Established, and one whose client has left: both end only when the program closes them. */
const OPEN: ReadonlySet<string> = new Set(['01', '08'])
/** A connection that nobody has accepted is no open file of anybody. */
const NOT_ACCEPTED = '0'

interface Row extends TcpListener {
  readonly state: string
  readonly inode: string
}

/** Where these processes listen, by port. */
export function tcpListenersOf(pids: readonly number[]): readonly TcpListener[] {
  const inodes = new Set(pids.flatMap(socketsOf))
  if (inodes.size === 0) return []
  const own = rows().filter(({ state, inode }) => state === LISTENS && inodes.has(inode))
  return own.map(({ address, port }) => ({ address, port })).sort((one, other) => one.port - other.port)
}

/** The connections to these listeners, as those to a unix socket are told. */
export function connectionsAt(listeners: readonly TcpListener[]): Connections {
  const ports = new Set(listeners.map(({ port }) => port))
  const open = ports.size === 0 ? [] : rows().filter(({ state, port }) => OPEN.has(state) && ports.has(port))
  const taken = open.filter(({ inode }) => inode !== NOT_ACCEPTED)
  return { taken: new Set(taken.map(({ inode }) => inode)), waiting: open.length - taken.length }
}

function rows(): readonly Row[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => textOf(file).split('\n').slice(1).flatMap(rowOf))
}

/** A machine may have no IPv6. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return ''
    throw error
  }
}

function rowOf(line: string): readonly Row[] {
  const [, local = '', , state = '', , , , , , inode = ''] = line.trim().split(/\s+/)
  const [address = '', port = ''] = local.split(':')
  return port === '' ? [] : [{ address: addressOf(address), port: Number.parseInt(port, 16), state, inode }]
}

/** Written as words of 32 bits in the order of the machine, which is little-endian wherever mfserv runs. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse())
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.')
  const groups = Array.from({ length: 8 }, (_one, index) => `${bytes[2 * index]}${bytes[2 * index + 1]}`)
  return new URL(`http://[${groups.join(':')}]`).hostname
}

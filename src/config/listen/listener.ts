import type { Where } from '../../problem.ts'
import type { Read } from '../value.ts'

/** One address that nginx listens on. */
export interface Listener {
  /** As nginx writes it: `127.0.0.1`, `[::1]`, `*` for all of IPv4, `[::]` for all of IPv6; undefined: all of both. */
  readonly address: string | undefined
  readonly port: number
  readonly tls: boolean
  /** The line that says so. */
  readonly where?: Where | undefined
}

/** What people can ask this machine at. */
export interface Asked {
  readonly protocol: 'http:' | 'https:'
  /** Without brackets. */
  readonly host: string
  readonly port: number
}

interface Ports {
  readonly port: number
  readonly httpsPort: number
  readonly listen: readonly Listener[]
  /** Whether plain HTTP only leads to HTTPS. */
  readonly https_redirect?: boolean
}

const EXPECTED =
  'addresses with a port, separated by commas, each followed by ssl for HTTPS, such as 127.0.0.1:8080, [::]:443 ssl, or null'

/** The value of `[nginx] listen`. */
export const listenersIn: Read<readonly Listener[]> = (written) => {
  const items = (written === 'null' ? '' : written).split(',').map((item) => item.trim())
  const value = items.filter((item) => item !== '').map(listenerIn)
  const right = value.filter((listener) => listener !== undefined)
  if (right.length < value.length) return { expected: EXPECTED }
  const places = right.map(({ address, port }) => `${address ?? ''}:${port}`)
  return new Set(places).size < places.length ? { expected: 'each address and port once' } : { value: right }
}

/** How a listener is written in `[nginx] listen`. */
export function listenerText(listener: Listener): string {
  return `${placeOf(listener)}${listener.tls ? ' ssl' : ''}`
}

/** The address and the port, as nginx writes them. */
export function placeOf({ address, port }: Pick<Listener, 'address' | 'port'>): string {
  return address === undefined ? String(port) : `${address}:${port}`
}

/** Where nginx listens: what `listen` says or, without it, on every address at the two ports. */
export function listenersOf({ listen, port, httpsPort }: Ports): readonly Listener[] {
  if (listen.length > 0) return listen
  return [
    ...(port === 0 ? [] : [{ address: undefined, port, tls: false }]),
    ...(httpsPort === 0 ? [] : [{ address: undefined, port: httpsPort, tls: true }]),
  ]
}

/** Where a process of this machine asks nginx, by plain HTTP if that is served; undefined when nginx does not listen. */
export function askedAt(ports: Ports): Asked | undefined {
  const all = listenersOf(ports)
  const listener = all.find(({ tls }) => tls === (ports.https_redirect === true)) ?? all[0]
  if (listener === undefined) return undefined
  return { protocol: listener.tls ? 'https:' : 'http:', host: hostOf(listener), port: listener.port }
}

function hostOf({ address }: Listener): string {
  if (address === undefined || address === '*' || address === '0.0.0.0') return '127.0.0.1'
  return address === '[::]' ? '::1' : address.replace(/^\[|\]$/g, '')
}

function listenerIn(item: string): Listener | undefined {
  const [, address, port = '', words = ''] = /^(?:(\*|[\d.]+|\[[\da-fA-F:.]+\]):)?(\d{1,5})(?:\s+(ssl))?$/.exec(item) ?? []
  if (Number(port) < 1 || Number(port) > 65_535 || (address !== undefined && !isAddress(address))) return undefined
  return { address, port: Number(port), tls: words === 'ssl' }
}

function isAddress(address: string): boolean {
  if (address === '*') return true
  if (address.startsWith('[')) return URL.canParse(`http://${address}/`)
  const parts = address.split('.')
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)
}

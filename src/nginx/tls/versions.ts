import type { Routes, ServerSettings } from '../../desired/desired.ts'
import type { NginxMachine } from '../machine.ts'

/** Since this version HTTP/2 is a directive of its own. */
const HTTP2_ON = [1, 25, 1] as const

/** How nginx is told to speak HTTP/2; undefined: it is not to, or cannot. */
export function isHttp2Of({ tls }: ServerSettings, machine: NginxMachine): 'with the address' | 'by itself' | undefined {
  if (!tls.http2 || !machine.modules.has('http_v2_module')) return undefined
  return isSince(machine, HTTP2_ON) ? 'by itself' : 'with the address'
}

/** The same routes, with HTTP/3 only where nginx is built with it. */
export function possibleHere(routes: Routes, machine: NginxMachine): Routes {
  const { tls } = routes.server
  const http3 = tls.http3 && machine.modules.has('http_v3_module')
  return { ...routes, server: { ...routes.server, tls: { ...tls, http3 } } }
}

function isSince({ version = [] }: NginxMachine, since: readonly number[]): boolean {
  const difference = since.map((part, index) => (version[index] ?? 0) - part).find((part) => part !== 0)
  return version.length > 0 && (difference ?? 0) >= 0
}

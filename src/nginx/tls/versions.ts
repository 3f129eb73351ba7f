import type { Routes, ServerSettings } from '../../desired/desired.ts'
import { isSince, type NginxMachine } from '../machine.ts'

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

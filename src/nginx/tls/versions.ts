import type { Routes, ServerSettings } from '../../desired/desired.ts'
import { isSince, type NginxMachine } from '../machine.ts'

/** Since this version HTTP/2 is a directive of its own. */
const HTTP2_ON = [1, 25, 1] as const

/** How nginx is told to speak HTTP/2; undefined: it is not to, or cannot. */
export function isHttp2Of({ tls }: ServerSettings, machine: NginxMachine): 'with the address' | 'by itself' | undefined {
  if (!tls.http2 || !machine.modules.has('http_v2_module')) return undefined
  return isSince(machine, HTTP2_ON) ? 'by itself' : 'with the address'
}

/** The same routes with what can be: HTTP/3 where nginx is built with it, and HTTPS once there is a certificate. */
export function possibleHere(routes: Routes, machine: NginxMachine): Routes {
  const { server } = routes
  const { tls } = server
  const http3 = tls.http3 && machine.modules.has('http_v3_module')
  const plain = server.listen.filter((listener) => !listener.tls)
  const withoutTls = {
    listen: plain,
    httpsPort: 0,
    port: server.listen.length > plain.length && plain.length === 0 ? 0 : server.port,
  }
  return { ...routes, server: { ...server, ...(tls.certificates.length === 0 ? withoutTls : {}), tls: { ...tls, http3 } } }
}

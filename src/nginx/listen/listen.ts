import { type Listener, listenersOf } from '../../config/listen/listener.ts'
import type { ServerSettings } from '../../desired/desired.ts'
import type { NginxMachine } from '../machine.ts'
import { type NginxText, nginx, quotedWords } from '../quote.ts'

const SAFE_PROTOCOLS = ['TLSv1.2', 'TLSv1.3']

export function listens(server: ServerSettings): boolean {
  return listenersOf(server).length > 0
}

/** The addresses of one server block, with `options` behind each. */
export function listeners(server: ServerSettings, machine: NginxMachine, options: NginxText): readonly NginxText[] {
  return listenersOf(server).flatMap((listener) =>
    addressesOf(listener, machine).map((address) => nginx`listen ${address}${listener.tls ? nginx` ssl` : nginx``}${options};`),
  )
}

/** Without an address it is every address of the machine: nginx takes a bare port for those of IPv4 alone. */
function addressesOf({ address, port }: Listener, { hasIpv6 }: NginxMachine): readonly (string | number)[] {
  if (address !== undefined) return [`${address}:${port}`]
  return hasIpv6 ? [port, `[::]:${port}`] : [port]
}

/** Of the configured protocols only 1.2 and 1.3 are used; both when none is left. */
export function tls(server: ServerSettings): readonly NginxText[] {
  if (!listenersOf(server).some((listener) => listener.tls)) return []
  const configured = server.sslProtocols.split(/\s+/)
  const chosen = SAFE_PROTOCOLS.filter((protocol) => configured.includes(protocol))
  return [
    nginx`ssl_certificate ${server.sslCertificate};`,
    nginx`ssl_certificate_key ${server.sslCertificateKey};`,
    nginx`ssl_protocols ${quotedWords(chosen.length > 0 ? chosen : SAFE_PROTOCOLS)};`,
    server.sslCiphers === '' ? nginx`ssl_ciphers HIGH:!aNULL:!MD5;` : nginx`ssl_ciphers ${server.sslCiphers};`,
    nginx`ssl_session_cache shared:mfserv_tls:4m;`,
    nginx`ssl_session_timeout 1h;`,
  ]
}

import type { ServerSettings } from '../desired/desired.ts'
import { type NginxText, nginx, quotedWords } from './quote.ts'

const SAFE_PROTOCOLS = ['TLSv1.2', 'TLSv1.3']

export function listens(server: ServerSettings): boolean {
  return server.port !== 0 || server.httpsPort !== 0
}

/** The ports of one server block, with `options` behind each. */
export function listeners(server: ServerSettings, options: NginxText): readonly NginxText[] {
  const plain = server.port === 0 ? [] : [nginx`listen ${server.port}${options};`]
  const tls = server.httpsPort === 0 ? [] : [nginx`listen ${server.httpsPort} ssl${options};`]
  return [...plain, ...tls]
}

/** Of the configured protocols only 1.2 and 1.3 are used; both when none is left. */
export function tls(server: ServerSettings): readonly NginxText[] {
  if (server.httpsPort === 0) return []
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

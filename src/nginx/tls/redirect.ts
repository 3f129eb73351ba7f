import { listenersOf } from '../../config/listen/listener.ts'
import type { Routes, ServerSettings } from '../../desired/desired.ts'
import { map } from '../headers.ts'
import { anyOf, block, literal, type NginxText, nginx } from '../quote.ts'

/** URLs below which a certificate authority looks for what proves whose name it is. */
export const CHALLENGES = '/.well-known/acme-challenge/'

/** Stands in every server, before what plugins say. */
export function challengeLocation({ server, paths }: Routes): NginxText | undefined {
  if (!server.tls.challenges) return undefined
  return block(nginx`location ^~ ${CHALLENGES}`, [
    nginx`set $mfserv_plugin "#core#";`,
    nginx`types { }`,
    nginx`default_type text/plain;`,
    nginx`alias ${`${paths.challengeDirectory}/`};`,
  ])
}

/** Answers at plain HTTP whatever the administrator wants of the rest: who asks for them may speak nothing else. */
export function redirectVariables(server: ServerSettings): readonly NginxText[] {
  if (!isRedirected(server)) return []
  const own = ['/status', '/uuid', ...(server.healthLocation === undefined ? [] : [server.healthLocation])]
  const exact = anyOf(own.map((path) => nginx`${literal(path)}$`))
  return [
    map(nginx`"$mfserv_forwarded_proto $uri"`, 'mfserv_to_https', [
      nginx`default "";`,
      nginx`"~^http (?!${literal(CHALLENGES)}|${exact})" 1;`,
    ]),
  ]
}

/** Stands first in every server. */
export function redirect(server: ServerSettings): NginxText | undefined {
  const listener = listenersOf(server).find(({ tls }) => tls)
  if (listener === undefined || !isRedirected(server)) return undefined
  const port = listener.port === 443 ? nginx`` : nginx`:${listener.port}`
  return nginx`if ($mfserv_to_https) { return 308 https://$host${port}$request_uri; }`
}

/** Only what came over HTTPS may say so: it holds for the whole host, whoever serves it. */
export function hstsVariables({ tls: { hstsSeconds } }: ServerSettings): readonly NginxText[] {
  if (hstsSeconds === 0) return []
  return [map(nginx`$mfserv_forwarded_proto`, 'mfserv_hsts', [nginx`default "";`, nginx`https ${`max-age=${hstsSeconds}`};`])]
}

function isRedirected(server: ServerSettings): boolean {
  return server.tls.redirect && listenersOf(server).some(({ tls }) => tls)
}

import { listenersOf } from '../config/listen/listener.ts'
import type { Routes, ServerSettings } from '../desired/desired.ts'
import { bare, block, lines, type NginxText, nginx, variable } from './quote.ts'

/** A header for the app and the nginx variable it comes from. Where that is empty, or none, the app gets no such header. */
export interface BackendHeader {
  readonly name: string
  readonly variable: string | undefined
}

export type Try = 'first try' | 'second try'

/**
 * What an app is told about the request; the same for every app. Workers believe X-Real-IP, X-Forwarded-Proto,
 * X-Mfserv-Debug and X-Mfserv-Ready, so these are always sent or left out by nginx, never taken over from a client.
 */
export function backendHeaders(server: ServerSettings, which: Try = 'first try'): readonly BackendHeader[] {
  const forwarded = [
    { name: 'X-Forwarded-For', variable: 'proxy_add_x_forwarded_for' },
    { name: 'X-Forwarded-Host', variable: 'mfserv_forwarded_host' },
    { name: 'X-Forwarded-Port', variable: 'mfserv_forwarded_port' },
    { name: 'X-Forwarded-Path', variable: 'mfserv_forwarded_path' },
  ]
  return [
    { name: 'Host', variable: 'mfserv_host' },
    { name: 'Upgrade', variable: 'mfserv_upgrade' },
    { name: 'Connection', variable: 'mfserv_connection' },
    { name: 'X-Mfserv-Debug', variable: 'mfserv_may_debug' },
    { name: 'X-Mfserv-Ready', variable: undefined },
    // Programs that fetch read HTTP_PROXY as the address of a proxy, and CGI makes that variable of this header.
    { name: 'Proxy', variable: undefined },
    { name: 'X-Mfserv-Tried', variable: which === 'second try' ? 'mfserv_tried' : undefined },
    { name: 'X-Real-IP', variable: 'remote_addr' },
    { name: 'X-Forwarded-Proto', variable: 'mfserv_forwarded_proto' },
    ...(server.addXForwardedHeaders ? forwarded : []),
    ...(server.addRequestIdHeader ? [{ name: 'X-Request-Id', variable: 'mfserv_request_id' }] : []),
    ...(server.trace ? ['traceparent', 'tracestate'].map((name) => ({ name, variable: `mfserv_${name}` })) : []),
  ]
}

export function proxySetHeader({ name, variable }: BackendHeader): NginxText {
  return nginx`proxy_set_header ${bare(name)} ${headerValue(variable)};`
}

/** The value of a header. */
export function headerValue(variable: string | undefined): NginxText {
  return variable === undefined ? nginx`""` : nginx`$${bare(variable)}`
}

/** The name under which a FastCGI program finds a request header. */
export function fastcgiName(header: string): string {
  return `HTTP_${header.toUpperCase().replaceAll('-', '_')}`
}

/** Sent on every answer, error pages included: the id of the request, and what the administrator wants browsers to keep to. */
export function requestIdForClient(server: ServerSettings): NginxText | undefined {
  const id = server.addRequestIdHeader ? nginx`add_header X-Request-Id $mfserv_request_id always;` : undefined
  const hsts = server.tls.hstsSeconds === 0 ? undefined : nginx`add_header Strict-Transport-Security $mfserv_hsts always;`
  const http3 = altService(server)
  return [id, hsts, http3].every((one) => one === undefined) ? undefined : lines([id, hsts, http3])
}

/** Where the same is served over HTTP/3. */
function altService(server: ServerSettings): NginxText | undefined {
  const listener = listenersOf(server).find(({ tls }) => tls)
  if (!server.tls.http3 || listener === undefined) return undefined
  return nginx`add_header Alt-Svc ${`h3=":${listener.port}"; ma=86400`} always;`
}

/** The variables that the headers come from. */
export function headerVariables({ server, paths: { uuid } }: Routes): readonly (NginxText | undefined)[] {
  return [
    // A client of HTTP/1.0 may send no Host, which an app that speaks HTTP/1.1 would refuse.
    map(nginx`$http_host`, 'mfserv_host', [nginx`default $http_host;`, nginx`"" $host;`]),
    // Only the offer of a websocket passes, and none that has a body: a server that takes the body for the other protocol, or
    // loses a part of it, would find requests in it that have passed no routing and no log.
    map(nginx`$http_upgrade`, 'mfserv_upgrade', [nginx`default "";`, nginx`websocket $mfserv_upgrade_alone;`]),
    map(nginx`"$request_method $server_protocol|$http_content_length|$http_transfer_encoding"`, 'mfserv_upgrade_alone', [
      nginx`default "";`,
      nginx`"~^GET HTTP/1\.1\|0?\|$" websocket;`,
    ]),
    // mfserv_idle is "close" for an app that keeps no connection open, and empty for most requests of one that does.
    map(nginx`$mfserv_upgrade`, 'mfserv_connection', [nginx`default upgrade;`, nginx`"" $mfserv_idle;`]),
    ...forwardedProto(server),
    map(nginx`$mfserv_forwarded_proto`, 'mfserv_https', [nginx`default "";`, nginx`https on;`]),
    map(nginx`$http_x_forwarded_path`, 'mfserv_forwarded_path', [
      nginx`default $http_x_forwarded_path;`,
      nginx`"" $mfserv_short_uri;`,
    ]),
    // Servers bound the size of all headers, of which a long URL said twice would take the double.
    map(nginx`$request_uri`, 'mfserv_short_uri', [nginx`default $request_uri;`, nginx`"~.{1025}" "";`]),
    map(nginx`$http_x_forwarded_host`, 'mfserv_forwarded_host', [nginx`default $http_x_forwarded_host;`, nginx`"" $host;`]),
    // The port: as received; unknown when only the host was received; else the one in Host; else the scheme's own.
    map(nginx`$http_x_forwarded_port`, 'mfserv_forwarded_port', [
      nginx`default $http_x_forwarded_port;`,
      nginx`"" $mfserv_port_unless_host;`,
    ]),
    map(nginx`$http_x_forwarded_host`, 'mfserv_port_unless_host', [nginx`default "";`, nginx`"" $mfserv_port_of_host;`]),
    map(nginx`$http_host`, 'mfserv_port_of_host', [
      nginx`default $mfserv_port_of_scheme;`,
      nginx`"~:(?<mfserv_port>[0-9]+)$" $mfserv_port;`,
    ]),
    map(nginx`$mfserv_forwarded_proto`, 'mfserv_port_of_scheme', [nginx`default 80;`, nginx`https 443;`]),
    ...requestId(server, uuid),
  ]
}

/** Where TLS ends at a proxy, only that one knows the scheme; it is believed as its word about the client's address is. */
function forwardedProto({ realIp }: ServerSettings): readonly NginxText[] {
  if (realIp === undefined) return [map(nginx`""`, 'mfserv_forwarded_proto', [nginx`default $scheme;`])]
  const trusted = realIp.from.map((address) => nginx`${address} 1;`)
  return [
    block(nginx`geo $realip_remote_addr $mfserv_is_proxy`, [nginx`default 0;`, ...trusted]),
    map(nginx`$mfserv_is_proxy$http_x_forwarded_proto`, 'mfserv_forwarded_proto', [
      nginx`default $scheme;`,
      nginx`"~^1." $http_x_forwarded_proto;`,
    ]),
  ]
}

/**
 * The id of a request that brings none, 32 hexadecimal digits: the time in milliseconds, the number of the connection, that of the
 * request on it, and the beginning of the identity of the runtime home, with a letter before each. Random digits would cost nginx
 * more than all else that it does for the log and the headers together (docs/decisions/0034-as-fast-as-by-hand.md), and numbers of
 * a fixed width a third more than these. Where the clock is far off random ones are taken all the same.
 */
function requestId(server: ServerSettings, uuid: string): readonly (NginxText | undefined)[] {
  // An identifier from outside goes into logs and headers, so only a plain and short one is taken over.
  const incoming = server.acceptIncomingRequestIdHeader ? [nginx`"~^[A-Za-z0-9._:+/=-]{1,128}$" $http_x_request_id;`] : []
  const counted = nginx`${variable('msec')}a${variable('connection')}b${variable('connection_requests')}`
  const isOwn = !server.trace && !server.acceptIncomingRequestIdHeader
  return [
    map(nginx`"${counted}c${bare(uuid.slice(0, 17))}"`, isOwn ? 'mfserv_request_id' : 'mfserv_own_id', [
      nginx`default $request_id;`,
      nginx`"~^(\d{10}).(.{22})" "$1$2";`,
    ]),
    isOwn
      ? undefined
      : map(nginx`$http_x_request_id`, 'mfserv_request_id', [
          nginx`default $${bare(server.trace ? 'mfserv_trace_id' : 'mfserv_own_id')};`,
          ...incoming,
        ]),
  ]
}

/** nginx's `map`: the variable `result` as a function of `source`, worked out only for a request that reads it. */
export function map(source: NginxText, result: string, entries: readonly NginxText[]): NginxText {
  return block(nginx`map ${source} $${bare(result)}`, entries)
}

import type { ServerSettings } from '../../desired/desired.ts'
import { type BackendHeader, backendHeaders, map, proxySetHeader, type Try } from '../headers.ts'
import { bare, type NginxText, nginx } from '../quote.ts'

/** What nobody can be without: they stand behind the host in one value. */
const ALWAYS = ['X-Real-IP', 'X-Forwarded-Proto', 'X-Forwarded-For', 'X-Request-Id']
/** What stands in that value too, as far as there is any of it. */
const IN_VALUE = [...ALWAYS, 'X-Forwarded-Host', 'X-Forwarded-Port', 'X-Forwarded-Path', 'Upgrade']

/**
 * The same headers as `backendHeaders`, most of them as one value with line breaks: nginx works out each header by itself, and so
 * many that are made of variables cost it more than passing on the request (docs/decisions/0034-as-fast-as-by-hand.md). No header
 * of a client has a line break in it. Of those that are sent so, one that a client sends under the same name is left out.
 */
export function toldAtOnce(server: ServerSettings, which: Try = 'first try'): readonly NginxText[] {
  const headers = backendHeaders(server, which)
  const always = headers.filter(({ name }) => ALWAYS.includes(name)).map((header) => nginx`\r\n${fieldOf(header, server)}`)
  const host = server.addXForwardedHeaders ? nginx`$mfserv_told` : nginx`$mfserv_host`
  const value = always.reduce((all, one) => nginx`${all}${one}`, host)
  return [
    nginx`proxy_set_header Host "${value}";`,
    nginx`proxy_set_header Connection $mfserv_told_connection;`,
    ...headers.filter(({ name }) => IN_VALUE.includes(name)).map(({ name }) => proxySetHeader({ name, variable: undefined })),
    ...headers.filter(({ name }) => !IN_VALUE.includes(name) && name !== 'Host' && name !== 'Connection').map(proxySetHeader),
  ]
}

function fieldOf({ name, variable }: BackendHeader, { realIp }: ServerSettings): NginxText {
  // Without a proxy in front that one is $scheme, by way of a map.
  const read = variable === 'mfserv_forwarded_proto' && realIp === undefined ? 'scheme' : (variable ?? '')
  return nginx`${bare(name)}: $${bare(read)}`
}

export function toldVariables(server: ServerSettings): readonly NginxText[] {
  return [...(server.addXForwardedHeaders ? forwarded() : []), ...connection()]
}

/** One look at most requests: no proxy has said anything, there is a host, and the URL is short enough to be said twice. */
function forwarded(): readonly NginxText[] {
  const asked = nginx`$http_x_forwarded_host$http_x_forwarded_port$http_x_forwarded_path $http_host $request_uri`
  const said = nginx`$http_host\r\nX-Forwarded-Host: $host\r\nX-Forwarded-Path: $request_uri\r\nX-Forwarded-Port: `
  return [
    map(nginx`"${asked}"`, 'mfserv_told', [
      nginx`default "$mfserv_host$mfserv_told_host$mfserv_told_port$mfserv_told_path";`,
      nginx`"~^ [^ ]*:([0-9]+) .{1,1024}$" "${said}$1";`,
      nginx`"~^ [^ :]+ .{1,1024}$" "${said}$mfserv_port_of_scheme";`,
    ]),
    ...['host', 'port', 'path'].map((what) => {
      const variable = bare(`mfserv_forwarded_${what}`)
      const name = bare(`X-Forwarded-${what.charAt(0).toUpperCase()}${what.slice(1)}`)
      return map(nginx`$${variable}`, `mfserv_told_${what}`, [nginx`default "\r\n${name}: $${variable}";`, nginx`"" "";`])
    }),
  ]
}

/** As `$mfserv_connection` and `$mfserv_upgrade`, in one. */
function connection(): readonly NginxText[] {
  return [
    map(nginx`$http_upgrade`, 'mfserv_told_connection', [nginx`default $mfserv_idle;`, nginx`websocket $mfserv_told_websocket;`]),
    map(nginx`$mfserv_upgrade_alone`, 'mfserv_told_websocket', [
      nginx`default "upgrade\r\nUpgrade: websocket";`,
      nginx`"" $mfserv_idle;`,
    ]),
  ]
}

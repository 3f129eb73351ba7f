import type { Routes, ServerSettings } from '../desired/desired.ts'
import { accessLog, requestVariables } from './access-log.ts'
import { againUpstream, againVariables } from './again.ts'
import { asideVariables } from './aside/aside.ts'
import { findProblems, type RenderProblem, unsafeValue } from './check.ts'
import { debugVariables } from './debug.ts'
import { faceVariables } from './faces/faces.ts'
import { openFiles } from './files/open-files.ts'
import { headerVariables, map, requestIdForClient } from './headers.ts'
import { luaModules, luaProblems, luaSettings } from './lua/lua.ts'
import { isSince, type NginxMachine } from './machine.ts'
import { ofPlugin, ownText } from './markers.ts'
import { mountVariables } from './mount/mount.ts'
import { frontVariables } from './php/front-controller.ts'
import { scriptVariables } from './php/script.ts'
import { ruleVariables, ruleVariablesOf } from './protect/rules.ts'
import { bare, block, comment, lines, type NginxText, nginx, textOf, type Unsafe } from './quote.ts'
import { mainServer, virtualServers } from './server.ts'
import { strangers, unclaimedVariable } from './special.ts'
import { stickyVariables } from './sticky/sticky.ts'
import { thisMachine } from './this-machine.ts'
import { hstsVariables, redirectVariables } from './tls/redirect.ts'
import { tls } from './tls/tls.ts'
import { possibleHere } from './tls/versions.ts'
import { toldAtOnce, toldVariables } from './told/told.ts'
import { traceVariables } from './trace/trace.ts'
import { upstream } from './upstream.ts'

export type Rendered = { readonly text: string } | { readonly problems: readonly RenderProblem[] }

const MAX_CONNECTIONS = 8192
/** `keepalive_min_timeout` exists since this version. */
const KEEPS_IDLE_CLIENTS = [1, 27, 4] as const
/** A client that sends its next request within this time after a reload finds its connection open. Old workers live as long. */
const KEPT_AFTER_RELOAD_SECONDS = 5

/** nginx.conf, or every reason why there is none. */
export function render(wanted: Routes, machine: NginxMachine): Rendered {
  const routes = possibleHere(wanted, machine)
  const configuration = lines([
    comment('Written by mfserv at every change of a route. Edit the plugins instead.'),
    ...main(routes, machine),
  ])
  const unsafe = distinct(configuration.unsafe).map(({ value, plugin }) => ({ plugin, problem: unsafeValue(value) }))
  const problems = [...findProblems(routes), ...luaProblems(routes, machine), ...unsafe]
  return problems.length > 0 ? { problems } : { text: `${textOf(configuration)}\n` }
}

/** The same routes without some plugins. */
export function withoutPlugins(routes: Routes, excluded: ReadonlySet<string>): Routes {
  return { ...routes, plugins: routes.plugins.filter(({ plugin }) => !excluded.has(plugin)) }
}

/** A value of an app stands in several locations. */
function distinct(all: readonly Unsafe[]): readonly Unsafe[] {
  return all.filter(
    ({ value, plugin }, index) => all.findIndex((other) => other.value === value && other.plugin === plugin) === index,
  )
}

function main(routes: Routes, machine: NginxMachine): readonly (NginxText | undefined)[] {
  const { server, paths } = routes
  // A proxied request uses two connections; the rest of the files is for what is served from disk, and logs.
  const connections = Math.max(64, Math.min(MAX_CONNECTIONS, Math.floor(machine.openFiles / 2)))
  return [
    ...luaModules(routes, machine),
    paths.user === undefined ? undefined : nginx`user ${paths.user};`,
    nginx`daemon on;`,
    nginx`pid ${paths.pidFile};`,
    nginx`error_log ${paths.errorLog} ${bare(server.debugLog ? 'debug' : 'error')};`,
    nginx`worker_processes ${server.workers};`,
    nginx`worker_rlimit_nofile ${machine.openFiles};`,
    // After a reload, an old worker may stay this long for a websocket.
    nginx`worker_shutdown_timeout 1h;`,
    nginx`pcre_jit on;`,
    block(nginx`events`, [nginx`worker_connections ${connections};`]),
    block(nginx`http`, http(routes, machine)),
  ]
}

function http(routes: Routes, machine: NginxMachine): readonly (NginxText | undefined)[] {
  const { server, plugins } = routes
  return [
    ...files(routes, machine),
    ...openFiles(plugins, machine),
    ...clients(server),
    isSince(machine, KEEPS_IDLE_CLIENTS) ? nginx`keepalive_min_timeout ${KEPT_AFTER_RELOAD_SECONDS}s;` : undefined,
    ...connectionsToApps(server),
    ...tls(routes, machine),
    ...requestVariables(),
    ...headerVariables(routes),
    ...toldVariables(server),
    ...redirectVariables(server),
    ...hstsVariables(server),
    ...traceVariables(server),
    ...againVariables(routes),
    ...thisMachine(server),
    ...debugVariables(routes),
    // Nothing whose name begins with a dot is served from disk, except what RFC 8615 wants served.
    map(nginx`$uri`, 'mfserv_hidden_file', [nginx`volatile;`, nginx`default "";`, nginx`"~/\.(?!well-known/)" 1;`]),
    ...scriptVariables(plugins),
    ...frontVariables(plugins),
    ...mountVariables(plugins),
    ...stickyVariables(plugins),
    ...ruleVariables(plugins),
    ...strangers(routes),
    ...faceVariables(routes),
    unclaimedVariable(),
    ...asideVariables(routes.paths),
    requestIdForClient(server),
    ...toldAtOnce(server),
    ...accessLog(routes),
    ...luaSettings(routes, machine),
    ...plugins.map((one) => {
      const { plugin, filesVersion, httpFragment, apps } = one
      return ofPlugin(plugin, [
        ...ruleVariablesOf(one),
        filesVersion === undefined ? undefined : comment(`Files of it: ${filesVersion}`),
        ownText(httpFragment),
        ...apps.filter(({ kind }) => kind !== 'files').map((app) => upstream(plugin, app)),
        ...apps.map((app) => againUpstream(plugin, app)),
      ])
    }),
    mainServer(routes, machine),
    ...virtualServers(routes, machine),
  ]
}

function files({ paths }: Routes, machine: NginxMachine): readonly (NginxText | undefined)[] {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => {
    return nginx`${bare(`${name}_temp_path`)} ${`${paths.tempDirectory}/${name}`};`
  })
  return [
    nginx`include ${paths.mimeTypes};`,
    nginx`default_type text/plain;`,
    nginx`charset_types text/css text/csv text/javascript text/markdown text/plain text/xml application/javascript image/svg+xml;`,
    machine.modules.has('http_gzip_static_module') ? nginx`gzip_static on;` : undefined,
    ...temporary,
    nginx`sendfile on;`,
    nginx`tcp_nopush on;`,
  ]
}

function clients(server: ServerSettings): readonly NginxText[] {
  const realIp = server.realIp
  return [
    nginx`server_tokens ${onOff(server.serverTokens)};`,
    // A relative redirect is right behind every proxy, port mapping and TLS offload.
    nginx`absolute_redirect off;`,
    nginx`port_in_redirect ${onOff(server.portInRedirect)};`,
    nginx`client_max_body_size ${server.uploadMaxBodySizeMb}m;`,
    nginx`client_body_buffer_size 64k;`,
    nginx`large_client_header_buffers 8 32k;`,
    nginx`client_header_timeout ${server.timeoutSeconds}s;`,
    nginx`client_body_timeout ${server.timeoutSeconds}s;`,
    nginx`send_timeout ${server.timeoutSeconds}s;`,
    nginx`server_names_hash_bucket_size 256;`,
    nginx`server_names_hash_max_size 16384;`,
    // Fragments and groups of patterns name variables too; nginx warns where they do not fit.
    nginx`variables_hash_max_size 8192;`,
    nginx`variables_hash_bucket_size 128;`,
    ...(realIp === undefined ? [] : realIp.from.map((address) => nginx`set_real_ip_from ${address};`)),
    ...(realIp === undefined
      ? []
      : [nginx`real_ip_header ${realIp.header};`, nginx`real_ip_recursive ${onOff(realIp.recursive)};`]),
  ]
}

/** See docs/decisions/0003-nginx-settings.md. */
function connectionsToApps(server: ServerSettings): readonly (NginxText | undefined)[] {
  const both = ['proxy', 'fastcgi'].flatMap((gateway) => {
    const name = bare(gateway)
    return [
      nginx`${name}_connect_timeout 5s;`,
      nginx`${name}_ignore_client_abort ${onOff(server.ignoreClientAbort)};`,
      // Only "error": anything more would run a request twice.
      nginx`${name}_next_upstream error;`,
      nginx`${name}_buffering on;`,
      // Of the headers of an answer: cookies that hold a session are 4 kB each, and there may be many.
      nginx`${name}_buffer_size 64k;`,
      nginx`${name}_buffers 16 16k;`,
      nginx`${name}_max_temp_file_size 64m;`,
      nginx`${name}_request_buffering on;`,
      server.addRequestIdHeader ? nginx`${name}_hide_header X-Request-Id;` : undefined,
    ]
  })
  return [nginx`proxy_http_version 1.1;`, ...both]
}

function onOff(value: boolean): NginxText {
  return bare(value ? 'on' : 'off')
}

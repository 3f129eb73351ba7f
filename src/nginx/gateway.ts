import type { AppRoutes, ServerSettings } from '../desired/desired.ts'
import { type Fragment, readFragment, sets } from '../plugin/nginx-fragment.ts'
import type { Claim } from './claims.ts'
import { isCounted } from './counted.ts'
import {
  type BackendHeader,
  backendHeaders,
  fastcgiName,
  headerValue,
  proxySetHeader,
  requestIdForClient,
  type Try,
} from './headers.ts'
import { correctedAnswer, cutPrefix, isMounted, PREFIX_HEADER, PREFIX_PARAMS } from './mount/mount.ts'
import { PATH_INFO, withFront } from './php/front-controller.ts'
import { withScript } from './php/script.ts'
import { addsHeaders, rulesOfAnswer } from './protect/rules.ts'
import { bare, type NginxText, nginx } from './quote.ts'
import { isSticky, STICKY_BACKEND } from './sticky/sticky.ts'
import { toldAtOnce } from './told/told.ts'
import { upstreamName } from './upstream.ts'

/** How the location of a claim passes requests to its app. What the app's fragment sets itself is left to the fragment. */
export function gateway(claim: Claim, server: ServerSettings): readonly (NginxText | undefined)[] {
  const fragment = readFragment(claim.app.appFragment ?? '')
  const passed = claim.app.kind === 'fastcgi' ? fastcgi(claim, server, fragment) : proxy(claim, server, fragment)
  // A location that adds headers of its own would lose this one.
  const addsOwn = sets(fragment, 'add_header') || isSticky(claim.app) || addsHeaders(claim.app)
  return [...passed, addsOwn ? requestIdForClient(server) : undefined]
}

/**
 * How the second try passes a request to the hold, or to a worker when no daemon is there: then one that ends with it is the
 * last. A refused connection takes no time for nginx, so a millisecond tells the two apart.
 */
export function again(app: AppRoutes, server: ServerSettings): readonly (NginxText | undefined)[] {
  const fragment = readFragment(app.appFragment ?? '')
  return app.kind === 'fastcgi'
    ? [
        nginx`fastcgi_pass $mfserv_again;`,
        nginx`fastcgi_next_upstream_timeout 1ms;`,
        ...fastcgiRules(app, server, fragment, 'second try'),
      ]
    : [
        // Apps that are not mounted may stand where no such variable is known.
        isMounted(app) ? nginx`proxy_pass http://$mfserv_again$mfserv_below;` : nginx`proxy_pass http://$mfserv_again;`,
        nginx`proxy_next_upstream_timeout 1ms;`,
        ...proxyRules(app, server, fragment, 'second try'),
      ]
}

function proxy(claim: Claim, server: ServerSettings, fragment: Fragment): readonly (NginxText | undefined)[] {
  const { app } = claim
  const timeout = nginx`proxy_next_upstream_timeout ${retrySeconds(app)}s;`
  return [
    // A worker that is named by a cookie is in no upstream that would keep connections.
    app.keepAlive && !isSticky(app) ? undefined : nginx`set $mfserv_idle close;`,
    unlessSet(fragment, 'proxy_pass', passTo(claim)),
    // A request that has ended one worker by its length must not be given to the next.
    isCounted(app) ? undefined : unlessSet(fragment, 'proxy_next_upstream_timeout', timeout),
    ...proxyRules(app, server, fragment, 'first try'),
  ]
}

function passTo(claim: Claim): NginxText {
  const name = upstreamName(claim.plugin, claim.app.app)
  const isCut = cutPrefix(claim) !== undefined
  if (!isCut && !isSticky(claim.app)) return nginx`proxy_pass ${`http://${name}`};`
  return nginx`proxy_pass http://${isSticky(claim.app) ? STICKY_BACKEND : bare(name)}${isCut ? nginx`$mfserv_below` : nginx``};`
}

function proxyRules(app: AppRoutes, server: ServerSettings, fragment: Fragment, which: Try): readonly (NginxText | undefined)[] {
  // A location that sets one request header would lose all the others.
  const setsAny = which === 'second try' || isMounted(app) || sets(fragment, 'proxy_set_header')
  return [
    unlessSet(fragment, 'proxy_read_timeout', nginx`proxy_read_timeout ${app.timeoutSeconds}s;`),
    unlessSet(fragment, 'proxy_send_timeout', nginx`proxy_send_timeout ${app.timeoutSeconds}s;`),
    ...(setsAny ? requestHeaders(app, server, fragment, which) : []),
    ...rulesOfAnswer(app, server, fragment),
    ...correctedAnswer(app, fragment),
  ]
}

/** One by one where a fragment sets any of them itself: that one is its own. */
function requestHeaders(app: AppRoutes, server: ServerSettings, fragment: Fragment, which: Try): readonly NginxText[] {
  const prefix = isMounted(app) ? [PREFIX_HEADER] : []
  if (!sets(fragment, 'proxy_set_header')) return [...toldAtOnce(server, which), ...prefix.map(proxySetHeader)]
  return [...backendHeaders(server, which), ...prefix]
    .filter(({ name }) => !sets(fragment, 'proxy_set_header', name))
    .map(proxySetHeader)
}

function fastcgi({ plugin, app, match }: Claim, server: ServerSettings, fragment: Fragment): readonly (NginxText | undefined)[] {
  const directory = app.directory.replace(/\/+$/, '')
  const timeout = nginx`fastcgi_next_upstream_timeout ${retrySeconds(app)}s;`
  return [
    unlessSet(fragment, 'alias', match === 'exact' ? nginx`alias ${directory};` : nginx`alias ${`${directory}/`};`),
    unlessSet(fragment, 'fastcgi_pass', nginx`fastcgi_pass ${upstreamName(plugin, app.app)};`),
    isCounted(app) ? undefined : unlessSet(fragment, 'fastcgi_next_upstream_timeout', timeout),
    app.keepAlive ? unlessSet(fragment, 'fastcgi_keep_conn', nginx`fastcgi_keep_conn on;`) : undefined,
    ...fastcgiRules(app, server, fragment, 'first try'),
  ]
}

/** The named location has no directory of its own. What names a script by `index` has been worked out by the first try. */
function ofFirstTry({ name, variable }: BackendHeader): BackendHeader {
  const kept: Readonly<Record<string, string>> = { request_filename: 'mfserv_file', document_root: 'mfserv_root' }
  return { name, variable: kept[variable ?? ''] ?? variable }
}

function fastcgiRules(
  app: AppRoutes,
  server: ServerSettings,
  fragment: Fragment,
  which: Try,
): readonly (NginxText | undefined)[] {
  const ofRequest = backendHeaders(server, which)
    .filter(({ variable }) => !isOfConnection(variable))
    .map(({ name, variable }) => ({ name: fastcgiName(name), variable }))
  const all = [...scriptParams(app), ...ofRequest, ...(isMounted(app) ? PREFIX_PARAMS : [])]
  const params = which === 'second try' ? all.map(ofFirstTry) : all
  return [
    unlessSet(fragment, 'fastcgi_read_timeout', nginx`fastcgi_read_timeout ${app.timeoutSeconds}s;`),
    unlessSet(fragment, 'fastcgi_send_timeout', nginx`fastcgi_send_timeout ${app.timeoutSeconds}s;`),
    ...params.filter(({ name }) => !sets(fragment, 'fastcgi_param', name)).map(fastcgiParam),
    ...rulesOfAnswer(app, server, fragment),
    sets(fragment, 'fastcgi_param', 'GATEWAY_INTERFACE') ? undefined : nginx`fastcgi_param GATEWAY_INTERFACE CGI/1.1;`,
    // PHP refuses to run without it.
    sets(fragment, 'fastcgi_param', 'REDIRECT_STATUS') ? undefined : nginx`fastcgi_param REDIRECT_STATUS 200;`,
  ]
}

function scriptParams(app: AppRoutes): readonly BackendHeader[] {
  if (app.front !== undefined) return [...FASTCGI_PARAMS.map(withFront), PATH_INFO]
  return app.index === undefined ? FASTCGI_PARAMS : FASTCGI_PARAMS.map(withScript)
}

function fastcgiParam({ name, variable }: BackendHeader): NginxText {
  const isOptional = /^(?:HTTP|MFSERV)/.test(name) || name === PATH_INFO.name
  return isOptional
    ? nginx`fastcgi_param ${bare(name)} ${headerValue(variable)} if_not_empty;`
    : nginx`fastcgi_param ${bare(name)} ${headerValue(variable)};`
}

function unlessSet(fragment: Fragment, directive: string, text: NginxText): NginxText | undefined {
  return sets(fragment, directive) ? undefined : text
}

function isOfConnection(variable: string | undefined): boolean {
  return variable === 'mfserv_upgrade' || variable === 'mfserv_connection'
}

const FASTCGI_PARAMS = [
  { name: 'SCRIPT_FILENAME', variable: 'request_filename' },
  { name: 'QUERY_STRING', variable: 'query_string' },
  { name: 'REQUEST_METHOD', variable: 'request_method' },
  { name: 'CONTENT_TYPE', variable: 'content_type' },
  { name: 'CONTENT_LENGTH', variable: 'content_length' },
  { name: 'SCRIPT_NAME', variable: 'fastcgi_script_name' },
  { name: 'REQUEST_URI', variable: 'request_uri' },
  { name: 'DOCUMENT_URI', variable: 'document_uri' },
  { name: 'DOCUMENT_ROOT', variable: 'document_root' },
  { name: 'SERVER_PROTOCOL', variable: 'server_protocol' },
  { name: 'REQUEST_SCHEME', variable: 'mfserv_forwarded_proto' },
  { name: 'HTTPS', variable: 'mfserv_https' },
  { name: 'REMOTE_ADDR', variable: 'remote_addr' },
  { name: 'REMOTE_PORT', variable: 'remote_port' },
  { name: 'SERVER_ADDR', variable: 'server_addr' },
  { name: 'SERVER_PORT', variable: 'server_port' },
  { name: 'SERVER_NAME', variable: 'server_name' },
]

/** The timeout of the app itself: a worker that cannot interrupt a request ends a second or two later. */
function retrySeconds({ timeoutSeconds }: AppRoutes): number {
  return Math.max(1, timeoutSeconds - 2)
}

import { DEVELOPER, FACE, NOT_FOR_DEVELOPERS, OWN_FILES, OWN_PATHS, PLUGIN_LIST, UNCLAIMED } from '../config/own-paths.ts'
import type { Routes, ServerSettings } from '../desired/desired.ts'
import { asideLocations } from './aside/aside.ts'
import type { ReservedPath } from './claims.ts'
import { unclaimedByDevelopers } from './faces/developer.ts'
import { FACES } from './faces/faces.ts'
import { freshLooks } from './files/open-files.ts'
import { map, requestIdForClient } from './headers.ts'
import type { NginxMachine } from './machine.ts'
import { bare, block, type NginxText, nginx } from './quote.ts'
import { proxies } from './this-machine.ts'
import { CHALLENGES } from './tls/redirect.ts'

const WORDS = ['STARTING', 'STOPPING', 'DRAINING', 'ERROR', 'STOPPED']

/** URLs that mfserv answers itself, whatever a plugin claims. */
export function reservedPaths(server: ServerSettings): readonly ReservedPath[] {
  const exact = [...OWN_PATHS, server.healthLocation].filter((path) => path !== undefined)
  const below = [OWN_FILES, `${FACE}/`, ...(server.tls.challenges ? [CHALLENGES] : [])]
  return [
    ...exact.map((path): ReservedPath => ({ match: 'exact', path })),
    ...below.map((path): ReservedPath => ({ match: 'below', path })),
  ]
}

/** The locations of `reservedPaths`. */
export function specialLocations(routes: Routes, machine: NginxMachine): readonly (NginxText | undefined)[] {
  return [
    health(routes),
    machine.modules.has('http_stub_status_module') ? STATUS : undefined,
    uuid(routes),
    ...(routes.server.welcome ? [ownFiles(routes), pluginList(routes), unclaimedPage(routes)] : [noOwnFiles()]),
    ...asideLocations(routes),
    unclaimedByDevelopers(routes.paths),
    unclaimedForAll(routes.server),
  ]
}

/** Every other URL: a 404, for browsers with the welcome page, whatever the method. */
export function unclaimed({ welcome }: ServerSettings): NginxText {
  return block(nginx`location /`, [
    nginx`set $mfserv_plugin "#unknown#";`,
    nginx`if ($mfserv_is_developer) { rewrite ^ ${DEVELOPER} last; }`,
    ...notFound(welcome),
  ])
}

/** Where a URL leads of which the daemon knows no more. */
function unclaimedForAll({ welcome }: ServerSettings): NginxText {
  return block(nginx`location ${bare(NOT_FOR_DEVELOPERS.unclaimed)}`, notFound(welcome))
}

function notFound(welcome: boolean): readonly NginxText[] {
  return [...(welcome ? [nginx`error_page 404 $mfserv_unclaimed;`, ...FACES] : []), nginx`return 404;`]
}

/** What a URL that nobody claims leads to. */
export function unclaimedVariable(): NginxText {
  return map(nginx`$mfserv_format`, 'mfserv_unclaimed', [nginx`default $mfserv_face;`, nginx`html ${UNCLAIMED};`])
}

const STATUS = block(nginx`location = /status`, [
  nginx`set $mfserv_plugin "#monitoring#";`,
  nginx`access_log off;`,
  nginx`if ($mfserv_is_here = 0) { return 403; }`,
  nginx`stub_status;`,
])

/** The module's word, read from the name of an empty file, so the answer needs no process but nginx. */
function health({ server, paths }: Routes): NginxText | undefined {
  if (server.healthLocation === undefined) return undefined
  const fileOf = (word: string): string => `${paths.healthDirectory}/${word}`
  return block(nginx`location = ${server.healthLocation}`, [
    nginx`set $mfserv_plugin "#monitoring#";`,
    server.healthAccessLog ? undefined : nginx`access_log off;`,
    nginx`default_type text/plain;`,
    nginx`add_header Cache-Control no-store always;`,
    requestIdForClient(server),
    ...freshLooks(),
    nginx`if (-f ${fileOf('RUNNING')}) { return 200 "OK\n"; }`,
    ...WORDS.map((word) => nginx`if (-f ${fileOf(word)}) { return 503 "${bare(word)}\n"; }`),
    nginx`return 503 "UNKNOWN\n";`,
  ])
}

/** Tells which runtime home serves this port, to the machine itself and to whom the administrator allows. */
function uuid({ paths }: Routes): NginxText {
  return block(nginx`location = /uuid`, [
    nginx`set $mfserv_plugin "#monitoring#";`,
    nginx`access_log off;`,
    nginx`default_type text/plain;`,
    nginx`if ($mfserv_is_stranger) { return 403; }`,
    nginx`return 200 "${bare(paths.uuid)}\n";`,
  ])
}

/** `return` answers before nginx looks at `allow` and `deny`, so the addresses stand in a table of the http block. */
export function strangers({ server }: Routes): readonly NginxText[] {
  const allowed = server.uuidExtraAllows.map((address) => nginx`${address} 1;`)
  const readers = server.pluginListExtraAllows.map((address) => nginx`${address} 1;`)
  return [
    block(nginx`geo $mfserv_list_network`, [nginx`default 0;`, ...readers]),
    // Behind a proxy on this machine every client seems to be here.
    map(nginx`"$mfserv_list_network$mfserv_is_here|${proxies}"`, 'mfserv_sees_no_list', [
      nginx`default 1;`,
      nginx`"~^1" "";`,
      nginx`"01|" "";`,
    ]),
    block(nginx`geo $mfserv_uuid_network`, [nginx`default 0;`, ...allowed]),
    map(nginx`$mfserv_is_here$mfserv_uuid_network`, 'mfserv_is_stranger', [nginx`default "";`, nginx`00 1;`]),
  ]
}

function ownFiles({ server, paths }: Routes): NginxText {
  return block(nginx`location ^~ ${OWN_FILES}`, [
    nginx`set $mfserv_plugin "#core#";`,
    nginx`if ($mfserv_hidden_file) { return 404; }`,
    nginx`charset utf-8;`,
    nginx`add_header Cache-Control no-cache;`,
    requestIdForClient(server),
    nginx`alias ${`${paths.welcomeDirectory}/`};`,
  ])
}

/** What is installed is nobody's business but this machine's and theirs whom the administrator allows. */
function pluginList({ server, paths }: Routes): NginxText {
  return block(nginx`location = ${PLUGIN_LIST}`, [
    nginx`set $mfserv_plugin "#core#";`,
    nginx`charset utf-8;`,
    nginx`add_header Cache-Control no-cache;`,
    requestIdForClient(server),
    nginx`if ($mfserv_sees_no_list) { return 403; }`,
    nginx`alias ${`${paths.welcomeDirectory}/plugins.json`};`,
  ])
}

function noOwnFiles(): NginxText {
  return block(nginx`location ^~ ${OWN_FILES}`, [nginx`set $mfserv_plugin "#core#";`, nginx`return 404;`])
}

/** Never kept by a browser: the URL may belong to a plugin a moment later. */
function unclaimedPage({ server, paths }: Routes): NginxText {
  return block(nginx`location = ${UNCLAIMED}`, [
    nginx`internal;`,
    nginx`types { }`,
    nginx`default_type text/html;`,
    nginx`charset utf-8;`,
    nginx`add_header Cache-Control no-store always;`,
    requestIdForClient(server),
    nginx`alias ${`${paths.welcomeDirectory}/index.html`};`,
  ])
}

import { DEVELOPER, FACE, FACES_OF_HOLD, NOT_FOR_DEVELOPERS } from '../../config/own-paths.ts'
import type { NginxPaths, Routes } from '../../desired/desired.ts'
import { map, requestIdForClient } from '../headers.ts'
import { bare, block, type NginxText, nginx, within } from '../quote.ts'
import { proxies } from '../this-machine.ts'

/**
 * `$mfserv_is_developer` is 1 for a client on this machine who came by no proxy, and by a name that nobody else can lead here:
 * the page of a foreign site could be such a client.
 */
export function developerVariables(): readonly NginxText[] {
  return [
    map(nginx`"$mfserv_is_here|${proxies}|$host"`, 'mfserv_is_developer', [
      nginx`default "";`,
      nginx`"~^1\|\|(?:localhost|[a-z0-9.-]+\.localhost|127\.[0-9]+\.[0-9]+\.[0-9]+|\[::1\])$" 1;`,
    ]),
    // In a browser, where nothing but a page is expected.
    map(nginx`"$mfserv_is_developer|$mfserv_format|$request_method"`, 'mfserv_developers_page', [
      nginx`default "";`,
      nginx`"~^1\|html\|(?:GET|HEAD)$" " page";`,
    ]),
  ]
}

/** Where the hold sends requests for an app that fails to start. The daemon knows whether it has something to show. */
export function failingLocation({ server, paths }: Routes): NginxText {
  return block(nginx`location ${bare(FACES_OF_HOLD.failing)}`, [
    nginx`set $mfserv_retry_after $upstream_http_retry_after;`,
    nginx`set $mfserv_reason failing;`,
    nginx`if ($mfserv_is_developer = "") { rewrite ^ "${within(FACE)}/$mfserv_format" last; }`,
    nginx`error_page 502 504 =503 ${bare(NOT_FOR_DEVELOPERS.failing)};`,
    nginx`add_header Retry-After $mfserv_retry_after always;`,
    requestIdForClient(server),
    ...asked(paths),
  ])
}

/** Where a developer's requests go that nobody claims: the plugin may be one that is refused. */
export function unclaimedByDevelopers(paths: NginxPaths): NginxText {
  return block(nginx`location = ${DEVELOPER}`, [
    nginx`internal;`,
    nginx`error_page 502 504 = ${bare(NOT_FOR_DEVELOPERS.unclaimed)};`,
    nginx`recursive_error_pages on;`,
    ...asked(paths),
  ])
}

function asked({ developerSocket }: NginxPaths): readonly NginxText[] {
  return [
    nginx`proxy_pass ${`http://unix:${developerSocket}`};`,
    nginx`proxy_pass_request_headers off;`,
    nginx`proxy_pass_request_body off;`,
    nginx`proxy_set_header Content-Length "";`,
    nginx`proxy_set_header X-Mfserv-Plugin $mfserv_plugin;`,
    nginx`proxy_set_header X-Mfserv-Uri $mfserv_short_uri;`,
    nginx`proxy_set_header X-Mfserv-Format $mfserv_format;`,
    nginx`proxy_set_header X-Request-Id $mfserv_request_id;`,
    nginx`proxy_next_upstream off;`,
    nginx`proxy_read_timeout 5s;`,
  ]
}

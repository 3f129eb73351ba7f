import { FACE, FACES_OF_HOLD } from '../../config/own-paths.ts'
import type { PluginRoutes, Routes } from '../../desired/desired.ts'
import { oncePerList } from '../fragments/once.ts'
import { map, requestIdForClient } from '../headers.ts'
import { corsOfOthers } from '../protect/cors.ts'
import { retryOfLimits } from '../protect/limits.ts'
import { bare, block, type NginxText, nginx, within } from '../quote.ts'
import { developerVariables, failingLocation } from './developer.ts'
import { nginxPage, OWN_PAGE, OWN_POLICY } from './page.ts'
import { FACED, FACED_IN_LOCATIONS, type Reason, wordVariables } from './words.ts'

/**
 * The answers that nginx gives itself have one face: a page for browsers, plain text, or JSON. It is made of variables alone, by
 * `return`, so no file, no module and no process can be missing for it, and every method gets it.
 */
const FORMATS = ['html', 'json', 'text'] as const
type Format = (typeof FORMATS)[number]

const TYPES: Readonly<Record<Format, string>> = { html: 'text/html', json: 'application/problem+json', text: 'text/plain' }

const BODIES: Readonly<Record<Format, NginxText>> = {
  html: nginx`$mfserv_face_page`,
  json: nginx`'{"type":"about:blank","title":"$mfserv_face_phrase","status":$status,"detail":"$mfserv_face_advice","request_id":"$mfserv_request_id"}\n'`,
  text: nginx`"$status $mfserv_face_phrase\n$mfserv_face_advice\nRequest id: $mfserv_request_id\n"`,
}

/** What the faces are made of, once for all servers. */
export function faceVariables({ server, plugins }: Routes): readonly NginxText[] {
  const own = nginxPage(server.errorPage ?? OWN_PAGE, 0)
  const others = withPages(plugins).map(({ errorPage }, index) => nginxPage(errorPage, index + 1))
  return [
    // What a location may say by `set`: whose page, why, and when to come back.
    ...['mfserv_page', 'mfserv_reason', 'mfserv_retry_after', 'mfserv_own_404', 'mfserv_at_404'].map((name) =>
      map(nginx`""`, name, [nginx`default "";`]),
    ),
    // Whoever names JSON before HTML wants it. curl and programs that say nothing get plain text.
    map(nginx`$http_accept`, 'mfserv_format', [
      nginx`default text;`,
      nginx`"~*^(?:(?!text/html|application/xhtml).)*application/(?:[\w.-]+\+)?json" json;`,
      nginx`"~*text/html|application/xhtml" html;`,
    ]),
    // A named location keeps the method for the log, and is nowhere to go for a request whose first line was not understood.
    map(nginx`$uri`, 'mfserv_face', [nginx`volatile;`, nginx`default "@mfserv_face";`, nginx`"" ${`${FACE}/text`};`]),
    // The page of a site where nothing is, unless that is what was asked for.
    map(nginx`"$mfserv_at_404$uri|$mfserv_own_404"`, 'mfserv_missing', [
      nginx`volatile;`,
      nginx`default $mfserv_own_404;`,
      nginx`"~^(?:1|(.*)\|\1$)" $mfserv_face;`,
    ]),
    ...wordVariables(),
    ...developerVariables(),
    ...[own, ...others].flatMap(({ variables }) => variables),
    map(nginx`$mfserv_page`, 'mfserv_face_page', [
      nginx`volatile;`,
      nginx`default "${own.value}";`,
      ...others.map(({ value }, index) => nginx`${index + 1} "${value}";`),
    ]),
    // A page of somebody else may load what it likes.
    map(nginx`$mfserv_page`, 'mfserv_face_policy', [
      nginx`volatile;`,
      nginx`default "";`,
      ...(server.errorPage === undefined ? [nginx`"" ${OWN_POLICY};`] : []),
    ]),
  ]
}

/** In the locations of a plugin with a page of its own. */
export function pageOf(plugin: string, routes: Routes): NginxText | undefined {
  const number = numberOf(plugin, routes)
  return number === 0 ? undefined : nginx`set $mfserv_page ${number};`
}

/**
 * Leads what nginx answers itself in a location to its face. Behind the `error_page` of others, because the first one counts.
 * nginx refuses a body by its length before it has seen any `set`, so that leads to the page by another way.
 */
export function facesOf(plugin: string, routes: Routes): readonly NginxText[] {
  const number = numberOf(plugin, routes)
  return number === 0 ? FACES : [nginx`error_page 413 @mfserv_page_${number};`, ...FACES]
}

/** From 1; 0 for a plugin that has none. */
function numberOf(plugin: string, { plugins }: Routes): number {
  return numbers(plugins).get(plugin) ?? 0
}

const numbers = oncePerList((plugins: readonly PluginRoutes[]): ReadonlyMap<string, number> => {
  return new Map(withPages(plugins).map(({ plugin }, index) => [plugin, index + 1]))
})

function withPages(plugins: readonly PluginRoutes[]): readonly (PluginRoutes & { readonly errorPage: string })[] {
  return plugins.flatMap((plugin) => (plugin.errorPage === undefined ? [] : [{ ...plugin, errorPage: plugin.errorPage }]))
}

/** The same without the page of any plugin. A level with one `error_page` loses those around it, so this stands in each that has any. */
export const FACES: readonly NginxText[] = [toFace(FACED_IN_LOCATIONS)]

export const FACES_OF_SERVER: readonly NginxText[] = [toFace(FACED), nginx`error_page 494 =431 $mfserv_face;`]

function toFace(statuses: readonly number[]): NginxText {
  return nginx`error_page ${statuses.map((status) => nginx`${status}`).reduce((all, one) => nginx`${all} ${one}`)} $mfserv_face;`
}

/**
 * In a location for files, before anything answers 404: `page` is the URL of what its site shows where there is no file. It may be
 * missing itself. `leadsAway`: a URL that is no file leads to another one, and so does that of the page.
 */
export function missingPage(page: string, leadsAway: boolean): readonly NginxText[] {
  return [
    nginx`set $mfserv_own_404 ${page};`,
    ...(leadsAway ? [nginx`if ($uri = ${page}) { set $mfserv_at_404 1; }`] : []),
    nginx`error_page 404 $mfserv_missing;`,
    nginx`recursive_error_pages on;`,
  ]
}

const TO_FACE = nginx`rewrite ^ "${within(FACE)}/$mfserv_format" last;`
/** When to look whether a pause is over. */
const PAUSE_SECONDS = 5

/** The locations of one server that FACES and others lead to. `plugin`: the only one that it serves. */
export function faceLocations(routes: Routes, plugin?: string): readonly NginxText[] {
  const { server, plugins } = routes
  const numbers = plugin === undefined ? withPages(plugins).map((_plugin, index) => index + 1) : [numberOf(plugin, routes)]
  return [
    ...FORMATS.map((format) => face(format, { server, plugins })),
    block(nginx`location @mfserv_face`, [TO_FACE]),
    ...numbers
      .filter((number) => number > 0)
      .map((number) => block(nginx`location @mfserv_page_${number}`, [nginx`set $mfserv_page ${number};`, TO_FACE])),
    block(nginx`location ${bare(FACES_OF_HOLD.held)}`, [nginx`set $mfserv_retry_after $upstream_http_retry_after;`, TO_FACE]),
    block(nginx`location ${bare(FACES_OF_HOLD.paused)}`, [
      nginx`set $mfserv_retry_after ${PAUSE_SECONDS};`,
      ...unavailable('paused'),
    ]),
    failingLocation(routes),
    block(nginx`location ${bare(FACES_OF_HOLD.ended)}`, [nginx`return 502;`]),
  ]
}

function face(format: Format, { server, plugins }: Pick<Routes, 'server' | 'plugins'>): NginxText {
  return block(nginx`location = ${`${FACE}/${format}`}`, [
    nginx`internal;`,
    nginx`types { }`,
    nginx`default_type ${TYPES[format]};`,
    format === 'json' ? undefined : nginx`charset utf-8;`,
    nginx`add_header Cache-Control no-store always;`,
    nginx`add_header X-Content-Type-Options nosniff always;`,
    nginx`add_header Retry-After $mfserv_retry_after always;`,
    ...retryOfLimits(plugins),
    ...corsOfOthers(plugins),
    format === 'html' ? nginx`add_header Content-Security-Policy $mfserv_face_policy always;` : undefined,
    requestIdForClient(server),
    // The status of an error goes before that of `return`.
    nginx`return 503 ${BODIES[format]};`,
  ])
}

/** In a location: the whole of an application answers 503, also to a request that another `error_page` has led here. */
export function unavailable(reason: Reason): readonly NginxText[] {
  return [nginx`set $mfserv_reason ${bare(reason)};`, TO_FACE]
}

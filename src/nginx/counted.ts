import type { AppRoutes, PluginRoutes, Routes } from '../desired/desired.ts'
import { type Fragment, readFragment, type Statement, sets } from '../plugin/nginx-fragment.ts'
import { oncePerList } from './fragments/once.ts'
import { ownText } from './markers.ts'
import { isMounted } from './mount/mount.ts'
import { bare, type NginxText, nginx } from './quote.ts'
import { upstreamName } from './upstream.ts'

/** What a fragment sets to repeat requests in a way of its own, or so that nginx cannot send one a second time. */
const OWN_WAY = ['pass', 'next_upstream', 'next_upstream_tries', 'next_upstream_timeout', 'request_buffering'].flatMap((name) => [
  `proxy_${name}`,
  `fastcgi_${name}`,
])

/**
 * Whether somebody counts the workers that end with a request of this app: nginx tries one worker, and what that did not
 * answer goes to the hold, with the word whether it was inside. nginx itself counts tries, not ends: a worker that was not
 * there is one, and one that ended on a kept connection is none (docs/decisions/0012-a-request-that-ends-its-worker.md).
 */
export function isCounted({ kind, sockets, appFragment }: AppRoutes): boolean {
  const fragment = readFragment(appFragment ?? '')
  const isReadable = !fragment.text.includes('_by_lua_block')
  return kind !== 'files' && sockets.length > 0 && isReadable && !OWN_WAY.some((directive) => sets(fragment, directive))
}

/** The named location of the second try. Apps that need nothing of their own there share one. */
export function againName(plugin: string, app: AppRoutes): NginxText {
  const kind = app.kind === 'fastcgi' ? `fastcgi_${scriptKind(app)}` : ''
  const mounted = isMounted(app) ? 'mounted_' : ''
  const own = hasOwnAgain(app) ? upstreamName(plugin, app.app) : `${mounted}${kind}${app.timeoutSeconds}s`
  return nginx`@mfserv_again_${bare(own)}`
}

export function hasOwnAgain({ appFragment, rules }: AppRoutes): boolean {
  return appFragment !== undefined || rules !== undefined
}

/** In the location of an app: nginx gives a request to one worker alone, then it goes to the second try. */
export function firstTry(
  plugin: string,
  app: AppRoutes,
  where: 'main' | 'virtual',
  routes: Routes,
): readonly (NginxText | undefined)[] {
  if (!isCounted(app)) return []
  const pages = errorPages(app, where, routes)
  const gateway = bare(app.kind === 'fastcgi' ? 'fastcgi' : 'proxy')
  return [
    ...(app.kind === 'fastcgi' && app.front === undefined ? SCRIPT_OF_URL : []),
    nginx`${gateway}_next_upstream off;`,
    nginx`error_page 502 = ${againName(plugin, app)};`,
    // The second try may fail too, and has then the page of the plugin or a face.
    nginx`recursive_error_pages on;`,
    ...pages.map(({ text }) => ownText(text)),
  ]
}

/** What the named location, which has no directory of its own, is told of the first try. */
const SCRIPT_OF_URL = [nginx`set $mfserv_file $request_filename;`, nginx`set $mfserv_root $document_root;`]

function scriptKind({ front, index }: AppRoutes): string {
  if (front !== undefined) return 'front_'
  return index === undefined ? '' : 'index_'
}

interface Page {
  readonly words: readonly string[]
  readonly text: string
}

/** A location with one `error_page` loses those around it. Those of the fragment itself stand there already. */
export function errorPages(
  { appFragment }: Pick<AppRoutes, 'appFragment'>,
  where: 'main' | 'virtual',
  { plugins }: Routes,
): readonly Page[] {
  const own = pagesIn(appFragment)
  if (own.length > 0) return own.map(({ words }) => ({ words, text: '' }))
  const { ofServer, ofHttp } = sharedPages(plugins)
  return where === 'main' && ofServer.length > 0 ? ofServer : ofHttp
}

interface SharedPages {
  readonly ofServer: readonly Page[]
  readonly ofHttp: readonly Page[]
}

const sharedPages = oncePerList(
  (plugins: readonly PluginRoutes[]): SharedPages => ({
    ofServer: plugins.flatMap(({ serverFragment }) => pagesIn(serverFragment)),
    ofHttp: plugins.flatMap(({ httpFragment }) => pagesIn(httpFragment)),
  }),
)

function pagesIn(text: string | undefined): readonly Page[] {
  if (text === undefined) return []
  const fragment = readFragment(text)
  return fragment.statements.filter(({ words }) => words[0] === 'error_page').map((one) => pageOf(fragment, one))
}

function pageOf({ text }: Fragment, { words, start, end }: Statement): Page {
  return { words, text: text.slice(start, end) }
}

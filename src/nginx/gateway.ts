import type { AppRoutes, ServerSettings } from '../desired/desired.ts'
import { type Fragment, readFragment, sets } from './fragment.ts'
import { backendHeaders, fastcgiName, proxySetHeader, requestIdForClient } from './headers.ts'
import { bare, type NginxText, nginx } from './quote.ts'
import { upstreamName } from './upstream.ts'

/** How a location passes requests to an app. What its fragment sets itself is left to the fragment. */
export function gateway(plugin: string, app: AppRoutes, match: 'exact' | 'below', server: ServerSettings): readonly (NginxText | undefined)[] {
  const fragment = readFragment(app.appFragment ?? '')
  const own = (directive: string, text: NginxText): NginxText | undefined => (sets(fragment, directive) ? undefined : text)
  const upstream = upstreamName(plugin, app.app)
  const [read, send] = app.kind === 'fastcgi' ? ['fastcgi_read_timeout', 'fastcgi_send_timeout'] : ['proxy_read_timeout', 'proxy_send_timeout']
  return [
    ...(app.kind === 'fastcgi' ? fastcgi(app, match, upstream, server, fragment) : proxy(app, upstream, server, fragment)),
    own(read, nginx`${bare(read)} ${app.timeoutSeconds}s;`),
    own(send, nginx`${bare(send)} ${app.timeoutSeconds}s;`),
    // A location that adds headers of its own would lose this one.
    sets(fragment, 'add_header') ? requestIdForClient(server) : undefined,
  ]
}

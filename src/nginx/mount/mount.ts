import type { AppRoutes, PluginRoutes } from '../../desired/desired.ts'
import { type Fragment, sets } from '../../plugin/nginx-fragment.ts'
import type { Claim } from '../claims.ts'
import { type BackendHeader, map } from '../headers.ts'
import { type NginxText, nginx } from '../quote.ts'

/**
 * A mounted app gets the path without the prefix it is served below, and is told the prefix in this header. nginx sends it in
 * every location of such an app or leaves it out, so what a client writes never arrives. See docs/decisions/0017-mounted-apps.md.
 */
export const PREFIX_HEADER: BackendHeader = { name: 'X-Forwarded-Prefix', variable: 'mfserv_prefix' }

export function isMounted({ mounted }: AppRoutes): boolean {
  return mounted !== undefined
}

/** The prefix that is cut off in the location of a claim; undefined on virtual hosts, at extra routes and for all other apps. */
export function cutPrefix({ app, path }: Claim): string | undefined {
  const prefix = path.replace(/\/$/, '')
  return app.mounted?.includes(prefix) === true ? prefix : undefined
}

/** What stands first in the location of a claim. A request may come here from another location, by a redirect inside nginx. */
export function withPrefix(claim: Claim): NginxText | undefined {
  return isMounted(claim.app) ? nginx`set $mfserv_prefix ${cutPrefix(claim) ?? ''};` : undefined
}

/**
 * What stands last there, behind all that the fragment says about who may ask. `break` ends it, so that nothing may follow.
 * The new path counts only where `$mfserv_below` is empty.
 */
export function withoutPrefix(claim: Claim): readonly NginxText[] {
  const prefix = cutPrefix(claim)
  if (prefix === undefined) return []
  if (claim.match === 'exact') {
    // A page at `/` has this URL in the browser, or its relative links would lead out of the app.
    return [
      nginx`if ($mfserv_is_page) { return 302 $mfserv_prefix/$is_args$args; }`,
      ...ofProxy(claim, nginx`rewrite ^ / break;`),
    ]
  }
  const segments = prefix.split('/').length - 1
  return ofProxy(claim, nginx`rewrite "(?s)^(?:/[^/]+){${segments}}(/.*)$" $1 break;`)
}

/** A FastCGI program gets the path whole, and SCRIPT_NAME tells it what of it is not its own. */
function ofProxy({ app }: Claim, text: NginxText): readonly NginxText[] {
  return app.kind === 'proxy' ? [text] : []
}

/** Where the app sends a browser, and for which paths its cookies are, as the browser has to see it. */
export function correctedAnswer(app: AppRoutes, fragment: Fragment): readonly NginxText[] {
  if (!isMounted(app)) return []
  return [
    ...(sets(fragment, 'proxy_redirect') ? [] : [nginx`proxy_redirect "~^(?<mfserv_to>.*)$" $mfserv_location;`]),
    ...(sets(fragment, 'proxy_cookie_path') ? [] : [nginx`proxy_cookie_path "~^(?<mfserv_cookie>.*)$" $mfserv_cookie_path;`]),
  ]
}

/** FastCGI programs have the prefix in SCRIPT_NAME as ever. This is for what corrects their answers; no header can be it. */
export const PREFIX_PARAMS: readonly BackendHeader[] = [
  { name: 'MFSERV_PREFIX', variable: 'mfserv_prefix' },
  // A framework that believes its proxy would put it in front of SCRIPT_NAME.
  { name: 'HTTP_X_FORWARDED_PREFIX', variable: undefined },
]

/** The variables of all mounted apps; none when there is no such app. */
export function mountVariables(plugins: readonly PluginRoutes[]): readonly NginxText[] {
  const mounted = plugins.flatMap(({ apps }) => apps.filter(isMounted))
  if (mounted.length === 0) return []
  return [
    map(nginx`""`, 'mfserv_prefix', [nginx`default "";`]),
    BELOW,
    map(nginx`"$request_method $http_upgrade"`, 'mfserv_is_page', [nginx`default "";`, nginx`"~^(?:GET|HEAD) $" 1;`]),
    ...ofAnswer(mounted),
  ]
}

/**
 * The path below the prefix as the client wrote it, with its query. Empty when that cannot be cut from what it wrote, as of
 * `//blog/x` or `/blog/a/../b`: then nginx writes the path again, from what it made of it when it chose the location.
 */
const BELOW = map(nginx`"$mfserv_prefix $request_uri"`, 'mfserv_below', [
  nginx`volatile;`,
  nginx`default "";`,
  nginx`"~^(\S+) \1(?![^?]*(?:/|%2[fF])(?:\.|%2[eE]){1,2}(?:/|%2[fF]|[?#]|$))(/.*)$" "$2";`,
  nginx`"~^(\S+) \1(\?.*)?$" "/$2";`,
])

/** What has the prefix already comes from an app that reads the header, or that is told SCRIPT_NAME. */
function ofAnswer(mounted: readonly AppRoutes[]): readonly NginxText[] {
  if (mounted.every(({ kind }) => kind !== 'proxy')) return []
  return [
    // Two names an app may know itself by; the second is a client's own word, so only one that looks like a name is taken.
    map(nginx`$http_x_forwarded_host`, 'mfserv_asked_host', [nginx`default "";`, nginx`"~^[\w.:-]+$" $http_x_forwarded_host;`]),
    map(nginx`"$mfserv_prefix $mfserv_host $mfserv_asked_host > $mfserv_to"`, 'mfserv_location', [
      nginx`volatile;`,
      nginx`default $mfserv_to;`,
      nginx`"~^(\S+) [^>]*> \1(?:[/?#]|$)" $mfserv_to;`,
      nginx`"~^(\S+) [^>]*> (/(?!/).*)$" "$1$2";`,
      nginx`"~^(\S+) (?:\S+ )?(\S+) [^>]*> (?:https?:)?//\2\1(?:[/?#]|$)" $mfserv_to;`,
      nginx`"~^(\S+) (?:\S+ )?(\S+) [^>]*> ((?:https?:)?//\2)((?:[/?#].*)?)$" "$3$1$4";`,
    ]),
    map(nginx`"$mfserv_prefix $mfserv_cookie"`, 'mfserv_cookie_path', [
      nginx`volatile;`,
      nginx`default $mfserv_cookie;`,
      nginx`"~^(\S+) \1(?:/|$)" $mfserv_cookie;`,
      nginx`"~^(\S+) /$" "$1";`,
      nginx`"~^(\S+) (/.*)$" "$1$2";`,
    ]),
  ]
}

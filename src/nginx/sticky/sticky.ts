import type { AppRoutes, PluginRoutes } from '../../desired/desired.ts'
import type { Claim } from '../claims.ts'
import { freshLooks } from '../files/open-files.ts'
import { map } from '../headers.ts'
import { anyOf, bare, block, literal, type NginxText, nginx, within } from '../quote.ts'
import { upstreamName } from '../upstream.ts'

export function isSticky({ kind, sticky, sockets }: AppRoutes): boolean {
  return kind === 'proxy' && sticky !== undefined && sockets.length > 0
}

/** Where a location of a sticky app sends a request, behind `http://`. */
export const STICKY_BACKEND = nginx`$mfserv_backend`

/**
 * The rules of a location that choose the worker: the one that the cookie names while it takes requests, linked or not; else
 * the present one of a slot, which a new cookie names. A worker is named by the slot and its generation there. Where none is
 * known the request goes to whichever there is, and waits while there is none, as without a cookie.
 */
export function stickyRules({ plugin, app, path }: Claim): readonly NginxText[] {
  if (!isSticky(app)) return []
  const base = within(app.sticky ?? '')
  const cookie = `mfserv.${plugin}.${app.app}`
  const slots = anyOf(app.sockets.map((_socket, index) => bare(String(index + 1))))
  const mark = nginx`"${base}.$mfserv_slot.g$mfserv_generation.linked"`
  return [
    ...freshLooks(app.appFragment),
    nginx`set $mfserv_slot "";`,
    nginx`set $mfserv_generation "";`,
    nginx`if ($http_cookie ~ "(?:^|; ?)${literal(cookie)}=(?<mfserv_slot>${slots})\.(?<mfserv_generation>[0-9]{1,9})(?:;|\z)") { }`,
    nginx`set $mfserv_stays "";`,
    nginx`if (-f ${mark}) { set $mfserv_stays old; }`,
    nginx`if ($mfserv_slot = "") { set $mfserv_slot $${bare(chanceName(app))}; }`,
    nginx`root "${base}.$mfserv_slot.sock";`,
    nginx`set $mfserv_socket "";`,
    nginx`if ($mfserv_stays = "") { set $mfserv_socket $realpath_root; }`,
    nginx`if ($mfserv_socket ~ "\.g(?<mfserv_generation>[0-9]+)\.sock\z") { set $mfserv_stays new; }`,
    nginx`if (!-f ${mark}) { set $mfserv_stays ""; }`,
    nginx`set $mfserv_backend ${upstreamName(plugin, app.app)};`,
    nginx`if ($mfserv_stays) { set $mfserv_backend "unix:${base}.$mfserv_slot.g$mfserv_generation.sock:"; }`,
    nginx`set $mfserv_cookie "";`,
    nginx`if ($mfserv_stays = new) { set $mfserv_cookie "${within(`${cookie}`)}=$mfserv_slot.$mfserv_generation; Path=${within(cookiePath(path))}; HttpOnly; SameSite=Lax$mfserv_secure"; }`,
    nginx`add_header Set-Cookie $mfserv_cookie always;`,
  ]
}

/** What the rules read. */
export function stickyVariables(plugins: readonly PluginRoutes[]): readonly NginxText[] {
  const apps = plugins.flatMap((plugin) => plugin.apps.filter(isSticky))
  if (apps.length === 0) return []
  const counts = [...new Set(apps.map(({ sockets }) => sockets.length))]
  return [
    map(nginx`$mfserv_forwarded_proto`, 'mfserv_secure', [nginx`default "";`, nginx`https "; Secure";`]),
    ...counts.map(chance),
  ]
}

function chanceName({ sockets }: AppRoutes): string {
  return `mfserv_slot_of_${sockets.length}`
}

/** One of so many slots, each as often. */
function chance(count: number): NginxText {
  const share = Math.floor(10_000 / count) / 100
  const slots = Array.from({ length: count - 1 }, (_, index) => nginx`${bare(share.toFixed(2))}% ${index + 1};`)
  return block(nginx`split_clients $request_id $mfserv_slot_of_${count}`, [...slots, nginx`* ${count};`])
}

function cookiePath(path: string): string {
  return path === '/' ? path : path.replace(/\/$/, '')
}

import type { ServerSettings } from '../desired/desired.ts'
import { map } from './headers.ts'
import { block, type NginxText, nginx } from './quote.ts'

/**
 * `$mfserv_may_debug` is 1 for a client on this machine or in an allowed network, and empty for everybody else. Behind a
 * proxy on this machine every client seems to be here, so a request that names a proxy counts only when `real_ip` has found
 * out who asked.
 */
export function debugVariables({ debugAllow, realIp }: ServerSettings): readonly NginxText[] {
  const allowed = debugAllow.map((address) => nginx`${address} 1;`)
  // Addresses have neither a blank nor a bar in them, and what a client can write comes last.
  const asked = realIp === undefined ? nginx`` : nginx`$realip_remote_addr $remote_addr`
  const proxies = nginx`$http_x_forwarded_for$http_forwarded$http_x_real_ip$http_via`
  const ofRealIp = realIp === undefined ? [] : [nginx`"~^1\|(\S+) (?!\1\|)" 1;`]
  return [
    block(nginx`geo $mfserv_debug_network`, [nginx`default 0;`, nginx`127.0.0.0/8 1;`, nginx`::1 1;`, ...allowed]),
    map(nginx`"$mfserv_debug_network|${asked}|${proxies}"`, 'mfserv_may_debug', [
      nginx`default "";`,
      nginx`"~^1\|[^|]*\|$" 1;`,
      ...ofRealIp,
    ]),
  ]
}

import type { ServerSettings } from '../desired/desired.ts'
import { map } from './headers.ts'
import { block, type NginxText, nginx } from './quote.ts'

/**
 * `$mfserv_is_loopback` is 1 when the client's address is one of this machine, and `$mfserv_is_here` only when that is no
 * claim: everybody whom `real_ip` believes can write such an address into the header.
 */
export function thisMachine(server: ServerSettings): readonly NginxText[] {
  return [
    block(nginx`geo $mfserv_is_loopback`, [nginx`default 0;`, nginx`127.0.0.0/8 1;`, nginx`::1 1;`]),
    map(nginx`"$mfserv_is_loopback|${asked(server)}"`, 'mfserv_is_here', [
      nginx`default 0;`,
      nginx`"~^1\|${askedItself(server)}$" 1;`,
    ]),
  ]
}

/** In the source of a map: what a proxy says about whom it asks for. Empty when nobody says that there is one. */
export const proxies = nginx`$http_x_forwarded_for$http_forwarded$http_x_real_ip$http_via`

/** In the source of a map: who connected and who is said to have asked. Addresses have neither a blank nor a bar in them. */
export function asked({ realIp }: ServerSettings): NginxText {
  return realIp === undefined ? nginx`` : nginx`$realip_remote_addr $remote_addr`
}

/** The pattern for `asked` when both are the same. It must be the first group of its expression. */
export function askedItself({ realIp }: ServerSettings): NginxText {
  return realIp === undefined ? nginx`` : nginx`(\S+) \1`
}

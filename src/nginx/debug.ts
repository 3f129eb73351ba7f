import type { Routes } from '../desired/desired.ts'
import { map } from './headers.ts'
import { bare, block, type NginxText, nginx } from './quote.ts'
import { asked, askedItself, proxies } from './this-machine.ts'

/**
 * `$mfserv_may_debug` is 1 for a client on this machine or in an allowed network, and empty for everybody else. Behind a
 * proxy on this machine every client seems to be here, so a request that names a proxy counts only when `real_ip` has found
 * out who asked; and that is never this machine, because the header may be the client's own.
 * Where no app is in debug nobody asks, and nothing is looked up for each request.
 */
export function debugVariables({ server, plugins }: Routes): readonly NginxText[] {
  if (!plugins.some(({ apps }) => apps.some(({ debug }) => debug === true))) {
    return [map(nginx`""`, 'mfserv_may_debug', [nginx`default "";`])]
  }
  const allowed = server.debugAllow.map((address) => nginx`${address} 1;`)
  // Without real_ip nothing stands between the bars, and three words are found faster than an expression.
  const wordings =
    server.realIp === undefined
      ? ['10', '11', '01'].map((who) => nginx`"${bare(who)}||" 1;`)
      : [nginx`"~^(?:1.|01)\|${askedItself(server)}\|$" 1;`, nginx`"~^01\|(\S+) (?!\1\|)" 1;`]
  return [
    block(nginx`geo $mfserv_debug_network`, [nginx`default 0;`, ...allowed]),
    // What a client can write comes last.
    map(nginx`"$mfserv_is_loopback$mfserv_debug_network|${asked(server)}|${proxies}"`, 'mfserv_may_debug', [
      nginx`default "";`,
      ...wordings,
    ]),
  ]
}

import type { AppRoutes, PluginRoutes } from '../../desired/desired.ts'
import type { Rate } from '../../plugin/front/rules.ts'
import { type Fragment, sets } from '../../plugin/nginx-fragment.ts'
import { map } from '../headers.ts'
import { bare, type NginxText, nginx } from '../quote.ts'

// A client takes 64 to 128 bytes. Where there are more than fit, the one that has been silent the longest is forgotten; of
// connections there are never so many. Pages that are not used cost nothing.
const RATE_ZONE = nginx`8m`
const CONNECTION_ZONE = nginx`2m`
/** One number for an app; the smallest that nginx takes. */
const REQUEST_ZONE = nginx`64k`

export function isLimited({ rules }: AppRoutes): boolean {
  return rules?.rate !== undefined || rules?.connections !== undefined || rules?.requests !== undefined
}

/** Of the http block: who a client is, and how long one has to wait that asked too often. */
export function limitVariables(plugins: readonly PluginRoutes[]): readonly NginxText[] {
  if (!plugins.some(({ apps }) => apps.some(isLimited))) return []
  return [
    // Who has one IPv6 address has a whole network of them. An IPv4 address may be written as one of these.
    map(nginx`$binary_remote_addr`, 'mfserv_client', [
      nginx`default $binary_remote_addr;`,
      nginx`"~(?s)^(?!\x00{10}\xff\xff)(?<mfserv_client_network>.{8}).{8}\z" $mfserv_client_network;`,
    ]),
    map(nginx`"$limit_req_status $limit_conn_status"`, 'mfserv_limited', [
      nginx`volatile;`,
      nginx`default "";`,
      nginx`"~(?:^| )REJECTED(?: |$)" $mfserv_limited_seconds;`,
    ]),
  ]
}

/** Of the http block: what is counted of each client of an app. */
export function limitZones(plugin: string, { app, rules }: AppRoutes): readonly (NginxText | undefined)[] {
  const { rate, connections, requests } = rules ?? {}
  return [
    rate && nginx`limit_req_zone $mfserv_client zone=${zone('rate', plugin, app)}:${RATE_ZONE} rate=${speed(rate)};`,
    connections === undefined
      ? undefined
      : nginx`limit_conn_zone $mfserv_client zone=${zone('connections', plugin, app)}:${CONNECTION_ZONE};`,
    // What all requests have in common; a key that is empty would not be counted.
    requests === undefined ? undefined : nginx`limit_conn_zone 1 zone=${zone('requests', plugin, app)}:${REQUEST_ZONE};`,
  ]
}

/** Of a location. All locations of an app count together. */
export function limitRules(plugin: string, app: AppRoutes, fragment: Fragment): readonly (NginxText | undefined)[] {
  const { rate, connections, requests } = app.rules ?? {}
  if (!isLimited(app)) return []
  return [
    nginx`set $mfserv_limited_seconds ${secondsToWait(rate)};`,
    rate && nginx`limit_req zone=${zone('rate', plugin, app.app)} burst=${rate.burst} nodelay;`,
    connections === undefined ? undefined : nginx`limit_conn ${zone('connections', plugin, app.app)} ${connections};`,
    requests === undefined ? undefined : nginx`limit_conn ${zone('requests', plugin, app.app)} ${requests};`,
    sets(fragment, 'limit_req_status') ? undefined : nginx`limit_req_status 429;`,
    sets(fragment, 'limit_conn_status') ? undefined : nginx`limit_conn_status ${requests === undefined ? 429 : 503};`,
    RETRY_AFTER,
  ]
}

/** Of a location that answers in place of that one. */
export function retryOfLimits(plugins: readonly PluginRoutes[]): readonly NginxText[] {
  return plugins.some(({ apps }) => apps.some(isLimited)) ? [RETRY_AFTER] : []
}

/** Empty, and not sent, unless a limit was met. */
const RETRY_AFTER = nginx`add_header Retry-After $mfserv_limited always;`

function zone(what: string, plugin: string, app: string): NginxText {
  return bare(`${what}.${plugin}.${app}`)
}

function speed({ requests, per }: Rate): NginxText {
  return per === 'second' ? nginx`${requests}r/s` : nginx`${requests}r/m`
}

/** Until the next request is answered. */
function secondsToWait(rate: Rate | undefined): number {
  return rate?.per === 'minute' ? Math.ceil(60 / rate.requests) : 1
}

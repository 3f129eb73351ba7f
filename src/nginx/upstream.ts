import type { AppRoutes } from '../desired/desired.ts'
import { block, type NginxText, nginx } from './quote.ts'

// Measured on nginx 1.22 with the longest socket paths: 24 kB and 0.9 kB for each server. Pages that are not used cost nothing.
const ZONE_KB = 64
const ZONE_KB_PER_SERVER = 2

/** The slots of an app, and behind them the socket where requests wait while no slot answers. */
export function upstream(plugin: string, app: AppRoutes): NginxText {
  const zoneSize = `${ZONE_KB + ZONE_KB_PER_SERVER * (app.sockets.length + 1)}k`
  const slots = app.sockets.map((socket) => nginx`server ${`unix:${socket}`} max_fails=0;`)
  // nginx refuses an upstream that has only backup servers.
  const hold = `unix:${app.holdSocket}`
  return block(nginx`upstream ${upstreamName(plugin, app.app)}`, [
    nginx`zone ${upstreamName(plugin, app.app)} ${zoneSize};`,
    slots.length > 1 ? nginx`least_conn;` : undefined,
    ...slots,
    slots.length > 0 ? nginx`server ${hold} backup max_fails=0;` : nginx`server ${hold} max_fails=0;`,
    ...(app.keepAlive ? boundedKeepAlive() : []),
  ])
}

/**
 * Names of plugins and apps have no dot. nginx compares upstream names without regard to case, so a capital letter is
 * marked: `Blog` and `blog` are two plugins.
 */
export function upstreamName(plugin: string, app: string): string {
  return [plugin, app].map((name) => name.replace(/[A-Z]/g, (letter) => `+${letter.toLowerCase()}`)).join('.')
}

/** Bounded in age, or the old socket of a replaced worker would never become empty while traffic goes on. */
function boundedKeepAlive(): readonly NginxText[] {
  return [nginx`keepalive 32;`, nginx`keepalive_time 1s;`, nginx`keepalive_timeout 1s;`]
}

import type { AppRoutes, PluginRoutes, Routes } from '../desired/desired.ts'
import { readFragment, type Statement, sets } from '../plugin/nginx-fragment.ts'
import { againName, hasOwnAgain, isCounted } from './counted.ts'
import { facesIn, type Where } from './faces/levels.ts'
import { again } from './gateway.ts'
import { map, requestIdForClient } from './headers.ts'
import { ofPlugin, ownText } from './markers.ts'
import { addsHeaders, rulesAgain } from './protect/rules.ts'
import { bare, block, type NginxText, nginx, textOf } from './quote.ts'
import { upstreamName } from './upstream.ts'

/** The hold, and the slots behind it: a daemon that is gone must not keep a request from the workers that are there. */
export function againUpstream(plugin: string, app: AppRoutes): NginxText | undefined {
  if (!isCounted(app)) return undefined
  const name = upstreamName(plugin, app.app)
  return block(nginx`upstream again.${bare(name)}`, [
    nginx`server ${`unix:${app.holdSocket}`} max_fails=0;`,
    ...app.sockets.map((socket) => nginx`server ${`unix:${socket}`} backup max_fails=0;`),
  ])
}

/** What the second try is told of the first, worked out only for a request that comes to it. */
export function againVariables({ plugins }: Routes): readonly NginxText[] {
  const marked = plugins.flatMap(({ plugin, apps }) =>
    apps
      .filter((app) => isCounted(app) && upstreamName(plugin, app.app) !== `${plugin}.${app.app}`)
      .map((app) => ({ plugin, app })),
  )
  return [
    map(nginx`$mfserv_plugin.$mfserv_app`, 'mfserv_upstream', [
      nginx`default "$mfserv_plugin.$mfserv_app";`,
      ...marked.map(({ plugin, app }) => {
        return nginx`"~^${bare(plugin)}\.${bare(app.app)}$" "${bare(upstreamName(plugin, app.app))}";`
      }),
    ]),
    // Where to: nowhere when the worker had begun an answer, or had a request that must not run twice.
    map(nginx`"$upstream_connect_time|$upstream_bytes_received|$request_method"`, 'mfserv_again', [
      nginx`volatile;`,
      nginx`default "";`,
      nginx`"~^-" "again.$mfserv_upstream";`,
      nginx`"~^[0-9.]+\|0\|(?!(?:POST|LOCK|PATCH)$)" "again.$mfserv_upstream";`,
    ]),
    // 0: no worker took it; 1 and the seconds it was inside one: that one ended. Empty at the first try. nginx has the locations
    // that an answer of mfserv itself may lead to. ` page`: a developer can be shown one.
    map(nginx`$upstream_connect_time`, 'mfserv_tried', [
      nginx`volatile;`,
      nginx`default "1 $upstream_response_time faced$mfserv_developers_page";`,
      nginx`"-" "0 faced$mfserv_developers_page";`,
      nginx`"" "";`,
    ]),
  ]
}

/** The named locations of one server: one for each app with a fragment, one for all others that have the same in it. */
export function againLocations(apps: readonly AppOfPlugin[], where: Where, routes: Routes): readonly (NginxText | undefined)[] {
  const counted = apps.filter(({ app }) => isCounted(app))
  const own = counted.filter(({ app }) => hasOwnAgain(app))
  const shared = counted.filter(({ app }) => !hasOwnAgain(app))
  const once = new Map(shared.map((one) => [textOf(againName(one.plugin, one.app)), one]))
  return [
    ...[...once.values()].map((one) => againLocation(one, where, routes)),
    ...own.map((one) => ofPlugin(one.plugin, [againLocation(one, where, routes)])),
  ]
}

export interface AppOfPlugin {
  readonly plugin: string
  readonly app: AppRoutes
}

export function appsOf({ plugin, apps }: PluginRoutes): readonly AppOfPlugin[] {
  return apps.map((app) => ({ plugin, app }))
}

function againLocation({ plugin, app }: AppOfPlugin, where: Where, routes: Routes): NginxText {
  const { server } = routes
  const fragment = readFragment(app.appFragment ?? '')
  const carried = fragment.statements.filter(isOfAnswer).map(({ start, end }) => ownText(fragment.text.slice(start, end)))
  return block(nginx`location ${againName(plugin, app)}`, [
    nginx`if ($mfserv_again = "") { return 502; }`,
    ...again(app, server),
    ...rulesAgain(plugin, app, fragment),
    sets(fragment, 'add_header') || addsHeaders(app) ? requestIdForClient(server) : undefined,
    ...carried,
    ...facesIn({ plugin, app }, sets(fragment, 'error_page'), where, routes),
  ])
}

const OF_ANSWER =
  /^(?:(?:proxy|fastcgi)_(?!pass$|cache|store|next_upstream)|(?:add_header|expires|charset|error_page|etag|if_modified_since|default_type|types|send_timeout|chunked_transfer_encoding|postpone_output)$|gzip|gunzip|brotli|sub_filter|limit_rate|more_)/

/** What a fragment says about the way to the app and about its answer; who may ask, and for what URL, has been decided. */
function isOfAnswer({ words: [name = ''] }: Statement): boolean {
  return OF_ANSWER.test(name)
}

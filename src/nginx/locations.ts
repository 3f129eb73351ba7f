import type { AppRoutes, ServerSettings } from '../desired/desired.ts'
import type { Claim } from './claims.ts'
import { readFragment, sets, withoutLocations } from './fragment.ts'
import { gateway } from './gateway.ts'
import { requestIdForClient } from './headers.ts'
import { ownText } from './markers.ts'
import { block, lines, type NginxText, nginx } from './quote.ts'

/** The location for a claim in the main server. */
export function location(claim: Claim, server: ServerSettings): NginxText {
  const { plugin, app, match, path } = claim
  if (claim.serves === 'static') return staticLocation(plugin, app, path, server)
  const place = match === 'exact' ? nginx`location = ${path}` : nginx`location ${path}`
  return app.kind === 'files' ? files(place, claim, server) : requests(place, claim, server)
}

/** Static files of a dynamic app. Chosen before any regular expression that a plugin brings along. */
export function staticLocation(plugin: string, app: AppRoutes, path: string, server: ServerSettings): NginxText {
  const fragment = readFragment(app.staticFragment ?? '')
  return block(nginx`location ^~ ${path}`, [
    belongsTo(plugin, app),
    nginx`alias ${`${withoutSlash(app.static?.directory ?? app.directory)}/`};`,
    ...fileRules(server, fragment.text),
    ownText(fragment.text),
  ])
}

function files(place: NginxText, { plugin, app, match }: Claim, server: ServerSettings): NginxText {
  const fragments = [app.appFragment, app.staticFragment].filter((text) => text !== undefined)
  const directory = withoutSlash(app.directory)
  return block(place, [
    belongsTo(plugin, app),
    // Without its slash the directory is answered by a redirect to the URL with one.
    match === 'exact' ? nginx`alias ${directory};` : nginx`alias ${`${directory}/`};`,
    ...fileRules(server, fragments.join('\n')),
    ...fragments.map((text) => fragmentIn(text, match)),
  ])
}

function requests(place: NginxText, { plugin, app, match }: Claim, server: ServerSettings): NginxText {
  return block(place, [
    belongsTo(plugin, app),
    ...gateway(plugin, app, match, server),
    app.appFragment === undefined ? undefined : fragmentIn(app.appFragment, match),
  ])
}

/** nginx allows no nested location in an exact one. */
function fragmentIn(text: string, match: Claim['match']): NginxText | undefined {
  return ownText(match === 'exact' ? withoutLocations(readFragment(text)) : text)
}

function belongsTo(plugin: string, app: AppRoutes): NginxText {
  return lines([nginx`set $mfserv_plugin ${plugin};`, nginx`set $mfserv_app ${app.app};`])
}

/** What a fragment sets itself is left to it: nginx refuses most directives that stand twice. */
function fileRules(server: ServerSettings, fragmentText: string): readonly (NginxText | undefined)[] {
  const fragment = readFragment(fragmentText)
  const cachesItself = sets(fragment, 'expires') || sets(fragment, 'add_header', 'Cache-Control')
  return [
    nginx`if ($mfserv_hidden_file) { return 404; }`,
    sets(fragment, 'charset') ? undefined : nginx`charset utf-8;`,
    // A browser asks each time whether its copy is still good, so an edited file is seen at once.
    cachesItself ? undefined : nginx`add_header Cache-Control no-cache;`,
    requestIdForClient(server),
  ]
}

export function withoutSlash(directory: string): string {
  return directory.replace(/\/+$/, '')
}

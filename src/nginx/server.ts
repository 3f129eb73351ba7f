import type { AppRoutes, Routes } from '../desired/desired.ts'
import { againLocations, appsOf } from './again.ts'
import { asideLocations } from './aside/aside.ts'
import { type Claim, claimLocations, staticPath } from './claims.ts'
import { faceLocations } from './faces/faces.ts'
import { facesOfServer } from './faces/levels.ts'
import { listeners, listens } from './listen/listen.ts'
import { filesBesideScripts, location, staticLocation } from './locations.ts'
import type { NginxMachine } from './machine.ts'
import { ofPlugin, ownText } from './markers.ts'
import { headerSize } from './protect/rules.ts'
import { block, type NginxText, nginx, quotedWords } from './quote.ts'
import { reservedPaths, specialLocations, unclaimed } from './special.ts'
import { challengeLocation, redirect } from './tls/redirect.ts'
import { certificateOf, certificateOfRest } from './tls/tls.ts'

/** The server for every Host that is not a virtual host. Undefined when both ports are off. */
export function mainServer(routes: Routes, machine: NginxMachine): NginxText | undefined {
  const { server, plugins } = routes
  if (!listens(server)) return undefined
  const claims = claimLocations(plugins, reservedPaths(server))
  const ofPlugins = Map.groupBy(claims, ({ plugin }) => plugin)
  const isClaimed = claims.some(({ path }) => path === '/')
  return block(nginx`server`, [
    ...listeners(server, machine, 'default'),
    nginx`server_name 127.0.0.1;`,
    ...certificateOfRest(routes),
    redirect(server),
    challengeLocation(routes),
    ...plugins.map(({ plugin, serverFragment }) => ofPlugin(plugin, [ownText(serverFragment)])),
    ...facesOfServer('main', routes),
    ...specialLocations(routes, machine),
    ...faceLocations(routes),
    isClaimed ? undefined : unclaimed(server),
    ...plugins.map(({ plugin, apps }) =>
      ofPlugin(plugin, [
        ...(ofPlugins.get(plugin) ?? []).map((claim) => location(claim, 'main', routes)),
        ...apps.map((app) => filesBesideScripts({ plugin, app }, routes)),
      ]),
    ),
    // Last: what nginx refuses of a fragment it names where the fragment stands.
    ...againLocations(plugins.flatMap(appsOf), 'main', routes),
  ])
}

/** One server for each app with names of its own. A name that two apps want goes to the first. */
export function virtualServers(routes: Routes, machine: NginxMachine): readonly (NginxText | undefined)[] {
  const { server, plugins } = routes
  if (!listens(server)) return []
  const taken = new Set<string>()
  return plugins.map(({ plugin, apps }) => {
    const servers = apps.map((app) => {
      const hosts = [...new Set(app.hosts.map((host) => host.toLowerCase()))].filter((host) => !taken.has(host))
      for (const host of hosts) taken.add(host)
      return hosts.length === 0 ? undefined : virtualServer({ plugin, app }, hosts, routes, machine)
    })
    return ofPlugin(plugin, servers)
  })
}

function virtualServer(
  { plugin, app }: { readonly plugin: string; readonly app: AppRoutes },
  hosts: readonly string[],
  routes: Routes,
  machine: NginxMachine,
): NginxText {
  const everything: Claim = { plugin, app, match: 'below', path: '/', serves: 'app' }
  const hasStatic = app.kind !== 'files' && app.static !== undefined
  return block(nginx`server`, [
    ...listeners(routes.server, machine, 'named'),
    nginx`server_name ${quotedWords(hosts)};`,
    headerSize(app),
    ...certificateOf(hosts, routes.server),
    redirect(routes.server),
    challengeLocation(routes),
    ...facesOfServer('virtual', routes),
    ...faceLocations(routes, plugin),
    ...asideLocations(routes),
    location(everything, 'virtual', routes),
    filesBesideScripts({ plugin, app }, routes),
    ...againLocations([{ plugin, app }], 'virtual', routes),
    hasStatic ? staticLocation({ plugin, app }, app.static.directory, staticPath('', app.static.urlPrefix), routes) : undefined,
  ])
}

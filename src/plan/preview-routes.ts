import { hostKey, MFSERV } from '../desired/claims/claims.ts'
import { wantedHosts, wantedPrefixes } from '../desired/claims/wanted.ts'
import type { DesiredState, PluginRoutes } from '../desired/desired.ts'

export interface RoutesPreview {
  readonly added: readonly RouteOf[]
  readonly removed: readonly RouteOf[]
  /** What the plugin claims and would not get. */
  readonly conflicts: readonly (RouteOf & { readonly owner: string })[]
  /** What other plugins would lose. */
  readonly taken: readonly LostRoute[]
  /** What other plugins would get. */
  readonly given: readonly LostRoute[]
}

/** A prefix such as `/blog`, or `http://host` for a virtual host. */
export interface RouteOf {
  readonly app: string
  readonly route: string
}

export interface LostRoute extends RouteOf {
  readonly plugin: string
}

export function routesPreview(name: string, before: DesiredState, after: DesiredState): RoutesPreview {
  const old = before.routes.plugins.flatMap(routesIn)
  const next = after.routes.plugins.flatMap(routesIn)
  const lost = lacking(old, next)
  const won = lacking(next, old)
  const own = (routes: readonly LostRoute[]): readonly RouteOf[] =>
    routes.filter(({ plugin }) => plugin === name).map(({ app, route }) => ({ app, route }))
  return {
    added: own(won),
    removed: own(lost),
    conflicts: conflictsOf(name, after),
    taken: lost.filter(({ plugin }) => plugin !== name),
    given: won.filter(({ plugin }) => plugin !== name),
  }
}

function routesIn({ plugin, apps }: PluginRoutes): readonly LostRoute[] {
  return apps.flatMap(({ app, prefixes, hosts }) =>
    [...prefixes, ...hosts.map((host) => `http://${host}`)].map((route) => ({ plugin, app, route })),
  )
}

function lacking(routes: readonly LostRoute[], others: readonly LostRoute[]): readonly LostRoute[] {
  const known = new Set(others.map((one) => JSON.stringify(one)))
  return routes.filter((one) => !known.has(JSON.stringify(one)))
}

function conflictsOf(name: string, { plugins, routes }: DesiredState): RoutesPreview['conflicts'] {
  const owners = new Map(
    routes.plugins.flatMap(routesIn).map(({ plugin, app, route }) => [hostKey(route), `${plugin}/${app}`] as const),
  )
  const claims = plugins
    .filter(({ plugin }) => plugin.name === name)
    .flatMap(({ plugin }) =>
      plugin.apps.flatMap((app) => {
        const { own, extra } = wantedPrefixes(plugin, app)
        const hosts = wantedHosts(plugin, app, []).extra.map((host) => `http://${host}`)
        return [...own, ...extra, ...hosts].map((route) => ({ app: app.name, route }))
      }),
    )
  return claims
    .map((claim) => ({ ...claim, owner: owners.get(hostKey(claim.route)) ?? MFSERV }))
    .filter(({ app, owner }) => owner !== `${name}/${app}`)
}

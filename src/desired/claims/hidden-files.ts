import type { App } from '../../plugin/plugin.ts'
import { Problem } from '../../problem.ts'
import type { AppRoutes, PluginRoutes } from '../desired.ts'
import type { ClaimedApp } from './claims.ts'

/** Static files that no URL leads to, because an app has their prefix, or other files have it that come first. */
export function hiddenFiles(routes: readonly PluginRoutes[], claimed: readonly (readonly ClaimedApp[])[]): readonly Problem[] {
  const all = routes.flatMap(({ plugin, apps }, at) =>
    apps.flatMap((app, index) => {
      const claims = claimed[at]?.[index]
      return claims === undefined ? [] : [{ name: `${plugin}/${app.app}`, app: claims.app, own: claims.ownPrefixes, routes: app }]
    }),
  )
  const owners = new Map(all.flatMap((one) => one.routes.prefixes.map((prefix) => [prefix, one.name] as const)))
  const places = all.flatMap((one) =>
    basesOf(one.routes).map(([prefix, base]) => ({ ...one, base, isOwn: one.own.includes(prefix) })),
  )
  return [...places.filter(({ isOwn }) => isOwn), ...places.filter(({ isOwn }) => !isOwn)].flatMap(({ name, app, base }) => {
    const owner = owners.get(base)
    if (owner === undefined) owners.set(base, name)
    // Two prefixes of an app may lead to the same of its files.
    return owner === undefined || owner === name ? [] : [hidden(app, base, owner)]
  })
}

function basesOf({ prefixes, static: files }: AppRoutes): readonly (readonly [prefix: string, base: string])[] {
  if (files === undefined) return []
  return prefixes.map((prefix) => [prefix, `${prefix === '/' ? '' : prefix}${files.urlPrefix}`])
}

function hidden(app: App, base: string, owner: string): Problem {
  return new Problem(
    'ROUTE_CONFLICT',
    `the static files of app ${app.name} at "${base}" are hidden: that belongs to ${owner}; the rest of the plugin is served`,
    'Choose another static_url_prefix, or another name for the app that hides them.',
    app.where,
  )
}

import type { AppRoutes, PluginRoutes } from '../desired/desired.ts'

/**
 * One location of the main server. `exact` is the URL of an app without its last slash, `below` is everything under it.
 * Never a regular expression: nginx tries those one by one.
 */
export interface Claim {
  readonly plugin: string
  readonly app: AppRoutes
  readonly match: 'exact' | 'below'
  /** Ends in a slash exactly when `match` is `below`. */
  readonly path: string
  readonly serves: 'app' | 'static'
}

export type ReservedPath = Pick<Claim, 'match' | 'path'>

/**
 * Which app gets which location; no two claims are equal. Where two want the same one, mfserv's own come first, then the
 * own prefixes of apps, then their other prefixes, then static files, each in the order of the plugins.
 */
export function claimLocations(plugins: readonly PluginRoutes[], reserved: readonly ReservedPath[]): readonly Claim[] {
  const apps = plugins.flatMap((plugin) => plugin.apps.map((app) => ({ plugin: plugin.plugin, app })))
  const taken = new Set(reserved.map(keyOf))
  const take = (claims: readonly Claim[]): readonly Claim[] => {
    return claims.filter((claim) => {
      const isFree = !taken.has(keyOf(claim))
      taken.add(keyOf(claim))
      return isFree
    })
  }
  const own = take(
    apps.flatMap(({ plugin, app }) => app.prefixes.slice(0, 1).flatMap((prefix) => appClaims(plugin, app, prefix))),
  )
  const others = take(
    apps.flatMap(({ plugin, app }) => app.prefixes.slice(1).flatMap((prefix) => appClaims(plugin, app, prefix))),
  )
  const won = [...own, ...others]
  return [...won, ...take(won.flatMap(staticClaims))]
}

/** The URL under which the static files of an app are found, below `prefix` (empty for a virtual host). Ends in a slash. */
export function staticPath(prefix: string, urlPrefix: string): string {
  return `${withoutSlash(prefix)}/${urlPrefix}/`.replace(/\/{2,}/g, '/')
}

function appClaims(plugin: string, app: AppRoutes, prefix: string): readonly Claim[] {
  const path = withoutSlash(prefix)
  const below: Claim = { plugin, app, match: 'below', path: `${path}/`, serves: 'app' }
  return path === '' ? [below] : [{ plugin, app, match: 'exact', path, serves: 'app' }, below]
}

function staticClaims({ plugin, app, match, path }: Claim): readonly Claim[] {
  if (match === 'exact' || app.kind === 'files' || app.static === undefined) return []
  return [{ plugin, app, match: 'below', path: staticPath(path, app.static.urlPrefix), serves: 'static' }]
}

function withoutSlash(prefix: string): string {
  return prefix.replace(/\/+$/, '')
}

function keyOf({ match, path }: ReservedPath): string {
  return `${match} ${path}`
}

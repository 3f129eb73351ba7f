import { isOwnPath } from '../../config/own-paths.ts'
import type { App, Plugin } from '../../plugin/plugin.ts'
import { Problem } from '../../problem.ts'
import { isServed, type Wanted, wantedHosts, wantedPrefixes } from './wanted.ts'

/** What an app gets of what it wants. */
export interface ClaimedApp {
  readonly app: App
  /** Its own prefixes first. */
  readonly prefixes: readonly string[]
  readonly ownPrefixes: readonly string[]
  readonly hosts: readonly string[]
}

export interface ClaimPlaces {
  readonly hostnames: readonly string[]
  /** URLs that a setting gives to mfserv itself, besides those that are always its own. */
  readonly reserved: readonly string[]
}

/** The owner of what no plugin gets, for people. */
export const MFSERV = 'mfserv itself'
/** The name of the main server. */
const OWN_HOST = '127.0.0.1'

/**
 * Which app gets which prefix and which host name: mfserv first, then every app what is its own, then what apps name besides,
 * in the order of the plugins. A later claim is a problem of its plugin, and is left out. By the order of `plugins` alone, which is
 * that of their names, so it does not matter which was installed first.
 */
export function claimsOf(plugins: readonly Plugin[], places: ClaimPlaces) {
  const problems: Problem[] = []
  const served = plugins.map((plugin) => ({ plugin, apps: plugin.apps.filter(isServed) }))
  const ofAll = (wanted: (plugin: Plugin, app: App) => Wanted, kind: Kind): ReadonlyMap<App, Wanted> => {
    const take = claimer(kind, problems)
    const each = served.flatMap(({ plugin, apps }) => apps.map((app) => ({ plugin, app, wants: wanted(plugin, app) })))
    const own = each.map(({ plugin, app, wants }) => take(plugin, app, wants.own))
    return new Map(each.map(({ plugin, app, wants }, at) => [app, { own: own[at] ?? [], extra: take(plugin, app, wants.extra) }]))
  }
  const prefixes = ofAll(wantedPrefixes, prefixKind(places.reserved))
  const hosts = ofAll((plugin, app) => wantedHosts(plugin, app, places.hostnames), HOSTS)
  const claimed = served.map(({ apps }) => apps.map((app) => claimedBy(app, prefixes.get(app), hosts.get(app))))
  return { claimed, problems }
}

/** The same for two names of one host. */
export function hostKey(host: string): string {
  return host.toLowerCase()
}

function claimedBy(app: App, prefixes: Wanted | undefined, hosts: Wanted | undefined): ClaimedApp {
  const [own, extra] = [prefixes?.own ?? [], prefixes?.extra ?? []]
  return { app, ownPrefixes: own, prefixes: [...own, ...extra], hosts: [...(hosts?.own ?? []), ...(hosts?.extra ?? [])] }
}

interface Kind {
  readonly called: 'route' | 'host name'
  readonly key: 'prefix_based_routing_extra_routes' | 'virtualdomain_based_routing_extra_vhosts'
  readonly keyOf: (name: string) => string
  readonly isOurs: (key: string) => boolean
  readonly extrasOf: (app: App) => readonly string[]
  readonly lineOf: (app: App) => number | undefined
}

function prefixKind(reserved: readonly string[]): Kind {
  return {
    called: 'route',
    key: 'prefix_based_routing_extra_routes',
    keyOf: (prefix) => prefix,
    isOurs: (prefix) => isOwnPath(prefix) || reserved.includes(prefix),
    extrasOf: ({ routing }) => routing.extraRoutes,
    lineOf: ({ lines }) => lines?.extraRoutes,
  }
}

const HOSTS: Kind = {
  called: 'host name',
  key: 'virtualdomain_based_routing_extra_vhosts',
  keyOf: hostKey,
  isOurs: (host) => host === OWN_HOST,
  extrasOf: ({ routing }) => routing.extraVhosts,
  lineOf: ({ lines }) => lines?.extraVhosts,
}

type Take = (plugin: Plugin, app: App, names: readonly string[]) => readonly string[]

function claimer(kind: Kind, problems: Problem[]): Take {
  const owners = new Map<string, string>()
  return (plugin, app, names) =>
    names.filter((name) => {
      const key = kind.keyOf(name)
      const claimant = `${plugin.name}/${app.name}`
      const owner = kind.isOurs(key) ? MFSERV : owners.get(key)
      if (owner === undefined) owners.set(key, claimant)
      // Under two names of the machine that are one, it is the same host.
      else if (kind !== HOSTS || owner !== claimant) problems.push(conflict(kind, app, name, owner))
      return owner === undefined
    })
}

function conflict(kind: Kind, app: App, name: string, owner: string): Problem {
  const line = kind.lineOf(app)
  return new Problem(
    'ROUTE_CONFLICT',
    `the ${kind.called} "${name}" of app ${app.name} belongs to ${owner} already; the rest of the plugin is served`,
    `Choose another ${kind.called}, or remove it from ${kind.key}.`,
    kind.extrasOf(app).includes(name) && line !== undefined ? { ...app.where, line } : app.where,
  )
}

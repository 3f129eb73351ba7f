import { isOwnPath } from '../config/own-paths.ts'
import { luaFragment } from '../plugin/fragment/lua.ts'
import type { App, Fragment, Plugin } from '../plugin/plugin.ts'
import { Problem } from '../problem.ts'
import { directoryOf, inApp } from '../runtime/app-directory.ts'
import { isOnPort } from '../runtime/command.ts'
import type { Runtime } from '../runtime/contract.ts'
import { RUNTIMES } from '../runtime/runtime.ts'
import type { AppRoutes, LuaRoutes, PluginRoutes } from './desired.ts'
import type { RoutablePlugin } from './installed.ts'
import { appId, holdName, linkName, slotsOf } from './slot.ts'
import { visitorsOf } from './visitors.ts'

export interface RoutePlaces {
  readonly run: string
  readonly hostnames: readonly string[]
  /** `[nginx] timeout`, for the apps that have none of their own. */
  readonly timeoutSeconds: number
  /** URLs that a setting gives to mfserv itself, besides those that are always its own. */
  readonly reserved: readonly string[]
}

/** The owner of what no plugin gets, for people. */
const MFSERV = 'mfserv itself'

/**
 * The routes of every plugin. A prefix belongs to the first that claims it: mfserv, then each plugin's own prefixes, then
 * the extra routes in the order of the plugins; a later claim is a problem of its plugin and is left out.
 */
export function routesOf(
  plugins: readonly RoutablePlugin[],
  places: RoutePlaces,
): { readonly routes: readonly PluginRoutes[]; readonly problems: readonly Problem[] } {
  const owners = new Map<string, string>(places.reserved.map((prefix) => [prefix, MFSERV]))
  const problems: Problem[] = []
  const claim = (plugin: Plugin, app: App, prefixes: readonly string[]): readonly string[] =>
    prefixes.filter((prefix) => {
      const owner = isOwnPath(prefix) ? MFSERV : owners.get(prefix)
      if (owner === undefined) owners.set(prefix, `${plugin.name}/${app.name}`)
      else problems.push(conflict(app, prefix, owner))
      return owner === undefined
    })
  const claimed = plugins.map((one) => ({
    one,
    served: one.plugin.apps.filter(isServed).map((app) => ({ app, own: claim(one.plugin, app, ownPrefixes(one.plugin, app)) })),
  }))
  const routes = claimed.map(({ one, served }) => ({
    plugin: one.plugin.name,
    ...luaRoutes(one),
    httpFragment: one.plugin.fragments.http?.text,
    serverFragment: one.plugin.fragments.server?.text,
    ...fileOf('httpFile', one.plugin.fragments.http, one),
    ...fileOf('serverFile', one.plugin.fragments.server, one),
    apps: served.map(({ app, own }) => ({
      ...appRoutes(one, app, [...own, ...claim(one.plugin, app, extraPrefixes(app))], places),
      ...(isMounted(app) ? { mounted: own } : {}),
    })),
  }))
  return { routes, problems }
}

/** By its own home: Lua that is loaded stays loaded, so another release has to be another text for nginx. */
function luaRoutes({ plugin, fingerprint = '', servedFrom }: RoutablePlugin): { readonly lua?: LuaRoutes } {
  const fragment = luaFragment(plugin)
  if (fragment === undefined) return {}
  const own = [plugin.home, ...plugin.apps.map((app) => `${plugin.home}/${app.directory ?? app.name}`)]
  // There a file of a plugin is `require "plugin.file"`.
  const all = servedFrom === undefined ? [] : [servedFrom.slice(0, servedFrom.lastIndexOf('/'))]
  const directories = [...(plugin.addPluginDirToLuaPath === false ? [] : own), ...all]
  const version = `${plugin.home} ${fingerprint}`
  return { lua: { file: fragment.file, init: plugin.fragments.initWorker, directories, version } }
}

/** Seconds one request of an app may take. */
export function timeoutOf(app: App, moduleTimeout: number): number {
  return app.timeout > 0 ? app.timeout : moduleTimeout
}

/** By the path that nginx reads its other files by, so that another release with the same fragment is the same routes. */
function fileOf<K extends string>(
  key: K,
  fragment: Fragment | undefined,
  { plugin, servedFrom = plugin.home }: RoutablePlugin,
): Partial<Record<K, string>> {
  if (fragment === undefined) return {}
  const file = `${servedFrom}${fragment.file.slice(plugin.home.length)}`
  return { [key]: file } as Partial<Record<K, string>>
}

function appRoutes(installed: RoutablePlugin, app: App, prefixes: readonly string[], places: RoutePlaces): AppRoutes {
  const { plugin, directories, servedFrom: root = plugin.home } = installed
  const id = appId(plugin.name, app.name)
  const runtime: Runtime = RUNTIMES[app.type]
  const { static: files } = app.routing
  const visitors = visitorsOf(plugin, app)
  const serves = runtime.serves === 'files' ? 'files' : app.gateway
  return {
    app: app.name,
    kind: serves,
    ...(runtime.index === undefined ? {} : { index: runtime.index }),
    prefixes,
    hosts: hostsOf(plugin, app, places.hostnames),
    directory: directoryOf(app, root),
    ...(visitors === undefined ? {} : { visitors }),
    ...(app.frontController === undefined ? {} : { front: app.frontController }),
    ...(app.fallback === undefined ? {} : { fallback: app.fallback }),
    ...(app.listsDirectories === true ? { lists: true } : {}),
    ...(app.isSticky === true && serves === 'proxy' ? { sticky: `${places.run}/${plugin.name}.${app.name}` } : {}),
    static:
      serves !== 'files' && files !== undefined && directories.has(staticDirectory(app, files.directory))
        ? { urlPrefix: files.urlPrefix, directory: `${root}/${staticDirectory(app, files.directory)}` }
        : undefined,
    sockets: slotsOf(id, app.workers).map((slot) => `${places.run}/${linkName(slot)}`),
    holdSocket: `${places.run}/${holdName(id)}`,
    keepAlive: runtime.keepAlive || (serves === 'proxy' && isOnPort(app.type, app.entry)),
    timeoutSeconds: timeoutOf(app, places.timeoutSeconds) + 2,
    appFragment: app.fragments.app?.text,
    staticFragment: app.fragments.static?.text,
    ...fileOf('appFile', app.fragments.app, installed),
    ...fileOf('staticFile', app.fragments.static, installed),
  }
}

/** Relative to the plugin. A leading slash in the setting is accepted and means the same. */
export function staticDirectory(app: App, directory: string): string {
  return inApp(app, directory.replace(/^\/+/, '')).replaceAll(/\/+/g, '/').replace(/\/$/, '')
}

/** Whether the app gets the path without its own prefixes. Files have been found below them always. */
function isMounted({ type, routing }: App): boolean {
  return routing.mount && RUNTIMES[type].serves === 'requests'
}

/** The prefixes that a mounted app is told; none for all others. */
export function mountedAt(plugin: Plugin, app: App): readonly string[] {
  return isMounted(app) ? ownPrefixes(plugin, app) : []
}

/** A dynamic app without workers has nothing behind its routes. */
export function isServed(app: App): boolean {
  return RUNTIMES[app.type].serves === 'files' || app.workers > 0
}

function ownPrefixes(plugin: Plugin, app: App): readonly string[] {
  if (!app.routing.prefix) return []
  const own = `/${plugin.name}/${app.name}`
  return isMain(plugin, app) ? [own, `/${plugin.name}`] : [own]
}

function extraPrefixes({ routing }: App): readonly string[] {
  return routing.prefix ? routing.extraRoutes : []
}

/** Every prefix that an app claims, in the order in which it would get them. One that is not served takes none from others. */
export function claimsOf(plugin: Plugin, app: App): readonly string[] {
  return isServed(app) ? [...ownPrefixes(plugin, app), ...extraPrefixes(app)] : []
}

/** The app that also answers at `/<plugin>`: `main`, or the only one. */
export function isMain(plugin: Plugin, app: App): boolean {
  return app.name === 'main' || plugin.apps.length === 1
}

/** The names of the virtual hosts of an app; one may have a `*` in it. */
export function hostsOf(plugin: Plugin, app: App, hostnames: readonly string[]): readonly string[] {
  if (!app.routing.virtualDomain) return []
  const names = [`${app.name}.${plugin.name}`, ...(isMain(plugin, app) ? [plugin.name] : [])]
  const hosts = [...new Set([...hostnames, 'localhost'])]
  return [...names.flatMap((name) => hosts.map((host) => `${name}.${host}`)), ...app.routing.extraVhosts]
}

function conflict(app: App, prefix: string, owner: string): Problem {
  const line = app.lines?.extraRoutes
  return new Problem(
    'ROUTE_CONFLICT',
    `the route "${prefix}" of app ${app.name} belongs to ${owner} already; the rest of the plugin is served`,
    `Choose another route, or remove it from prefix_based_routing_extra_routes.`,
    app.routing.extraRoutes.includes(prefix) && line !== undefined ? { ...app.where, line } : app.where,
  )
}

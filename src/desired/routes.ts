import { luaFragment } from '../plugin/fragment/lua.ts'
import { ownFilesIn, withOwnFiles } from '../plugin/fragment/own-files.ts'
import type { Rules } from '../plugin/front/rules.ts'
import type { App, Fragment } from '../plugin/plugin.ts'
import type { Problem } from '../problem.ts'
import { directoryOf, inApp } from '../runtime/app-directory.ts'
import { isOnPort } from '../runtime/command.ts'
import type { Runtime } from '../runtime/contract.ts'
import { RUNTIMES } from '../runtime/runtime.ts'
import { type ClaimedApp, type ClaimPlaces, claimsOf } from './claims/claims.ts'
import { hiddenFiles } from './claims/hidden-files.ts'
import { isMounted } from './claims/wanted.ts'
import type { AppRoutes, LuaRoutes, PluginRoutes } from './desired.ts'
import type { RoutablePlugin } from './installed.ts'
import { appId, holdName, linkName, slotsOf } from './slot.ts'
import { visitorsOf } from './visitors.ts'

export interface RoutePlaces extends ClaimPlaces {
  readonly run: string
  /** `[nginx] timeout`, for the apps that have none of their own. */
  readonly timeoutSeconds: number
}

/** The routes of every plugin, as `claimsOf` shares them out. */
export function routesOf(
  plugins: readonly RoutablePlugin[],
  places: RoutePlaces,
): { readonly routes: readonly PluginRoutes[]; readonly problems: readonly Problem[] } {
  const { claimed, problems } = claimsOf(
    plugins.map(({ plugin }) => plugin),
    places,
  )
  const routes = plugins.map((one, at) => ({
    plugin: one.plugin.name,
    ...luaRoutes(one),
    ...readFiles(one),
    httpFragment: textOf(one.plugin.fragments.http, one),
    serverFragment: textOf(one.plugin.fragments.server, one),
    ...(one.plugin.errorPage === undefined ? {} : { errorPage: one.plugin.errorPage }),
    ...fileOf('httpFile', one.plugin.fragments.http, one),
    ...fileOf('serverFile', one.plugin.fragments.server, one),
    apps: (claimed[at] ?? []).map((claims) => ({
      ...appRoutes(one, claims, places),
      ...(isMounted(claims.app) ? { mounted: claims.ownPrefixes } : {}),
    })),
  }))
  return { routes, problems: [...problems, ...hiddenFiles(routes, claimed)] }
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

/** nginx reads these again only for another text, and in development it is the same path after an edit. */
function readFiles({ plugin, fingerprint = '' }: RoutablePlugin): { readonly filesVersion?: string } {
  const { http, server } = plugin.fragments
  const all = [http, server, ...plugin.apps.flatMap(({ fragments }) => [fragments.app, fragments.static])]
  const reads = all.some((one) => one && ownFilesIn(one.text).some(({ read }) => read === 'with the configuration'))
  return reads && fingerprint !== '' ? { filesVersion: fingerprint } : {}
}

/** Its relative paths are those of the plugin. */
function textOf(fragment: Fragment | undefined, { plugin, servedFrom = plugin.home }: RoutablePlugin): string | undefined {
  return fragment && withOwnFiles(fragment.text, { home: plugin.home, servedFrom })
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

function appRoutes(installed: RoutablePlugin, { app, prefixes, hosts }: ClaimedApp, places: RoutePlaces): AppRoutes {
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
    hosts,
    directory: directoryOf(app, root),
    ...(installed.servedFrom === undefined ? {} : { isRelease: true }),
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
    ...(app.debug ? { debug: true } : {}),
    ...placed(app.rules, root),
    timeoutSeconds: timeoutOf(app, places.timeoutSeconds) + 2,
    appFragment: textOf(app.fragments.app, installed),
    staticFragment: textOf(app.fragments.static, installed),
    ...fileOf('appFile', app.fragments.app, installed),
    ...fileOf('staticFile', app.fragments.static, installed),
  }
}

function placed(rules: Rules | undefined, root: string): { readonly rules?: Rules } {
  const file = rules?.passwordFile
  if (rules === undefined || file === undefined || file.startsWith('/')) return rules === undefined ? {} : { rules }
  return { rules: { ...rules, passwordFile: `${root}/${file}` } }
}

/** Relative to the plugin. A leading slash in the setting is accepted and means the same. */
export function staticDirectory(app: App, directory: string): string {
  return inApp(app, directory.replace(/^\/+/, '')).replaceAll(/\/+/g, '/').replace(/\/$/, '')
}

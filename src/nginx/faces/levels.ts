import type { AppRoutes, PluginRoutes, Routes } from '../../desired/desired.ts'
import { errorPages } from '../counted.ts'
import { oncePerList } from '../fragments/once.ts'
import { ownText } from '../markers.ts'
import { type NginxText, nginx } from '../quote.ts'
import { FACES_OF_SERVER, facesOf, pageOf } from './faces.ts'

export type Where = 'main' | 'virtual'

interface AppOfPlugin {
  readonly plugin: string
  readonly app: AppRoutes
}

/** In a server, behind the fragments. Pages that a fragment gives to all servers would be lost by those of this one. */
export function facesOfServer(where: Where, routes: Routes): readonly (NginxText | undefined)[] {
  if (around(where, routes).some(intercepts)) return []
  const hasOwn =
    where === 'main' && errorPages({ appFragment: serverFragments(routes.plugins).join('\n') }, where, routes).length > 0
  const ofHttp = hasOwn ? [] : errorPages({ appFragment: undefined }, 'virtual', routes)
  return [...ofHttp.map(({ text }) => ownText(text)), ...FACES_OF_SERVER]
}

/** In a location of an app, behind its fragment. `hasPages`: it has an `error_page` of its own. */
export function facesIn({ plugin, app }: AppOfPlugin, hasPages: boolean, where: Where, routes: Routes): readonly NginxText[] {
  if (around(where, routes).some(intercepts)) return []
  if (intercepts(app.appFragment ?? '')) return hasPages ? [] : NONE
  return facesOfFiles(plugin, hasPages, routes)
}

/** The same where nothing but files is served. */
export function facesOfFiles(plugin: string, hasPages: boolean, routes: Routes): readonly NginxText[] {
  return hasPages || pageOf(plugin, routes) !== undefined ? facesOf(plugin, routes) : []
}

/** A level with this one has none of those around it, and no answer has this status. */
const NONE = [nginx`error_page 599 $mfserv_face;`]

/** Whoever has nginx replace answers of an app means the pages that they name, and no others. */
function intercepts(fragment: string): boolean {
  return /_intercept_errors\s+on\b/.test(fragment)
}

function around(where: Where, { plugins }: Routes): readonly string[] {
  return where === 'main' ? allFragments(plugins) : httpFragments(plugins)
}

const httpFragments = oncePerList((plugins: readonly PluginRoutes[]) => plugins.flatMap(({ httpFragment }) => httpFragment ?? []))

const serverFragments = oncePerList((plugins: readonly PluginRoutes[]) => {
  return plugins.flatMap(({ serverFragment }) => serverFragment ?? [])
})

const allFragments = oncePerList((plugins: readonly PluginRoutes[]) => [...httpFragments(plugins), ...serverFragments(plugins)])

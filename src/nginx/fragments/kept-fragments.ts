import type { PluginRoutes } from '../../desired/desired.ts'

/** The fragments of one plugin that nginx has accepted, so that a mistake in a later one does not take the plugin down. */
export interface Fragments {
  readonly http?: string | undefined
  readonly server?: string | undefined
  readonly apps: Readonly<Record<string, AppFragments>>
}

interface AppFragments {
  readonly app?: string | undefined
  readonly static?: string | undefined
}

/** Undefined when it has none. */
export function fragmentsOf({ httpFragment, serverFragment, apps }: PluginRoutes): Fragments | undefined {
  const ofApps = apps.flatMap(({ app, appFragment, staticFragment }) =>
    appFragment === undefined && staticFragment === undefined
      ? []
      : [[app, { app: appFragment, static: staticFragment }] as const],
  )
  if (httpFragment === undefined && serverFragment === undefined && ofApps.length === 0) return undefined
  return { http: httpFragment, server: serverFragment, apps: Object.fromEntries(ofApps) }
}

/** The same routes with these fragments in place of its own. An app that they do not tell of has none. */
export function withFragments(routes: PluginRoutes, { http, server, apps }: Fragments): PluginRoutes {
  return {
    ...routes,
    httpFragment: http,
    serverFragment: server,
    apps: routes.apps.map((app) => ({
      ...app,
      appFragment: apps[app.app]?.app,
      staticFragment: apps[app.app]?.static,
    })),
  }
}

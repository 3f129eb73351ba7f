import type { App, Plugin } from '../../plugin/plugin.ts'
import { RUNTIMES } from '../../runtime/runtime.ts'

/** What an app wants to answer at: its own first, which no other app has the same right to, then what it names besides. */
export interface Wanted {
  readonly own: readonly string[]
  readonly extra: readonly string[]
}

const NOTHING: Wanted = { own: [], extra: [] }

/** URL prefixes. One that is not served takes none from others. */
export function wantedPrefixes(plugin: Plugin, app: App): Wanted {
  if (!isServed(app) || !app.routing.prefix) return NOTHING
  return { own: ownPrefixes(plugin, app), extra: app.routing.extraRoutes }
}

/** Names of virtual hosts, under every name of the machine; one of the others may have a `*` at its beginning or its end. */
export function wantedHosts(plugin: Plugin, app: App, hostnames: readonly string[]): Wanted {
  if (!isServed(app) || !app.routing.virtualDomain) return NOTHING
  const names = [`${app.name}.${plugin.name}`, ...(isMain(plugin, app) ? [plugin.name] : [])]
  const machine = [...new Set([...hostnames, 'localhost'])]
  return { own: names.flatMap((name) => machine.map((host) => `${name}.${host}`)), extra: app.routing.extraVhosts }
}

/** Its own prefixes below which the app gets the path without them. Files have been found below them always. */
export function mountedAt(plugin: Plugin, app: App): readonly string[] {
  return isMounted(app) && app.routing.prefix ? ownPrefixes(plugin, app) : []
}

export function isMounted({ type, routing }: App): boolean {
  return routing.mount && RUNTIMES[type].serves === 'requests'
}

/** A dynamic app without workers has nothing behind its routes. */
export function isServed(app: App): boolean {
  return RUNTIMES[app.type].serves === 'files' || app.workers > 0
}

function ownPrefixes(plugin: Plugin, app: App): readonly string[] {
  const own = `/${plugin.name}/${app.name}`
  return isMain(plugin, app) ? [own, `/${plugin.name}`] : [own]
}

/** The app that also answers at `/<plugin>`: `main`, or the only one. */
export function isMain(plugin: Plugin, app: App): boolean {
  return app.name === 'main' || plugin.apps.length === 1
}

import type { ServedUrl } from '../../control/protocol.ts'
import type { AppRoutes } from '../../desired/desired.ts'

/** Every URL at which nginx serves the app of a plugin, the one for people first. `base`: that of the main server. */
export function servedUrls(base: string, plugin: string, routes: AppRoutes | undefined): readonly ServedUrl[] {
  if (routes === undefined) return []
  const [long, short] = [`/${plugin}/${routes.app}`, `/${plugin}`]
  const own = routes.prefixes.filter((prefix) => prefix === long || prefix === short)
  const extra = routes.prefixes.filter((prefix) => !own.includes(prefix))
  const shown = own.includes(short) ? [short] : own
  return [
    ...shown.map((prefix) => belowPrefix(base, prefix, routes, true)),
    ...extra.map((prefix) => belowPrefix(base, prefix, routes, false)),
    ...onHosts(base, routes),
  ]
}

/** Files and a mounted app have the slash: what stands there is a page of its own, and its links are relative to it. */
function belowPrefix(base: string, prefix: string, { kind, mounted }: AppRoutes, isOwn: boolean): ServedUrl {
  if (prefix === '/') return { url: `${base}/`, prefix: '', canMount: false }
  if (kind === 'files' || mounted?.includes(prefix) === true) return { url: `${base}${prefix}/`, prefix: '', canMount: false }
  // FastCGI programs find the prefix in SCRIPT_NAME.
  return { url: `${base}${prefix}`, prefix, canMount: isOwn && kind === 'proxy' }
}

function onHosts(base: string, { app, hosts }: AppRoutes): readonly ServedUrl[] {
  const names = hosts.filter((host) => !host.includes('*'))
  const [scheme = 'http', at = ''] = base.split('://')
  const port = /:[0-9]+$/.exec(at)?.[0] ?? ''
  return names
    .filter((host) => !host.startsWith(`${app}.`) || !names.includes(host.slice(app.length + 1)))
    .map((host) => ({ url: `${scheme}://${host}${port}/`, prefix: '', canMount: false }))
}

import type { ServedUrl } from '../../control/protocol.ts'
import type { AppRoutes } from '../../desired/desired.ts'

/**
 * Every URL at which nginx serves the app of a plugin, the one for people first. `base`: that of the main server. `hasIndex`:
 * whether the script is there that answers the URL of an app whose files are its entry.
 */
export function servedUrls(base: string, plugin: string, routes: AppRoutes | undefined, hasIndex: boolean): readonly ServedUrl[] {
  if (routes === undefined) return []
  const [long, short] = [`/${plugin}/${routes.app}`, `/${plugin}`]
  const own = routes.prefixes.filter((prefix) => prefix === long || prefix === short)
  const extra = routes.prefixes.filter((prefix) => !own.includes(prefix))
  const shown = own.includes(short) ? [short] : own
  return [
    ...shown.map((prefix) => belowPrefix(base, prefix, routes, { isOwn: true, hasIndex })),
    ...extra.map((prefix) => belowPrefix(base, prefix, routes, { isOwn: false, hasIndex })),
    ...onHosts(base, routes),
  ]
}

/** Files and a mounted app have the slash: what stands there is a page of its own, and its links are relative to it. */
function belowPrefix(base: string, prefix: string, routes: AppRoutes, { isOwn, hasIndex }: Below): ServedUrl {
  const { kind, mounted, index, front } = routes
  if (prefix === '/') return { url: `${base}/`, prefix: '', canMount: false }
  if (kind === 'files' || mounted?.includes(prefix) === true) return { url: `${base}${prefix}/`, prefix: '', canMount: false }
  // FastCGI programs find the prefix in SCRIPT_NAME.
  const canHaveFront = index !== undefined && front === undefined && hasIndex
  return { url: `${base}${prefix}`, prefix, canMount: isOwn && kind === 'proxy', ...(canHaveFront ? { canHaveFront } : {}) }
}

interface Below {
  /** The prefix is one that every app has. */
  readonly isOwn: boolean
  readonly hasIndex: boolean
}

function onHosts(base: string, { app, hosts }: AppRoutes): readonly ServedUrl[] {
  const names = hosts.filter((host) => !host.includes('*'))
  const [scheme = 'http', at = ''] = base.split('://')
  const port = /:[0-9]+$/.exec(at)?.[0] ?? ''
  return names
    .filter((host) => !host.startsWith(`${app}.`) || !names.includes(host.slice(app.length + 1)))
    .map((host) => ({ url: `${scheme}://${host}${port}/`, prefix: '', canMount: false }))
}

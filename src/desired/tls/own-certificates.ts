import type { ConfiguredCertificate } from '../../config/tls/certificates.ts'
import type { DesiredState, PluginRoutes } from '../desired.ts'
import type { RoutablePlugin } from '../installed.ts'
import { appId } from '../slot.ts'
import type { ServedCertificate } from './tls-settings.ts'

/** The certificates that plugins name for the virtual hosts that their apps have, as `plugin/app`. */
export function ownCertificates(
  plugins: readonly RoutablePlugin[],
  routes: readonly PluginRoutes[],
): readonly ConfiguredCertificate[] {
  const homes = plugins.flatMap(({ plugin, servedFrom = plugin.home }) =>
    plugin.apps.flatMap(({ name, certificate }) =>
      certificate === undefined ? [] : [{ plugin: plugin.name, app: name, home: servedFrom, certificate }],
    ),
  )
  return homes.flatMap(({ plugin, app, home, certificate: { certificate, key, where } }) => {
    const served = routes.find((one) => one.plugin === plugin)?.apps.find((one) => one.app === app)
    const names = (served?.hosts ?? []).map((host) => host.toLowerCase())
    if (names.length === 0) return []
    const at = (file: string): string => (file.startsWith('/') ? file : `${home}/${file}`)
    return [{ section: appId(plugin, app), plugin, certificate: at(certificate), key: at(key), names, where }]
  })
}

/** The same state with these certificates. `digest` as in `desire`. */
export function withCertificates(
  state: DesiredState,
  certificates: readonly ServedCertificate[],
  digest: (text: string) => string,
): DesiredState {
  const { server } = state.routes
  const routes = { ...state.routes, server: { ...server, tls: { ...server.tls, certificates } } }
  return { ...state, routes, routesKey: digest(JSON.stringify([state.front, routes])) }
}

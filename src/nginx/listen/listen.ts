import { type Listener, listenersOf } from '../../config/listen/listener.ts'
import type { ServerSettings } from '../../desired/desired.ts'
import type { NginxMachine } from '../machine.ts'
import { type NginxText, nginx } from '../quote.ts'
import { isHttp2Of } from '../tls/versions.ts'

export function listens(server: ServerSettings): boolean {
  return listenersOf(server).length > 0
}

/** The addresses of one server block. `is`: whether it has every name that no other has. */
export function listeners(server: ServerSettings, machine: NginxMachine, is: 'default' | 'named'): readonly NginxText[] {
  const options = is === 'default' ? nginx` default_server backlog=4096` : nginx``
  return listenersOf(server).flatMap((listener) =>
    addressesOf(listener, machine).flatMap((address) => {
      if (!listener.tls) return [nginx`listen ${address}${options};`]
      const http2 = isHttp2Of(server, machine) === 'with the address' ? nginx` http2` : nginx``
      const quic = is === 'default' ? nginx` reuseport default_server` : nginx``
      return [
        nginx`listen ${address} ssl${http2}${options};`,
        ...(server.tls.http3 ? [nginx`listen ${address} quic${quic};`] : []),
      ]
    }),
  )
}

/** Without an address it is every address of the machine: nginx takes a bare port for those of IPv4 alone. */
function addressesOf({ address, port }: Listener, { hasIpv6 }: NginxMachine): readonly (string | number)[] {
  if (address !== undefined) return [`${address}:${port}`]
  return hasIpv6 ? [port, `[::]:${port}`] : [port]
}

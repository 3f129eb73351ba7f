/** Where the page is served. */
export interface Place {
  readonly host: string
  readonly port: number
}

const HERE = '127.0.0.1'

/** `9118`, `10.1.2.3:9118` or `[::1]:9118`; without an address it is this machine alone. */
export function placeOf(written: string): Place | undefined {
  const [, host, port] = /^(?:(.+):)?(\d{1,5})$/.exec(written) ?? []
  const number = Number(port)
  if (port === undefined || number === 0 || number > 65_535) return undefined
  return { host: host?.replace(/^\[(.+)\]$/, '$1') ?? HERE, port: number }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}

/**
 * Whether a browser may have been sent here by a page of somebody else, whose name was made to lead to this machine: only names
 * of this machine itself are answered where the page is for it alone.
 */
export function isForeign(host: string, place: Place): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.+)\]$/, '$1')
  return isLoopback(place.host) && !isLoopback(name)
}

import { connect, type Socket } from 'node:net'

/** A request that offers to go on in another protocol. */
export interface Offer {
  readonly method: 'GET' | 'POST'
  readonly upgrade: string
  readonly body: 'length' | 'chunked'
}

const UPGRADES = ['foo', 'h2c', 'websocket, foo', 'foo, websocket', 'WebSocket', 'websocket/13']

export const OFFERS: readonly Offer[] = [
  ...UPGRADES.flatMap((upgrade) => (['length', 'chunked'] as const).map((body) => ({ method: 'POST', upgrade, body }) as const)),
  { method: 'GET', upgrade: 'websocket', body: 'length' },
  { method: 'GET', upgrade: 'websocket', body: 'chunked' },
  { method: 'GET', upgrade: 'foo', body: 'length' },
]

export interface Answered {
  readonly status: number
  readonly body: string
}

/** How long the body of an offer is. Several reads of every server. */
export const BODY_BYTES = 400_000
/** A server that never answers is left. */
const PATIENCE_MS = 10_000

/**
 * Every answer to an offer whose body ends in a second request, for `hidden`, and to an honest request for `next`, the last of
 * the connection. A server that takes a part of the body for the next request answers `hidden`.
 */
export async function answersTo(
  server: { readonly port: number } | { readonly path: string },
  offer: Offer,
  urls: { readonly asked: string; readonly hidden: string; readonly next: string },
): Promise<readonly Answered[]> {
  const socket: Socket = 'port' in server ? connect(server.port, '127.0.0.1') : connect(server.path)
  const second = `GET ${urls.hidden} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
  const body = second.padStart(BODY_BYTES, '\r\n')
  const framed =
    offer.body === 'length'
      ? { header: `Content-Length: ${body.length}`, body }
      : { header: 'Transfer-Encoding: chunked', body: `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` }
  const head = [
    `${offer.method} ${urls.asked} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    `Upgrade: ${offer.upgrade}`,
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    framed.header,
  ]
  let received = ''
  let asksNext = false
  socket.setEncoding('latin1').on('data', (part) => {
    received += String(part)
    if (asksNext || !isWhole(received)) return
    asksNext = true
    socket.write(`GET ${urls.next} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
  })
  // A server that has ended the connection is asked in vain.
  socket.on('error', () => socket.destroy())
  socket.setTimeout(PATIENCE_MS, () => socket.destroy())
  socket.write(`${head.join('\r\n')}\r\n\r\n${framed.body}`)
  await new Promise((resolve) => socket.once('close', resolve))
  return split(received)
}

function isWhole(received: string): boolean {
  const [head = '', ...rest] = received.split('\r\n\r\n')
  const length = /\r\nContent-Length: *(\d+)/i.exec(head)?.[1]
  return (
    rest.length > 0 && (length === undefined ? received.endsWith('0\r\n\r\n') : rest.join('\r\n\r\n').length >= Number(length))
  )
}

function split(received: string): readonly Answered[] {
  return received
    .split(/(?=HTTP\/1\.[01] \d{3} )/)
    .filter((one) => one !== '')
    .map((one) => ({ status: Number(one.slice(9, 12)), body: one.replace(/^[\s\S]*?\r\n\r\n/, '') }))
}

import { connect } from 'node:net'
import { HOST, headers, paths, request, startLines, type Urls } from './hostile-heads.ts'

/** What somebody sends who wants to find out what breaks. */
export interface Hostile {
  readonly bytes: string
  /** It has two meanings, or none: who takes it for either lets a hidden request through. */
  readonly isAmbiguous?: true
}

/** A coding and a version that nobody knows: RFC 9110 and 9112 want these answers. */
export const CLIENTS_FAULTS: ReadonlySet<number> = new Set([501, 505])

/** Some hundred requests, each for a connection of its own. */
export function corpus(urls: Urls): readonly Hostile[] {
  return [
    ...framings(urls).map((bytes) => ({ bytes, isAmbiguous: true }) as const),
    ...[...startLines(urls), ...paths(urls), ...headers(urls), ...bodies(urls)].map((bytes) => ({ bytes })),
  ]
}

function framings({ prefix, hidden }: Urls): readonly string[] {
  const second = `GET ${hidden} HTTP/1.1\r\n${HOST}\r\n\r\n`
  const chunked = `0\r\n\r\n${second}`
  const one = second.length
  const lengths = [
    [`Content-Length: ${one}`, 'Content-Length: 0'],
    ['Content-Length: 0', `Content-Length: ${one}`],
    [`Content-Length: ${one}, 0`],
    [`Content-Length: -${one}`],
    [`Content-Length: +${one}`],
    [`Content-Length: 0x${one.toString(16)}`],
    [`Content-Length: ${one}.0`],
    ['Content-Length: 99999999999999999999999'],
    ['Content-Length: 18446744073709551615'],
    ['Content-Length:'],
    ['Content-Length: a'],
  ]
  const codings = [
    ['Transfer-Encoding: chunked', `Content-Length: ${chunked.length}`],
    [`Content-Length: ${chunked.length}`, 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
    ['Transfer-Encoding: identity', `Content-Length: ${chunked.length}`],
    ['Transfer-Encoding: chunked, identity'],
    ['Transfer-Encoding: gzip, chunked'],
    ['Transfer-Encoding: xchunked'],
    ['Transfer-Encoding: "chunked"'],
    ['Transfer-Encoding: \x0bchunked'],
    ['Transfer-Encoding: chunked\x00'],
    ['Transfer-Encoding : chunked'],
    ['Transfer-Encoding:\tchunked', `Content-Length: ${chunked.length}`],
    [' Transfer-Encoding: chunked'],
    ['X: y\nTransfer-Encoding: chunked', `Content-Length: ${chunked.length}`],
    ['X: y\rTransfer-Encoding: chunked'],
  ]
  const sizes = ['-1', '0x5', '+5', 'FFFFFFFFFFFFFFFFF', ' 5', 'g', '']
  return [
    ...lengths.map((own) => request({ prefix, method: 'POST', headers: own, body: second })),
    ...codings.map((own) => request({ prefix, method: 'POST', headers: own, body: chunked })),
    ...sizes.map((size) =>
      request({ prefix, method: 'POST', headers: ['Transfer-Encoding: chunked'], body: `${size}\r\nabcde\r\n${chunked}` }),
    ),
  ]
}

function bodies({ prefix }: Urls): readonly string[] {
  const types = [
    'multipart/form-data',
    'multipart/form-data; boundary=',
    `multipart/form-data; boundary=${'b'.repeat(5000)}`,
    'application/json; charset=\xff',
    'a',
    '',
  ]
  return [
    ...types.map((type) =>
      request({ prefix, method: 'POST', headers: [`Content-Type: ${type}`, 'Content-Length: 5'], body: '--x\r\n' }),
    ),
    ...['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'x'].map((coding) =>
      request({
        prefix,
        method: 'POST',
        headers: [`Content-Encoding: ${coding}`, 'Content-Length: 4'],
        body: '\x1f\x8b\xff\xff',
      }),
    ),
    // nginx reads what stands behind the size as an extension, and passes the body on with a length of its own.
    ...['5 5', '5\t;x'].map((size) => {
      const body = `${size}\r\nabcde\r\n0\r\n\r\n`
      return request({ prefix, method: 'POST', headers: ['Transfer-Encoding: chunked'], body })
    }),
    // A body that ends before it is whole.
    request({ prefix, method: 'POST', headers: ['Content-Length: 1000'], body: 'half' }),
    request({ prefix, method: 'POST', headers: ['Transfer-Encoding: chunked'], body: '5\r\nhal' }),
    request({
      prefix,
      method: 'POST',
      headers: ['Transfer-Encoding: chunked'],
      body: `5;${'e=f;'.repeat(3000)}\r\nhello\r\n0\r\n\r\n`,
    }),
    request({ prefix, method: 'POST', headers: ['Transfer-Encoding: chunked'], body: `${'1\r\nx\r\n'.repeat(3000)}0\r\n\r\n` }),
    request({
      prefix,
      method: 'POST',
      headers: ['Transfer-Encoding: chunked'],
      body: '0\r\nX-Real-IP: 10.0.0.1\r\nContent-Length: 5\r\n\r\n',
    }),
    request({ prefix, method: 'GET', headers: ['Content-Length: 5'], body: 'hello' }),
    request({ prefix, method: 'DELETE', headers: ['Content-Length: 5'], body: 'hello' }),
  ]
}

const PATIENCE_MS = 20_000

/** All that comes back, one letter for a byte; empty when the connection was just closed. */
export async function answerTo(port: number, { bytes }: Hostile): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.setEncoding('latin1').on('data', (part) => {
    received += String(part)
  })
  // Who is refused in the middle of what he sends sees the connection break.
  socket.on('error', () => socket.destroy())
  socket.setTimeout(PATIENCE_MS, () => {
    received += `nothing for ${PATIENCE_MS} ms`
    socket.destroy()
  })
  socket.end(Buffer.from(bytes, 'latin1'))
  await new Promise((resolve) => socket.once('close', resolve))
  return received
}

/** The status of each answer in what came back. */
export function statusesIn(received: string): readonly number[] {
  return [...received.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status))
}

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { type Echo, echoed, place, port, rawly } from './echo-place.ts'
import { ask } from './place.ts'

const BODY_NEVER_SENT = 'POST /stream/main HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n'

test('an app sees the path unchanged, who asks, and how it was asked', async () => {
  const { url, headers } = await echoed('/echo/main/a%20b//c?d=%22', { headers: { Host: 'Example.org:8080' } })
  assert.equal(url, '/echo/main/a%20b//c?d=%22')
  const told = Object.fromEntries(Object.entries(headers).filter(([name]) => /^(host|x-|connection|upgrade)/.test(name)))
  const { 'x-request-id': id, ...rest } = told
  assert.match(String(id), /^[0-9a-f]{32}$/)
  assert.deepEqual(rest, {
    host: 'Example.org:8080',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': 'example.org',
    'x-forwarded-path': '/echo/main/a%20b//c?d=%22',
    'x-forwarded-port': '8080',
    'x-forwarded-proto': 'http',
    // The test is on this machine.
    'x-mfserv-debug': '1',
    'x-real-ip': '127.0.0.1',
  })
})

test('behind another proxy, an app sees what that proxy was asked', async () => {
  const seen = async (sent: Readonly<Record<string, string>>): Promise<readonly unknown[]> => {
    const { headers } = await echoed('/echo/x', { headers: sent })
    return ['proto', 'host', 'port', 'path'].map((name) => headers[`x-forwarded-${name}`])
  }
  assert.deepEqual(await seen({ Host: 'a.org' }), ['http', 'a.org', '80', '/echo/x'])
  assert.deepEqual(await seen({ Host: 'a.org:1', 'X-Forwarded-Host': 'b.org' }), ['http', 'b.org', undefined, '/echo/x'])
  assert.deepEqual(await seen({ Host: 'a.org:1', 'X-Forwarded-Host': 'b.org', 'X-Forwarded-Port': '8443' }), [
    'http',
    'b.org',
    '8443',
    '/echo/x',
  ])
  assert.deepEqual(await seen({ Host: '[::1]:81', 'X-Forwarded-Path': '/y' }), ['http', '[::1]', '81', '/y'])
  const { headers: long } = await echoed(`/echo/${'x'.repeat(1100)}`, { headers: { Host: 'a.org:1' } })
  assert.deepEqual([long['x-forwarded-host'], long['x-forwarded-port'], long['x-forwarded-path']], ['a.org', '1', undefined])
  const { headers } = await echoed('/echo', { headers: { 'X-Forwarded-For': '10.1.1.1' } })
  assert.equal(headers['x-forwarded-for'], '10.1.1.1, 127.0.0.1')
})

test('a client of HTTP/1.0 without a Host is served', async () => {
  const answer = await rawly('GET /echo/main HTTP/1.0\r\n\r\n')
  assert.match(answer, /^HTTP\/1\.1 200 /)
  assert.match(answer, /"host":"127\.0\.0\.1"/)
})

test('connections to an app are kept only where its server speaks keep-alive', async () => {
  assert.equal((await echoed('/echo')).headers.connection, undefined)
  assert.equal((await echoed('/closing/main')).headers.connection, 'close')
})

test('every answer carries one X-Request-Id, made here, and the app sees the same', async () => {
  const answer = await ask(port, '/echo', { headers: { 'X-Request-Id': 'from outside' } })
  const ids = answer.rawHeaders.filter((_name, index) => answer.rawHeaders[index - 1]?.toLowerCase() === 'x-request-id')
  assert.equal(ids.length, 1)
  assert.match(ids[0] ?? '', /^[0-9a-f]{32}$/)
  assert.equal((JSON.parse(answer.body) as Echo).headers['x-request-id'], ids[0])
  for (const path of [
    '/nothing',
    '/site/missing',
    '/site/',
    '/dead/main',
    '/echo?status=500',
    '/mixed',
    '/__health',
    '/mixed/main/private/',
  ]) {
    const { headers } = await ask(port, path)
    assert.match(String(headers['x-request-id']), /^[0-9a-f]{32}$/, path)
  }
})

test('an upgrade to a websocket passes, one to another protocol or with a body does not', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/main`)
  await new Promise((resolve) => socket.once('open', resolve))
  const answer = new Promise((resolve) => socket.once('message', (data) => resolve(String(data))))
  socket.send('hi')
  assert.equal(await answer, 'echo hi')
  socket.terminate()
  const length = { 'Content-Length': '1' }
  for (const [protocol, method, framing] of [
    ['h2c', 'GET', {}],
    ['foo', 'GET', {}],
    ['websocket, foo', 'GET', {}],
    ['websocket', 'GET', length],
    ['websocket', 'GET', { 'Transfer-Encoding': 'chunked' }],
    ['websocket', 'POST', { 'Content-Length': '0' }],
    ['websocket', 'POST', length],
  ] as const) {
    const body = framing === length ? { body: 'x' } : {}
    const offer = { Connection: 'Upgrade', Upgrade: protocol, ...framing }
    const { headers } = await echoed('/echo', { method, ...body, headers: offer })
    assert.deepEqual([protocol, method, framing, headers.upgrade], [protocol, method, framing, undefined])
  }
})

test('no client writes a header that is between nginx and a worker, or that makes a program ask through a proxy', async () => {
  const { headers } = await echoed('/echo', {
    headers: { Proxy: 'http://203.0.113.9', 'X-Mfserv-Ready': '1', 'X-Mfserv-Debug': '0', 'X-Other': 'kept' },
  })
  assert.deepEqual(
    [headers['proxy'], headers['x-mfserv-ready'], headers['x-mfserv-debug'], headers['x-other']],
    [undefined, undefined, '1', 'kept'],
  )
})

test('a body above the limit is refused with 413, below it passes whole', async () => {
  assert.equal((await ask(port, '/echo', { method: 'POST', body: Buffer.alloc((1 << 20) + 1) })).status, 413)
  assert.equal((await echoed('/echo', { method: 'POST', body: Buffer.alloc(1 << 20) })).length, 1 << 20)
})

test('a URL that nobody claims answers a browser 404 with the welcome page, whatever the method', async () => {
  const page = readFileSync(join(place.paths.welcome, 'index.html'), 'utf8')
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/nothing'],
    ['POST', '/nothing/x'],
    ['DELETE', '/echox'],
    ['PUT', '/__mfserv'],
  ] as const) {
    const { status, headers, body } = await ask(port, path, {
      method,
      body: method === 'POST' ? 'x=1' : '',
      headers: { Accept: 'text/html' },
    })
    assert.deepEqual(
      [method, path, status, headers['content-type'], headers['cache-control']],
      [method, path, 404, 'text/html; charset=utf-8', 'no-store'],
    )
    assert.equal(body, page)
  }
  const direct = await ask(port, '/__mfserv/')
  assert.deepEqual([direct.status, direct.body], [200, page])
})

test("an app's own answers pass unchanged, also its 404 and a missing file's", async () => {
  const own = await ask(port, '/echo/main/nothing?status=404')
  assert.equal(own.status, 404)
  assert.equal((JSON.parse(own.body) as Echo).url, '/echo/main/nothing?status=404')
  const missing = await ask(port, '/site/nothing.html')
  assert.equal(missing.status, 404)
  assert.doesNotMatch(missing.body, /mfserv/i)
})

test('/__health answers the word of the module', async () => {
  const answer = async (): Promise<string> => {
    const { status, body, headers } = await ask(port, '/__health')
    assert.equal(headers['content-type'], 'text/plain')
    return `${status} ${body}`
  }
  assert.equal(await answer(), '503 UNKNOWN\n')
  for (const [word, expected] of [
    ['RUNNING', '200 OK\n'],
    ['STARTING', '503 STARTING\n'],
    ['STOPPING', '503 STOPPING\n'],
    ['ERROR', '503 ERROR\n'],
    ['STOPPED', '503 STOPPED\n'],
  ] as const) {
    writeFileSync(join(place.paths.health, word), '')
    assert.equal(await answer(), expected)
    rmSync(join(place.paths.health, word))
  }
})

test('/status and /uuid answer this machine', async () => {
  assert.match((await ask(port, '/status')).body, /^Active connections: \d+/)
  assert.equal((await ask(port, '/uuid')).body, '0123456789abcdef0123456789abcdef\n')
})

test('while no slot answers, requests go to the hold, a POST too', async () => {
  assert.equal((await ask(port, '/down/main')).body, 'from the hold')
  assert.equal((await ask(port, '/down/main', { method: 'POST', body: 'x'.repeat(100_000) })).body, 'from the hold')
})

test('an app of which nothing is left answers 502, one that is too slow 504', async () => {
  assert.equal((await ask(port, '/dead/main')).status, 502)
  assert.equal((await ask(port, '/slow/main')).status, 504)
})

test('a host name of an app reaches it without its prefix', async () => {
  assert.equal((await echoed('/x?y', { headers: { Host: `echo.test:${port}` } })).url, '/x?y')
  const site = await ask(port, '/', { headers: { Host: 'site.test' } })
  assert.deepEqual([site.status, site.body], [200, '<p>hello</p>'])
})

test('a streamed answer arrives piece by piece', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  await using backend = await streaming(async (_request, response) => {
    response.write('first')
    await gate
    response.end('last')
  })
  const socket = connect(backend.port, '127.0.0.1')
  socket.write('GET /stream/main HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  let text = ''
  for await (const part of socket) {
    text += part
    if (text.includes('first')) open()
  }
  assert.match(text, /last/)
})

test('a slow client does not keep the worker that has answered', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  await using backend = await streaming((_request, response) => {
    response.on('finish', release)
    response.end(Buffer.alloc(20 << 20))
  })
  const slow = connect(backend.port, '127.0.0.1')
  slow.write('GET /stream/main HTTP/1.1\r\nHost: a\r\n\r\n')
  await released
  slow.destroy()
})

test('clients by the hundred that never finish their request reach no worker and keep nobody from being answered', async () => {
  let reached = 0
  await using _ = await streaming((_request, response) => {
    reached += 1
    response.end('honest')
  })
  const heads = ['', 'GET /stream', 'GET /stream/main HTTP/1.1\r\nHost: a\r\nX-Half: ', BODY_NEVER_SENT, `${BODY_NEVER_SENT}half`]
  const clients = await Promise.all(Array.from({ length: 600 }, (_each, index) => opened(heads[index % heads.length] ?? '')))
  try {
    for (let asked = 0; asked < 20; asked += 1) assert.equal((await ask(port, '/stream/main')).body, 'honest')
    assert.equal(reached, 20)
  } finally {
    for (const client of clients) client.destroy()
  }
})

/** The worker of the plugin `stream`, for the time of one test. */
async function streaming(listener: RequestListener): Promise<AsyncDisposable & { readonly port: number }> {
  const server = await place.backend('stream.sock', listener)
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A connection on which this was sent, and nothing more will be. */
async function opened(text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { WebSocket, WebSocketServer } from 'ws'
import type { RoutesCase } from '../../support/routes-fixture.ts'
import { ask, openPlace, type Place } from './place.ts'

let place: Place
let port: number

const HOME = '/HOME'

/** One place for all tests; each has a plugin of its own. */
const routes: RoutesCase = {
  server: { uploadMaxBodySizeMb: 1, uuidExtraAllows: [] },
  plugins: [
    {
      plugin: 'echo',
      apps: [{ app: 'main', prefixes: ['/echo/main', '/echo'], hosts: ['echo.test'], sockets: [`${HOME}/echo.sock`] }],
    },
    { plugin: 'closing', apps: [{ app: 'main', sockets: [`${HOME}/echo.sock`], keepAlive: false }] },
    { plugin: 'down', apps: [{ app: 'main', sockets: [`${HOME}/gone.1`, `${HOME}/gone.2`], holdSocket: `${HOME}/hold.sock` }] },
    { plugin: 'dead', apps: [{ app: 'main', sockets: [`${HOME}/gone.1`], holdSocket: `${HOME}/gone.hold` }] },
    { plugin: 'stream', apps: [{ app: 'main', sockets: [`${HOME}/stream.sock`] }] },
    { plugin: 'slow', apps: [{ app: 'main', sockets: [`${HOME}/never.sock`], timeoutSeconds: 1 }] },
    { plugin: 'ws', apps: [{ app: 'main', sockets: [`${HOME}/ws.sock`], keepAlive: false }] },
    {
      plugin: 'site',
      apps: [{ app: 'main', kind: 'files', prefixes: ['/site/main', '/site'], hosts: ['site.test'], directory: `${HOME}/site` }],
    },
    {
      plugin: 'mixed',
      apps: [
        {
          app: 'main',
          prefixes: ['/mixed/main', '/mixed'],
          sockets: [`${HOME}/echo.sock`],
          static: { urlPrefix: '/static', directory: `${HOME}/site` },
          appFragment:
            'add_header X-Frame-Options DENY;\nproxy_set_header X-Real-IP hidden;\nset $extra_log_format \',"kind":"mixed"\';\nlocation /mixed/main/private/ { deny all; }',
        },
      ],
    },
  ],
}

before(async () => {
  place = await openPlace()
  port = place.port
  await place.backend('echo.sock', (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    let length = 0
    request.on('data', (part: Buffer) => {
      length += part.length
    })
    request.on('end', () => {
      response.writeHead(Number(searchParams.get('status') ?? 200), { 'X-Request-Id': 'of the app', 'X-Path': pathname })
      response.end(JSON.stringify({ url: request.url, method: request.method, headers: request.headers, length }))
    })
  })
  await place.backend('hold.sock', (_request, response) => response.end('from the hold'))
  await place.backend('never.sock', () => undefined)
  const sockets = new WebSocketServer({ server: await place.backend('ws.sock', (_request, response) => response.end()) })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))
  place.write('site/index.html', '<p>hello</p>')
  place.write('site/sub/index.html', 'sub')
  place.write('site/empty/file.txt', 'in empty')
  place.write('site/.secret', 'secret')
  place.write('site/.git/config', 'secret')
  place.write('site/.well-known/security.txt', 'Contact: us')
  place.write('site/app.js', 'let a')
  place.write('site/app.js.gz', gzipSync('let zipped'))
  place.write('site/module.wasm', '')
  place.write('secret.txt', 'outside')
  await place.publish(JSON.parse(JSON.stringify(routes).replaceAll(HOME, place.paths.runtimeHome)))
})

after(async () => {
  await place[Symbol.asyncDispose]()
})

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

test('a URL that nobody claims answers 404 with the welcome page, whatever the method', async () => {
  const page = readFileSync(join(place.paths.welcome, 'index.html'), 'utf8')
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/nothing'],
    ['POST', '/nothing/x'],
    ['DELETE', '/echox'],
    ['PUT', '/__mfserv'],
  ] as const) {
    const { status, headers, body } = await ask(port, path, { method, body: method === 'POST' ? 'x=1' : '' })
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

test('files are served with type, charset, ranges and conditions', async () => {
  const whole = await ask(port, '/site/')
  assert.deepEqual(
    [whole.body, whole.headers['content-type'], whole.headers['cache-control']],
    ['<p>hello</p>', 'text/html; charset=utf-8', 'no-cache'],
  )
  const etag = String(whole.headers.etag)
  assert.equal((await ask(port, '/site/', { headers: { 'If-None-Match': etag } })).status, 304)
  assert.equal(
    (await ask(port, '/site/', { headers: { 'If-Modified-Since': String(whole.headers['last-modified']) } })).status,
    304,
  )
  const part = await ask(port, '/site/', { headers: { Range: 'bytes=3-7' } })
  assert.deepEqual([part.status, part.body, part.headers['content-range']], [206, 'hello', 'bytes 3-7/12'])
  assert.equal((await ask(port, '/site/', { headers: { Range: 'bytes=99-' } })).status, 416)
  assert.equal((await ask(port, '/site/module.wasm')).headers['content-type'], 'application/wasm')
  assert.equal((await ask(port, '/site/', { method: 'POST' })).status, 405)
  assert.equal((await ask(port, '/site/', { method: 'HEAD' })).headers['content-length'], '12')
})

test('a file that lies there compressed is sent so to who accepts it', async () => {
  assert.equal((await ask(port, '/site/app.js')).body, 'let a')
  const zipped = await ask(port, '/site/app.js', { headers: { 'Accept-Encoding': 'gzip' } })
  assert.deepEqual(
    [zipped.headers['content-encoding'], zipped.headers['content-type']],
    ['gzip', 'text/javascript; charset=utf-8'],
  )
})

test('a directory without its slash redirects to the URL with it, at the host and port that the client used', async () => {
  for (const path of ['/site', '/site/main', '/site/sub']) {
    const { status, headers } = await ask(port, `${path}?q=1`)
    assert.deepEqual([status, headers.location], [301, `${path}/?q=1`])
  }
  assert.equal((await ask(port, '/site/empty/')).status, 403)
})

test('no file is served whose name begins with a dot, and none outside the directory', async () => {
  for (const path of [
    '/site/.secret',
    '/site/.git/config',
    '/site/sub/../.secret',
    '/site/%2esecret',
    '/mixed/static/.git/config',
  ]) {
    assert.equal((await ask(port, path)).status, 404, path)
  }
  assert.equal((await ask(port, '/site/.well-known/security.txt')).body, 'Contact: us')
  for (const path of [
    '/site/../secret.txt',
    '/site/%2e%2e/secret.txt',
    '/site/..%2fsecret.txt',
    '/site../secret.txt',
    '/mixed/static../secret.txt',
  ]) {
    assert.doesNotMatch(await rawly(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`), /outside/, path)
  }
})

test('static files of an app come from its directory, the rest from the app', async () => {
  assert.equal((await ask(port, '/mixed/static/app.js')).body, 'let a')
  assert.equal((await ask(port, '/mixed/main/static/sub/')).body, 'sub')
  assert.equal((await echoed('/mixed/staticx')).url, '/mixed/staticx')
})

test("what an app's nginx fragment adds does not displace what mfserv sends", async () => {
  const { headers } = await ask(port, '/mixed/main')
  assert.equal(headers['x-frame-options'], 'DENY')
  const told = await echoed('/mixed/main')
  assert.deepEqual([told.headers['x-real-ip'], told.headers['x-forwarded-proto']], ['hidden', 'http'])
  assert.deepEqual([(await ask(port, '/mixed/main/private/')).status, (await ask(port, '/mixed/')).status], [403, 200])
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

test('every line of the access log is JSON, whatever a client sends', async () => {
  const sent = [
    ['/echo/"quote"\\', '/echo/"quote"\\'],
    ['/mixed/"}', '/mixed/"}'],
    ['/nothing/\xc3\xa9', '/nothing/é'],
    ['/nothing/\xff\xfe', '(not UTF-8)'],
  ] as const
  const refused = ['/echo/%00%0a', '/site/\x7f"']
  for (const uri of [...sent.map(([uri]) => uri), ...refused])
    await rawly(`GET ${uri} HTTP/1.1\r\nHost: "a"\xff\r\nConnection: close\r\n\r\n`)
  await rawly('NONSENSE\r\n\r\n')
  await rawly('GET / HTTP/1.1\r\nHost: a\x01b\r\n\r\n')
  await rawly('GET /mixed/plain HTTP/1.1\r\nHost: plain.org\r\nConnection: close\r\n\r\n')
  for (const [, uri] of sent) await logged((entry) => entry['uri'] === uri)
  const last = await logged(({ host }) => host === 'plain.org')
  assert.equal(typeof last['duration'], 'number')
  assert.ok(Math.abs(Number(last['time']) * 1000 - Date.now()) < 60_000)
  assert.match(String(last['@timestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/)
  assert.deepEqual(Object.keys(last), [
    '@timestamp',
    'time',
    'from',
    'host',
    'method',
    'uri',
    'duration',
    'status',
    'request_length',
    'reply_length',
    'plugin',
    'request_id',
    'app',
    'upstream_addr',
    'upstream_status',
    'upstream_response_time',
    'kind',
  ])
  assert.deepEqual([last['plugin'], last['app'], last['status'], last['kind']], ['mixed', 'main', 200, 'mixed'])
  assert.match(String(last['upstream_addr']), /^unix:.*echo\.sock$/)
})

type Entry = Readonly<Record<string, unknown>>

/** Waits for an entry of the log, which nginx writes a moment after the answer. Every line so far must be JSON in UTF-8. */
async function logged(isMeant: (entry: Entry) => boolean): Promise<Entry> {
  for (;;) {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(join(place.paths.log, 'nginx_access.log')))
    const lines = text.split('\n').slice(0, -1)
    const entries = lines.map((line) => {
      assert.match(line, /^\{ "@timestamp": .* \}$/)
      return JSON.parse(line) as Entry
    })
    const found = entries.find(isMeant)
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

interface Echo {
  readonly url: string
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly length: number
}

async function echoed(path: string, options: Parameters<typeof ask>[2] = {}): Promise<Echo> {
  const { status, body } = await ask(port, path, options)
  assert.equal(status, 200, body)
  return JSON.parse(body) as Echo
}

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

/** Sends these very bytes and answers what comes back. */
function rawly(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
    socket.write(Buffer.from(bytes, 'latin1'))
  })
}

import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { ask, eventually, says, start, startReady, type Worker } from './worker.ts'

test('a WSGI application answers, and knows who asked and how', async (context) => {
  const worker = await startReady(context)
  assert.equal((await ask(worker, '/anything')).body, 'Hello World!')
  const headers = { Host: 'www.example.org:8443', 'X-Real-IP': '192.0.2.7', 'X-Forwarded-Proto': 'https', X_Real_IP: 'forged' }
  const { body } = await ask(worker, '/a%20plugin/%C3%A9?q=1&r=%20', { headers, method: 'PUT', body: 'x' })
  const environ = new Map(body.split('\n').map((line) => line.split(/=(.*)/s) as [string, string]))
  const expected = {
    REQUEST_METHOD: 'PUT',
    SCRIPT_NAME: '',
    PATH_INFO: Buffer.from('/a plugin/é').toString('latin1'),
    QUERY_STRING: 'q=1&r=%20',
    REQUEST_URI: '/a%20plugin/%C3%A9?q=1&r=%20',
    REMOTE_ADDR: '192.0.2.7',
    HTTP_X_REAL_IP: '192.0.2.7',
    SERVER_NAME: 'www.example.org',
    SERVER_PORT: '8443',
    SERVER_PROTOCOL: 'HTTP/1.1',
    CONTENT_LENGTH: '1',
    'wsgi.url_scheme': 'https',
    'wsgi.multithread': 'False',
    'wsgi.multiprocess': 'True',
  }
  for (const [key, value] of Object.entries(expected)) assert.equal(environ.get(key), value, key)
})

test('a body arrives whole, with and without a length, also when the client offers to change the protocol', async (context) => {
  const worker = await startReady(context)
  const upgrade = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQBAAAAAAIAAAAA' }
  const cases = [
    { path: '/count', body: Buffer.alloc(5_000_000), expect: '5000000' },
    { path: '/count', body: Array<string>(100).fill('x'.repeat(10_000)), expect: '1000000' },
    { path: '/echo', body: '', expect: '' },
    { path: '/echo', body: 'short', expect: 'short' },
    { path: '/lines', body: 'a\nb', expect: "['a\\n', 'b']" },
    { path: '/echo', body: 'with an offer', headers: upgrade, expect: 'with an offer' },
    { path: '/count', body: ['a'.repeat(70_000), 'b'], headers: upgrade, expect: '70001' },
  ]
  for (const { expect, path, ...options } of cases) {
    assert.equal((await ask(worker, path, { method: 'POST', ...options })).body, expect)
  }
})

test('a crash is told with the stack', async (context) => {
  const worker = await startReady(context)
  await assert.rejects(ask(worker, '/die'))
  await eventually('the stack is in its output', () =>
    /Fatal Python error: Segmentation fault[\s\S]*application\.py", line \d+ in die/.test(worker.output()),
  )
})

test('HEAD gets the head alone', async (context) => {
  const worker = await startReady(context)
  const { status, headers, body } = await ask(worker, '/', { method: 'HEAD' })
  assert.deepEqual([status, headers['content-length'], body], [200, '12', ''])
})

test('a connection carries many requests, also after a body that the application did not read', async (context) => {
  const worker = await startReady(context)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  context.after(() => agent.destroy())
  const { connection } = await ask(worker, '/', { agent })
  for (const body of ['x', Buffer.alloc(3_000_000), ['chunk']]) {
    const unread = await ask(worker, '/', { agent, method: 'POST', body })
    assert.equal(unread.body, 'Hello World!')
    assert.equal(unread.connection, connection)
  }
  assert.equal((await ask(worker, '/', { agent })).connection, connection)
})

test('requests sent one after the other without waiting are answered in order', async (context) => {
  const worker = await startReady(context)
  const socket = connect(worker.socket)
  socket.end(
    'GET /pid HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n',
  )
  const bodies = (await text(socket)).split(/HTTP\/1\.1 200 OK[\s\S]*?\r\n\r\n/)
  assert.deepEqual(bodies, ['', String(worker.pid), 'abc', 'Hello World!'])
})

test('what is yielded reaches the client before the application goes on', async (context) => {
  const worker = await startReady(context)
  const onPart = (sofar: string): void => {
    if (sofar === 'first ') worker.reach('first-was-seen')
  }
  assert.equal((await ask(worker, '/stream', { onPart })).body, 'first second')
  assert.equal((await ask(worker, '/write')).body, 'one two')
})

test('readiness is answered without the application, and only to the one who asks for it', async (context) => {
  const worker = await startReady(context)
  const headers = { 'X-Mfserv-Ready': '1' }
  assert.equal((await ask(worker, '/__mfserv_ready', { headers })).status, 204)
  assert.equal((await ask(worker, '/__mfserv_ready')).body, 'Hello World!')
  assert.equal((await ask(worker, '/__mfserv_ready/', { headers })).body, 'Hello World!')
  assert.equal((await ask(worker, '/__mfserv_ready?', { headers })).body, 'Hello World!')
})

test('the id of a request is in the environment of the application and of what it starts', async (context) => {
  const worker = await startReady(context)
  for (const id of ['0123456789abcdef', 'another']) {
    const { body } = await ask(worker, '/request-id', { headers: { 'X-Request-Id': id } })
    assert.equal(body, `${id} ${id}`)
  }
  assert.equal((await ask(worker, '/request-id')).body, ' ')
})

test('what is logged between two requests carries the id of neither', async (context) => {
  const worker = await startReady(context)
  await ask(worker, '/log-later', { headers: { 'X-Request-Id': '0123456789abcdef' } })
  // Once it answers again, it is done with the one before.
  await ask(worker, '/__mfserv_ready', { headers: { 'X-Mfserv-Ready': '1' } })
  worker.reach('speak')
  await worker.until('spoken')
  await says(worker, /spoken for nobody$/m)
})

test('no body that has been answered stays in memory until somebody collects it', async (context) => {
  const worker = await startReady(context)
  await ask(worker, '/without-collector')
  for (const path of ['/count', '/', '/fail']) await ask(worker, path, { method: 'POST', body: Buffer.alloc(500_000) })
  assert.equal((await ask(worker, '/bodies')).body, '0')
})

test('a request that takes too long gets a 504, the log says where it was, and the worker goes on', async (context) => {
  const worker = await startReady(context, { timeout: 1 })
  const { status, headers, body } = await ask(worker, '/sleep')
  assert.deepEqual([status, headers['content-type'], body], [504, 'text/plain', ''])
  await says(worker, /GET \/sleep took more than 1 s: answered 504[\s\S]*application\.py", line \d+, in sleep/)
  const cut = await ask(worker, '/sleep-inside-body')
  assert.deepEqual([cut.body, cut.complete], ['first', false])
  assert.equal((await ask(worker, '/pid')).body, String(worker.pid))
})

test('a request that cannot be interrupted ends its worker, which says why', async (context) => {
  for (const path of ['stubborn', 'deadlock']) {
    const worker = await startReady(context, { timeout: 1 })
    assert.equal((await ask(worker, `/${path}`)).status, 504)
    assert.deepEqual(await worker.exit, { code: 1, signal: null })
    const expected = `CRITICAL.*GET /${path} took more than 1 s and could not be interrupted[\\s\\S]*in ${path}`
    await says(worker, new RegExp(expected))
  }
})

test('a call that holds the interpreter ends its worker, which shows the call', async (context) => {
  const worker = await startReady(context, { timeout: 1 })
  // The timer that ends the process is a thread: an idle worker has none.
  await eventually('the worker is idle', () => readdirSync(`/proc/${worker.pid}/task`).length === 2)
  await assert.rejects(ask(worker, '/hold-interpreter'), { code: 'ECONNRESET' })
  assert.deepEqual(await worker.exit, { code: 1, signal: null })
  await says(worker, /Timeout[\s\S]*in hold_interpreter/)
})

test('an exception is logged with its traceback and answered with a 500', async (context) => {
  const worker = await startReady(context)
  const { status, headers, body } = await ask(worker, '/fail')
  assert.deepEqual([status, headers['content-type'], body], [500, 'text/plain', 'HTTP/500 Internal Server Error'])
  await says(worker, /GET \/fail failed: answered 500[\s\S]*in fail\n[\s\S]*LookupError: the sky is missing/)
  assert.equal((await ask(worker, '/fail-inside-body')).complete, false)
  assert.equal((await ask(worker, '/leave')).status, 500)
  assert.equal((await ask(worker, '/pid')).body, String(worker.pid))
})

test('a header with a line break in it never reaches the client', async (context) => {
  const worker = await startReady(context)
  const { status, headers } = await ask(worker, '/split-header')
  assert.deepEqual([status, headers['set-cookie']], [500, undefined])
})

test('bytes that are not HTTP are refused, and the worker goes on', async (context) => {
  const worker = await startReady(context)
  const cases = [
    { bytes: 'nonsense\r\n\r\n', status: '400 Bad Request' },
    { bytes: 'POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n', status: '400 Bad Request' },
    { bytes: `GET / HTTP/1.1\r\nX: ${'x'.repeat(300_000)}`, status: '431 Request Header Fields Too Large' },
    { bytes: 'POST /count HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n', status: '400 Bad Request' },
  ]
  for (const { bytes, status } of cases) {
    const socket = connect(worker.socket)
    socket.on('error', () => undefined) // The rest of what is sent may meet a closed connection.
    socket.write(bytes)
    assert.ok((await answerOf(socket)).startsWith(`HTTP/1.1 ${status}\r\n`), bytes.slice(0, 40))
  }
  assert.equal((await ask(worker, '/')).status, 200)
})

test('SIGTERM lets the request in flight finish', async (context) => {
  const worker = await startReady(context)
  const held = ask(worker, '/hold')
  await worker.until('holding')
  worker.signal('SIGTERM')
  worker.reach('release')
  assert.equal((await held).body, 'released')
  assert.deepEqual(await worker.exit, { code: 0, signal: null })
  assert.equal(existsSync(worker.socket), false)
})

test('SIGTERM loses none of the requests that had already been sent', async (context) => {
  const worker = await startReady(context)
  const kept = await openConnections(worker, 1)
  const held = ask(worker, '/hold')
  await worker.until('holding')
  const fresh = await openConnections(worker, 20)
  for (const socket of [...fresh, ...kept]) socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  worker.signal('SIGTERM')
  worker.reach('release')
  assert.equal((await held).status, 200)
  for (const answer of await Promise.all([...fresh, ...kept].map(answerOf))) assert.match(answer, /^HTTP\/1.1 200 OK\r\n/)
  assert.deepEqual(await worker.exit, { code: 0, signal: null })
})

test('an idle worker ends at once with 0 on SIGTERM and on SIGINT', async (context) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const worker = await startReady(context)
    worker.signal(signal)
    assert.deepEqual(await worker.exit, { code: 0, signal: null })
  }
})

test('a request whose client has gone while it waited is not run', async (context) => {
  const worker = await startReady(context)
  const held = ask(worker, '/hold')
  await worker.until('holding')
  const [gone] = await openConnections(worker, 1)
  await new Promise<void>((resolve) => gone?.end('GET /note HTTP/1.1\r\nHost: x\r\n\r\n', resolve))
  gone?.destroy()
  const waiting = ask(worker, '/')
  worker.reach('release')
  await Promise.all([held, waiting])
  assert.equal(worker.hasReached('noted'), false)
})

test('an application that cannot be served is refused with what to change', async (context) => {
  const cases = [
    { entry: 'nothing', files: {}, expect: [/"nothing" does not name an application: write module:callable/] },
    {
      entry: 'web.wsgi:app',
      files: {},
      expect: [/no module "web\.wsgi": looked for web\/wsgi\.py and web\/wsgi\/__init__\.py in/],
    },
    { entry: 'application:ap', files: {}, expect: [/application\.py has no "ap"\. Its callables are: app, .*hello/] },
    { entry: 'm:app', files: { 'm.py': 'app = 1\n' }, expect: [/"app" in .*m\.py is int, not a WSGI application/] },
    { entry: 'm:app', files: { 'm.py': 'x = 1\ndef app(:\n' }, expect: [/m\.py:2: invalid syntax\n {4}def app\(:/] },
    {
      entry: 'm:app',
      files: { 'm.py': 'import flaskk\n' },
      expect: [/"m" needs the module "flaskk", which is not installed\. Add its package to .*requirements-to-freeze\.txt/],
    },
    {
      entry: 'm:app',
      files: { 'm.py': 'import os\n1 / 0\n' },
      expect: [/the module "m" failed while it was imported\n[\s\S]*m\.py", line 2[\s\S]*ZeroDivisionError/],
    },
    {
      entry: 'm:app',
      files: { 'm.py': 'async def app(scope, receive, send): pass\n' },
      expect: [/it is an async callable with the arguments \(scope, receive, send\), as ASGI.* type = python3_asgi/],
    },
    {
      entry: 'm:app',
      files: { 'm.py': 'class App:\n    async def __call__(self, scope, receive, send): pass\napp = App()\n' },
      expect: [/it is an async callable .*write type = python3_asgi/],
    },
    {
      entry: 'm:app',
      files: { 'm.py': 'def app(request): pass\n' },
      expect: [/a callable with the arguments \(request\), but a WSGI application is called with \(environ, start_response\)/],
    },
    { entry: 'm:app', files: { 'm.py': 'raise SystemExit(4)\n' }, expect: [/"m" ended the process with sys\.exit\(4\)/] },
  ]
  for (const { entry, files, expect } of cases) {
    const worker = await start(context, { entry, files })
    assert.deepEqual(await worker.exit, { code: 1, signal: null }, worker.output())
    for (const pattern of expect) await says(worker, pattern)
    assert.doesNotMatch(worker.output(), /mfserv_python/, 'no frame of mfserv itself')
    assert.equal(existsSync(worker.socket), false)
  }
})

test('a socket that a dead worker left is replaced, one that is served is not', async (context) => {
  const first = await startReady(context)
  const refused = await start(context, { socket: first.socket })
  assert.deepEqual(await refused.exit, { code: 1, signal: null })
  await says(refused, /cannot listen on .*: .*Address already in use/)
  assert.equal((await ask(first, '/')).status, 200)
  first.signal('SIGKILL')
  await first.exit
  assert.ok(existsSync(first.socket))
  const second = await startReady(context, { socket: first.socket })
  assert.equal((await ask(second, '/pid')).body, String(second.pid))
})

test("a plugin's own modules may have the names of mfserv's", async (context) => {
  const main = 'import server, log\nfrom application import app\n'
  const files = { 'main.py': main, 'server.py': '', 'log.py': '', 'environ.py': '', 'mfserv_wsgi.py': '' }
  const worker = await startReady(context, { entry: 'main:app', files })
  assert.equal((await ask(worker, '/')).status, 200)
})

function openConnections(worker: Worker, count: number): Promise<readonly Socket[]> {
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(worker.socket, () => resolve(socket))
      socket.on('error', reject)
    })
  return Promise.all(Array.from({ length: count }, open))
}

/** The first bytes of an answer. */
function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('data', (data) => {
      resolve(data.toString())
      socket.destroy()
    })
    socket.once('close', () => reject(new Error('closed without an answer')))
  })
}

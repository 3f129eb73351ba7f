import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { ask, eventually, says, start, startReady } from './worker.ts'

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

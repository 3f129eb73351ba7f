import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { ask, eventually, says, start, startReady, type Worker } from './worker.ts'

test('a request that takes too long gets a 504, the log says where it was, and the worker goes on', async (context) => {
  // Long enough for a busy machine to bring it to where it sleeps.
  const worker = await startReady(context, { timeout: 3 })
  const { status, headers, body } = await ask(worker, '/sleep')
  assert.deepEqual([status, headers['content-type'], body], [504, 'text/plain', ''])
  await says(worker, /GET \/sleep took more than 3 s: answered 504[\s\S]*application\.py", line \d+, in sleep/)
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

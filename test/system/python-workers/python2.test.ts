import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { findPython2 } from '../../../src/host/programs/python2.ts'
import type { App, Plugin } from '../../../src/plugin/plugin.ts'
import { python2Sync } from '../../../src/runtime/python2_sync.ts'
import { CLONE, eventually, type Got } from '../world.ts'
import { says } from './worker.ts'

const python2 = await findPython2('')
const skip = python2 === undefined ? 'no Python 2.7 on this machine (pyenv install 2.7.18 brings one)' : false

const APPLICATION = `
import logging
import os
import threading
import time


def _speak_later():
    while not os.path.exists("speak"):
        time.sleep(0.01)
    logging.warning("spoken for %s", os.environ["MFSERV_CURRENT_REQUEST_ID"] or "nobody")


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/until-released":
        open("running", "w").close()
        while not os.path.exists("released"):
            time.sleep(0.01)
    if path == "/two-looks":
        time.sleep(2.5)
    if path == "/segv":
        os.kill(os.getpid(), 11)
    if path == "/log-later":
        threading.Thread(target=_speak_later).start()
    if path == "/deaf":
        while True:
            try:
                while True:
                    time.sleep(0.01)
            except BaseException:
                pass
    if path == "/interpreter":
        sum(xrange(10 ** 12))
    if path == "/unread":
        start_response("413 Too Large", [])
        return ["no"]
    if path == "/unicode":
        start_response("200 OK", [])
        return [u"text"]
    if path == "/injected":
        start_response("200 OK", [("X-A", "b\\r\\nX-C: d")])
        return []
    if path == "/parts":
        start_response(u"200 OK", [(u"Content-Type", "text/plain")])
        return iter(["one ", "", "two"])
    start_response("200 OK", [])
    return [environ["REQUEST_METHOD"] + " " + environ["wsgi.input"].read()]
`

/** Of the wall: an hour later at every look. */
const JUMPING_CLOCK = `
import itertools
import time

_time, _hours = time.time, itertools.count()
time.time = lambda: _time() + 3600 * next(_hours)
`

/** Stands for the package, which has to be compiled. */
const FAULTHANDLER = `
def enable(file):
    file.write("enabled\\n")
    file.flush()
`

test('bodies with and without a length arrive, and answers in parts', { skip }, async (context) => {
  const worker = await start(context)
  assert.deepEqual(await ask(worker, '/', ['one', 'two']), { status: 200, body: 'POST onetwo' })
  assert.deepEqual(await ask(worker, '/', 'three'), { status: 200, body: 'POST three' })
  assert.deepEqual(await ask(worker, '/parts'), { status: 200, body: 'one two' })
})

test('a client that still sends gets the answer of an application that did not read', { skip }, async (context) => {
  const worker = await start(context)
  assert.deepEqual(await ask(worker, '/unread', 'x'.repeat(3_000_000)), { status: 413, body: 'no' })
})

test('what is no answer of WSGI becomes a 500, with the reason in the log', { skip }, async (context) => {
  const worker = await start(context)
  assert.equal((await ask(worker, '/unicode')).status, 500)
  assert.equal((await ask(worker, '/injected')).status, 500)
  for (const reason of [/TypeError: the body of an answer is made of str, not unicode: encode it/, /ValueError: .* line break/]) {
    await eventually(`the log has ${reason}`, () => (reason.test(worker.output()) ? true : undefined))
  }
})

test('bytes that are not HTTP are refused, and the worker goes on', { skip }, async (context) => {
  const worker = await start(context)
  const cases = [
    { bytes: 'nonsense\r\n\r\n', status: 400 },
    { bytes: 'GET / HTTP/1.1\r\nHost : x\r\n\r\n', status: 400 },
    { bytes: 'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', status: 400 },
    { bytes: 'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', status: 400 },
    { bytes: 'POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', status: 400 },
    { bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', status: 400 },
    { bytes: `GET / HTTP/1.1\r\nX: ${'x'.repeat(300_000)}`, status: 431 },
  ]
  for (const { bytes, status } of cases) {
    assert.match(await say(worker, bytes), new RegExp(`^HTTP/1.1 ${status} `), bytes.slice(0, 70))
  }
  assert.equal((await ask(worker, '/')).status, 200)
})

test('what is logged between two requests carries the id of neither', { skip }, async (context) => {
  const worker = await start(context)
  assert.match(await say(worker, 'GET /log-later HTTP/1.1\r\nX-Request-Id: 0123456789abcdef\r\n\r\n'), /^HTTP\/1\.1 200 /)
  writeFileSync(join(worker.directory, 'speak'), '')
  await eventually('the thread has spoken', () => (/spoken for \w+/.test(worker.output()) ? true : undefined))
  await says(worker, /spoken for nobody$/m)
})

test('SIGTERM loses neither the request under way nor those that wait', { skip }, async (context) => {
  const worker = await start(context)
  const first = ask(worker, '/until-released')
  await eventually('the request runs', () => (existsSync(join(worker.directory, 'running')) ? true : undefined))
  let connected = 0
  const waiting = Array.from({ length: 20 }, () => ask(worker, '/', undefined, () => (connected += 1)))
  await eventually('all have connected', () => (connected === 20 && connections(worker) >= 21 ? true : undefined))
  worker.signal('SIGTERM')
  writeFileSync(join(worker.directory, 'released'), '')
  for (const answer of [first, ...waiting]) assert.equal((await answer).status, 200)
  assert.equal(await worker.exit, 0)
  assert.equal(existsSync(worker.socket), false)
})

test('a request that cannot be interrupted ends its worker, which says where it was', { skip }, async (context) => {
  const worker = await start(context, 0.2)
  assert.equal((await ask(worker, '/deaf')).status, 504)
  assert.equal(await worker.exit, 1)
  await says(worker, /GET \/deaf took more than 0\.2 s and could not be interrupted[\s\S]*in application/)
})

test('the time of a request is not that of the clock, which somebody may set', { skip }, async (context) => {
  const worker = await start(context, 20, { 'sitecustomize.py': JUMPING_CLOCK })
  assert.equal((await ask(worker, '/two-looks')).status, 200)
  assert.deepEqual(await ask(worker, '/', ['one', 'two']), { status: 200, body: 'POST onetwo' })
})

test('a plugin that brings the package faulthandler has the stack in its log at a fatal signal', { skip }, async (context) => {
  const worker = await start(context, 0, { 'faulthandler.py': FAULTHANDLER })
  await assert.rejects(ask(worker, '/segv'))
  await says(worker, /^enabled$/m)
})

test('a call that holds the interpreter ends its worker', { skip }, async (context) => {
  const worker = await start(context, 0.2)
  await assert.rejects(ask(worker, '/interpreter'))
  assert.equal(await worker.exit, 'SIGKILL')
})

test('an application that cannot be served is refused with what to change', { skip }, async (context) => {
  const cases = [
    { entry: 'absent.wsgi:application', expect: /no module "absent\.wsgi": looked for absent\/wsgi\.py/ },
    { entry: 'application:nothing', expect: /application\.py has no "nothing"\. Its callables are: application\./ },
    { entry: 'needy:application', expect: /needs the module "absent_package"[\s\S]*python2_virtualenv_sources/ },
    { entry: 'wrong:application', expect: /wrong\.py:1: invalid syntax \(this is Python 2\.7\)/ },
  ]
  for (const { entry, expect } of cases) {
    const worker = run(context, 0, entry)
    assert.equal(await worker.exit, 1)
    await says(worker, expect)
  }
})

interface Worker {
  readonly directory: string
  readonly socket: string
  /** Its exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals | null>
  readonly output: () => string
  readonly signal: (name: NodeJS.Signals) => void
}

/** A worker that answers; it ends with the test. */
async function start(context: TestContext, timeout = 0, files: Readonly<Record<string, string>> = {}): Promise<Worker> {
  const worker = run(context, timeout, 'application:application', files)
  await eventually('the worker listens', () => listens(worker))
  assert.equal((await ask(worker, '/')).status, 200)
  return worker
}

/** Its socket is there a moment before it takes connections. */
function listens({ socket }: Worker): Promise<true | undefined> {
  return new Promise((resolve) => {
    const connection = connect(socket, () => {
      connection.destroy()
      resolve(true)
    })
    connection.on('error', () => resolve(undefined))
  })
}

/** Beside the application: `files`, by name. */
function run(context: TestContext, timeout: number, entry: string, files: Readonly<Record<string, string>> = {}): Worker {
  const directory = mkdtempSync(join(tmpdir(), 'mfp'))
  const socket = join(directory, 's')
  writeFileSync(join(directory, 'application.py'), APPLICATION)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  writeFileSync(join(directory, 'needy.py'), 'import absent_package\n')
  writeFileSync(join(directory, 'wrong.py'), 'print(]\n')
  const place = { socket, timeout, mfservHome: CLONE, nodePath: '', python3Path: '', pythonLibrary: '' }
  const app = { entry, debug: false, gracefulTimeout: 10 } as App
  const { argv } = python2Sync.worker(app, {} as Plugin, { ...place, python2Path: python2?.path ?? '' })
  const [program = '', ...words] = argv
  let output = ''
  const child = spawn(program, words, { cwd: directory, env: { PYTHONPATH: directory, PYTHONDONTWRITEBYTECODE: '1' } })
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const exit = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  )
  context.after(async () => {
    child.kill('SIGKILL')
    await exit
    rmSync(directory, { recursive: true, force: true })
  })
  return { directory, socket, exit, output: () => output, signal: (name) => child.kill(name) }
}

/** `body`: an array is sent in chunks, without a length. */
function ask({ socket }: Worker, path: string, body?: string | readonly string[], connected?: () => void): Promise<Got> {
  return new Promise((resolve, reject) => {
    const headers = typeof body === 'string' ? { 'Content-Length': body.length } : {}
    const method = body === undefined ? 'GET' : 'POST'
    const asked = request({ socketPath: socket, path, method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.on('socket', (connection) => connection.on('connect', () => connected?.()))
    for (const part of typeof body === 'string' ? [body] : (body ?? [])) asked.write(part)
    asked.end()
  })
}

/** Everything that comes back for some bytes. */
function say({ socket }: Worker, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const connection = connect(socket, () => connection.write(bytes))
    connection.setEncoding('latin1').on('data', (text: string) => (answer += text))
    // The worker may close while we still send.
    connection.on('error', () => undefined)
    connection.on('close', () => resolve(answer))
  })
}

/** How many clients have connected, accepted or not. */
function connections({ socket }: Worker): number {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n')
  return lines.filter((line) => line.endsWith(` ${socket}`) && line.split(/\s+/)[5] !== '01').length
}

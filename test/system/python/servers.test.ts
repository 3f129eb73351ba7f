import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, readFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ask, bootstrap, CLONE, develop, eventually, get, newWorld, setKey, type World, writeFile } from '../world.ts'

let world: World

before(async () => {
  world = await newWorld()
  await world.start()
})
after(() => world.end())

test('changing type is enough, also where the plugin brings no server of its own', async () => {
  const home = await bootstrap(world, 'chameleon', 'default')
  setKey(home, 'workers', '1')
  await develop(world, home)
  const steps = [
    { type: 'gunicorn3_sync', runs: 'gunicorn', body: 'Hello World!' },
    { type: 'aiohttp', from: 'default', mainArg: 'main/application.py', runs: 'aiohttp', body: 'Hello World' },
    { type: 'gunicorn3_asyncio', runs: 'gunicorn-aiohttp', body: 'Hello World' },
    { type: 'aiohttp', mainArg: 'main.application:app', runs: 'aiohttp', body: 'Hello World' },
    { type: 'python3_tornado', from: 'python3_tornado', runs: 'tornado', body: 'Hello, world' },
    { type: 'python3_asgi', from: 'python3_raw_asgi', runs: 'asgi', body: 'Hello, world!' },
  ]
  for (const { type, from, mainArg, runs, body } of steps) {
    if (from !== undefined) copyFileSync(join(CLONE, 'templates', from, 'application.py'), join(home, 'main/application.py'))
    if (mainArg !== undefined) setKey(home, 'main_arg', mainArg)
    setKey(home, 'type', type)
    await eventually(`${type} serves`, async () => {
      const pid = (await world.plugin('chameleon')).apps[0]?.slots[0]?.pid
      const words = pid === null || pid === undefined ? [] : commandLine(pid)
      return words.includes(runs) && words.some((word) => word.endsWith('/mfserv_serve.py')) ? true : undefined
    })
    await eventually(`its answer`, async () => ((await get(`${world.url}/chameleon`)).body === body ? true : undefined))
  }
})

test('an application of another kind than its type is refused at the start with what to write, instead of a 500 for each request', async () => {
  const home = await bootstrap(world, 'kind', 'default')
  setKey(home, 'workers', '1')
  for (const [type, application, expected] of [
    ['python3_asgi', 'def application(environ, start_response): pass', /as WSGI applications are: write type = python3_sync/],
    ['python3_asgi', 'async def application(request): pass', /but an ASGI application is called with \(scope, receive, send\)/],
    [
      'gunicorn3_sync',
      'async def application(scope, receive, send): pass',
      /as ASGI applications are: write type = python3_asgi/,
    ],
  ] as const) {
    setKey(home, 'type', type)
    writeFile(join(home, 'main/wsgi.py'), `${application}\n`)
    const { code, stdout } = await world.run('_plugins.develop', [], { in: home })
    assert.equal(code, 1, type)
    assert.match(stdout, expected)
  }
  await world.must('plugins.uninstall', ['kind'])
})

test('an aiohttp script of the original system, which serves by itself, works as it is', async () => {
  const home = await bootstrap(world, 'old', 'python3_aiohttp')
  writeFile(join(home, 'python3_virtualenv_sources/requirements-to-freeze.txt'), '')
  writeFile(join(home, 'main/application.py'), OLD_SCRIPT)
  writeFile(join(home, 'main/helper.py'), "WHERE = 'beside'\n")
  setKey(home, 'timeout', '1')
  setKey(home, 'workers', '1')
  await world.must('_plugins.develop', [], { in: home })
  assert.deepEqual(await get(`${world.url}/old/x`), { status: 200, body: 'beside 1' })
  assert.equal((await get(`${world.url}/old/slow`)).status, 504)
  assert.match(logOf('old'), /a line of mine \{request_id=\w+\}/)
})

test('an answer of gunicorn leaves as the application gives it, head and pieces, and whole when an upload is left unread', async () => {
  const home = await bootstrap(world, 'pieces', 'default')
  setKey(home, 'type', 'gunicorn3_sync')
  setKey(home, 'workers', '1')
  writeFile(join(home, 'main/wsgi.py'), PIECES)
  await world.must('_plugins.develop', [], { in: home })
  const socketPath = join(world.home, 'var/run/pieces.main.1.sock')
  const answerTo = async (method: string, body?: Buffer): Promise<IncomingMessage> => {
    const asked = request({ socketPath, path: '/pieces/stream', method, agent: false })
    asked.end(body)
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    return response
  }
  const stream = await answerTo('GET')
  for (const piece of ['first', 'second']) {
    // The application goes on when its last piece has come here.
    writeFile(join(world.home, 'var/data/pieces', `${piece}.go`), '')
    assert.equal(String(await once(stream, 'data')), piece)
  }
  const whole = await answerTo('POST', Buffer.alloc(60_000))
  assert.equal((await whole.toArray()).join('').length, 100_000)
})

test('a handler that blocks its whole worker ends it: the log shows the call, and the next request is served', async () => {
  const home = await bootstrap(world, 'blocker', 'python3_aiohttp')
  writeFile(join(home, 'python3_virtualenv_sources/requirements-to-freeze.txt'), '')
  writeFile(join(home, 'main/application.py'), BLOCKING)
  setKey(home, 'timeout', '1')
  setKey(home, 'workers', '1')
  await world.must('_plugins.develop', [], { in: home })
  // The watchdog looks around already when the request comes that blocks.
  assert.equal((await get(`${world.url}/blocker`)).body, 'free')
  assert.equal((await get(`${world.url}/blocker/block`)).status, 504)
  await eventually('a next worker', async () =>
    (await world.plugin('blocker')).apps[0]?.slots[0]?.lastRestart?.cause === 'crashed' ? true : undefined,
  )
  assert.deepEqual(await get(`${world.url}/blocker`), { status: 200, body: 'free' })
  assert.equal((await ask(`${world.url}/blocker/segv`, { method: 'POST' })).status, 502)
  await eventually('the log shows where a fatal signal came', () =>
    /Fatal Python error: Segmentation fault[\s\S]*application\.py", line \d+ in die/.test(logOf('blocker')) ? true : undefined,
  )
  assert.match(logOf('blocker'), /Timeout \(0:00:05\)!\n[\s\S]*application\.py", line \d+ in block/)
})

test('no client writes a line of the log: what it asked for stands there as it was sent', async () => {
  const home = await bootstrap(world, 'quiet', 'default')
  setKey(home, 'workers', '1')
  const asgi = 'async def application(scope, receive, send):\n    raise ValueError(6 * 7)\n'
  const wsgi = 'def application(environ, start_response):\n    raise ValueError(6 * 7)\n'
  for (const [type, code] of [
    ['python3_asgi', asgi],
    ['gunicorn3_sync', wsgi],
    ['python3_sync', wsgi],
  ] as const) {
    writeFile(join(home, 'main/wsgi.py'), code)
    setKey(home, 'type', type)
    await world.must('_plugins.develop', [], { in: home })
    assert.equal((await get(`${world.url}/quiet/${type}%0Aforged?a=%0Aforged`)).status, 500)
    assert.match(logOf('quiet'), new RegExp(`GET /quiet/${type}%0Aforged\\?a=%0Aforged failed`))
  }
  assert.doesNotMatch(logOf('quiet'), /^forged/m)
})

test('an entry that is something else is refused with what it is', async () => {
  const home = await bootstrap(world, 'other', 'default')
  setKey(home, 'workers', '1')
  for (const [type, expected] of [
    ['aiohttp', /main\.wsgi:application cannot be served: it is function, not an aiohttp web\.Application/],
    ['gunicorn3_asyncio', /main\.wsgi:application cannot be served: it is function, not an aiohttp web\.Application/],
    ['python3_tornado', /main\.wsgi:application cannot be served: it is function, not a tornado\.web\.Application/],
  ] as const) {
    setKey(home, 'type', type)
    const { code, stdout } = await world.run('_plugins.develop', [], { in: home })
    assert.equal(code, 1)
    assert.match(stdout, expected)
  }
})

const OLD_SCRIPT = `import asyncio
import sys
import helper
from aiohttp import web
from aiohttp_metwork_middlewares import mflog_middleware, timeout_middleware_factory

async def handle(request):
    request['mflog_logger'].warning('a line of mine')
    if request.path.endswith('slow'):
        await asyncio.sleep(30)
    return web.Response(text=f'{helper.WHERE} {sys.argv[2]}')

def get_app(timeout):
    app = web.Application(middlewares=[timeout_middleware_factory(timeout), mflog_middleware])
    app.router.add_get('/{tail:.*}', handle)
    return app

if __name__ == '__main__':
    web.run_app(get_app(int(sys.argv[2])), path=sys.argv[1])
`

const PIECES = `import os
import time

def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    is_asked = environ['REQUEST_METHOD'] == 'GET' and environ['PATH_INFO'].endswith('stream')
    return pieces() if is_asked else [b'x' * 100000]

def pieces():
    yield b''
    for piece in ('first', 'second'):
        while not os.path.exists(os.path.join(os.environ['MFSERV_CURRENT_PLUGIN_DATA_DIR'], f'{piece}.go')):
            time.sleep(0.01)
        yield piece.encode()
`

const BLOCKING = `import os
import signal
import time
from aiohttp import web

async def block(request):
    time.sleep(60)

async def die(request):
    os.kill(os.getpid(), signal.SIGSEGV)

async def free(request):
    return web.Response(text='free')

app = web.Application()
app.router.add_get('/blocker/block', block)
app.router.add_post('/blocker/segv', die)
app.router.add_get('/{path:.*}', free)
`

function logOf(plugin: string): string {
  return readFileSync(join(world.home, `log/app_${plugin}_main.log`), 'utf8')
}

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return []
    throw error
  }
}

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { findPython2 } from '../../src/host/python2.ts'
import { bootstrapByPipe, make, mustMake } from './make-plugin.ts'
import { ask, bootstrap, edit, eventually, get, newWorld, setKey, type World, writeFile } from './world.ts'

const python2 = await findPython2('')
const skip = python2 === undefined ? 'no Python 2.7 on this machine (pyenv install 2.7.18 brings one)' : false

/** The order of the documentation: 2 is python2_sync, 5 gunicorn2_sync. */
const TYPES = [
  { type: 'python2_sync', number: '2' },
  { type: 'gunicorn2_sync', number: '5' },
] as const

const APPLICATION = `# -*- coding: utf-8 -*-
import os
import time


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path.endswith("/sleep"):
        time.sleep(60)
    if path.endswith("/raise"):
        raise ValueError(u"caf\\xe9")
    print "served by Python 2"
    received = len(environ["wsgi.input"].read())
    body = "%d bytes, %s, pid %d" % (received, os.environ["MFSERV_CURRENT_REQUEST_ID"], os.getpid())
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [body]
`

const TELLS_ITS_PYTHON = `import os
import sys


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [("%d %s" % (sys.version_info[0], os.path.basename(sys.argv[0]))).encode("ascii")]
`

for (const { type, number } of TYPES) {
  describe(`a plugin of the type ${type}`, { skip }, () => {
    let world: World
    let home: string
    const url = (path: string): string => `${world.url}/old${path}`

    before(async () => {
      world = await newWorld()
      await world.must('mfserv.start')
      home = await bootstrapByPipe(world, 'old', 'default', ['1.0', 'Old code', '1', '1', '', '', '', number, '1'])
      await mustMake(world, home)
    })
    after(() => world.end())

    test('is created, built and answers as documented', async () => {
      assert.match(readFileSync(join(home, 'config.ini'), 'utf8'), new RegExp(`^type=${type}$`, 'm'))
      assert.equal(existsSync(join(home, 'python3_virtualenv_sources')), false)
      for (const path of ['', '/main', '/main/anything']) {
        assert.deepEqual(await get(url(path)), { status: 200, body: 'Hello World!' })
      }
    })

    test('an edited file is served, in Python 2, with the id of the request and a body of 5 MB', async () => {
      writeFileSync(join(home, 'main/wsgi.py'), APPLICATION)
      await eventually('the edited file is served', async () =>
        (await get(url('/'))).body.startsWith('0 bytes') ? true : undefined,
      )
      const answer = await ask(url('/'), { method: 'POST', body: new Uint8Array(5_000_000) })
      const id = answer.headers.get('x-request-id') ?? ''
      assert.match(id, /^\S{8,}$/)
      assert.match(await answer.text(), new RegExp(`^5000000 bytes, ${id}, pid \\d+$`))
    })

    test('a request that takes too long gets a 504, and the same worker goes on', async () => {
      setKey(home, 'timeout', '1')
      await eventually('the timeout is in force', async () => {
        await world.run('_plugins.develop', [], { in: home })
        const [slot] = (await world.plugin('old')).apps.flatMap(({ slots }) => slots)
        const words = slot?.pid == null ? '' : commandLine(slot.pid)
        return words.includes('--timeout=1 ') ? true : undefined
      })
      const pid = async (): Promise<string> => /pid (\d+)/.exec((await get(url('/'))).body)?.[1] ?? ''
      const before = await pid()
      assert.equal((await get(url('/sleep'))).status, 504)
      assert.equal(await pid(), before)
      assert.match(logOf(world), /GET \/old\/sleep took more than 1 s/)
    })

    test('an exception is answered with a 500 and logged with its traceback', async () => {
      assert.deepEqual(await get(url('/raise')), { status: 500, body: 'HTTP/500 Internal Server Error' })
      assert.match(logOf(world), /GET \/old\/raise failed[\s\S]*wsgi\.py", line \d+, in application[\s\S]*ValueError: caf/)
    })

    test('with debug=1 an exception opens the debugger, which asks for its PIN', async () => {
      setKey(home, 'debug', '1')
      const page = await eventually('the debugger answers', async () => {
        const { body } = await get(url('/raise'))
        return body.includes('__debugger__') ? body : undefined
      })
      assert.match(page, /EVALEX = true,\s*EVALEX_TRUSTED = false/)
      const style = await ask(url('/raise?__debugger__=yes&cmd=resource&f=style.css'))
      assert.deepEqual([style.status, style.headers.get('content-type')?.split(';')[0]], [200, 'text/css'])
    })

    test('mfserv.stop ends it', async () => {
      const [slot] = (await world.plugin('old')).apps.flatMap(({ slots }) => slots)
      await world.must('mfserv.stop')
      assert.equal(existsSync(`/proc/${slot?.pid}`), false)
    })
  })
}

describe('the environment of a plugin of Python 2', { skip }, () => {
  let world: World
  let home: string

  before(async () => {
    world = await newWorld()
    home = await bootstrap(world, 'frozen', 'default')
    setKey(home, 'type', 'python2_sync')
    writeFile(join(home, 'python2_virtualenv_sources/requirements-to-freeze.txt'), 'jinja2\n')
  })
  after(() => world.end())

  test('has the last versions for Python 2, frozen, and is built again only when they change', async () => {
    const first = await mustMake(world, home, 'all')
    assert.match(first.stdout, /requirements2\.txt, virtualenv of Python 2/)
    const frozen = readFileSync(join(home, 'python2_virtualenv_sources/requirements2.txt'), 'utf8')
    assert.match(frozen, /^jinja2==2\.11\.3$/im)
    assert.match(frozen, /^markupsafe==1\.1\.1$/im)
    assert.match((await mustMake(world, home, 'all')).stdout, /everything is built/)
    const { stdout } = await world.must('plugin_wrapper', [
      home,
      '--',
      'python2',
      '-c',
      'import jinja2; print jinja2.__version__',
    ])
    assert.equal(stdout.trim(), '2.11.3')
  })

  test('a package that does not exist is named with its line, and the environment before stays', async () => {
    edit(join(home, 'python2_virtualenv_sources/requirements-to-freeze.txt'), 'jinja2', 'jinja2\njinja2-no-such-thing')
    const { code, stderr } = await make(world, home, 'all')
    assert.notEqual(code, 0)
    assert.match(stderr, /requirements-to-freeze\.txt:2 [\s\S]*No matching distribution[\s\S]*BUILD_FAILED/)
    await world.must('plugin_wrapper', [home, '--', 'python2', '-c', 'import jinja2'])
  })
})

test('another type in config.ini is all it takes to serve the same file in another language', { skip }, async (context) => {
  const world = await newWorld()
  context.after(() => world.end())
  await world.must('mfserv.start')
  const home = await bootstrap(world, 'both', 'default')
  setKey(home, 'workers', '1')
  writeFile(join(home, 'main/wsgi.py'), TELLS_ITS_PYTHON)
  await world.must('_plugins.develop', [], { in: home })
  for (const { type, answer } of [
    { type: 'python3_sync', answer: /^3 / },
    { type: 'python2_sync', answer: /^2 mfserv_wsgi/ },
    { type: 'gunicorn2_sync', answer: /^2 gunicorn/ },
    { type: 'python3_sync', answer: /^3 / },
  ]) {
    setKey(home, 'type', type)
    await eventually(`${type} serves`, async () => (answer.test((await get(`${world.url}/both`)).body) ? true : undefined))
  }
})

test('where no Python 2 can be had only its plugin is affected, and both commands say what to do', async (context) => {
  const world = await newWorld('[python2]\ninterpreter = /nonexistent/python2.7\n')
  context.after(() => world.end())
  await world.must('mfserv.start')
  const good = await bootstrap(world, 'good', 'static')
  await mustMake(world, good)
  const old = await bootstrap(world, 'old', 'default')
  setKey(old, 'type', 'python2_sync')
  const developed = await world.run('_plugins.develop', [], { in: old })
  assert.equal(developed.code, 1)
  assert.match(developed.stdout + developed.stderr, /\/nonexistent\/python2\.7, which does not run as Python 2\.7/)
  writeFile(join(old, 'python2_virtualenv_sources/requirements-to-freeze.txt'), 'six\n')
  const made = await make(world, old, 'all')
  assert.match(made.stderr, /\/nonexistent\/python2\.7, which does not run as Python 2\.7/)
  assert.match(made.stderr, /TOOL_MISSING/)
  assert.equal((await get(`${world.url}/good/`)).status, 200)
  assert.equal((await world.plugin('good')).state, 'serving')
})

function commandLine(pid: number): string {
  return existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') : ''
}

function logOf(world: World): string {
  return readFileSync(join(world.home, 'log/app_old_main.log'), 'utf8')
}

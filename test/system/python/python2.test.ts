import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { findPython2 } from '../../../src/host/programs/python2.ts'
import { build, mustBuild } from '../make-plugin.ts'
import { ask, bootstrap, edit, eventually, get, newWorld, setKey, type World, writeFile } from '../world.ts'

const python2 = await findPython2('')
const skip = python2 === undefined ? 'no Python 2.7 on this machine (pyenv install 2.7.18 brings one)' : false

const TELLS_ITS_PYTHON = `import os
import sys


def application(environ, start_response):
    if environ["PATH_INFO"].endswith("/raise"):
        raise ValueError(u"caf\\xe9")
    start_response("200 OK", [("Content-Type", "text/plain")])
    known = (sys.version_info[0], os.path.basename(sys.argv[0]), os.environ["MFSERV_CURRENT_REQUEST_ID"])
    return [("%d %s %s" % known).encode("ascii")]
`

describe('the environment of a plugin of Python 2', { skip }, () => {
  let world: World
  let home: string

  before(async () => {
    world = await newWorld()
    home = await bootstrap(world, 'frozen', 'default')
    setKey(home, 'type', 'python2_sync')
    // It needs a second package, and the lists of both in the index are short: the pip of Python 2 is slow to read long ones.
    writeFile(join(home, 'python2_virtualenv_sources/requirements-to-freeze.txt'), 'zipp\n')
  })
  after(() => world.end())

  test('has the last versions for Python 2, frozen, and is built again only when they change', async () => {
    const first = await mustBuild(world, home, 'all')
    assert.match(first.stdout, /requirements2\.txt, virtualenv of Python 2/)
    const frozen = readFileSync(join(home, 'python2_virtualenv_sources/requirements2.txt'), 'utf8')
    assert.match(frozen, /^zipp==1\.2\.0$/im)
    assert.match(frozen, /^contextlib2==0\.6\.0\.post1$/im)
    assert.match((await mustBuild(world, home, 'all')).stdout, /everything is built/)
    const script =
      'import zipp, contextlib2; print zipp.__file__; from mflog import get_logger; get_logger("old").info("hello", items=3)'
    const { stdout } = await world.must('plugin_wrapper', [home, '--', 'python2', '-c', script])
    assert.ok(stdout.startsWith(join(home, 'local/python2/')), stdout)
    assert.match(stdout, /\[INFO\] \(old#\d+\) hello \{items=3\}/)
  })

  test('a package that does not exist is named with its line, and the environment before stays', async () => {
    edit(join(home, 'python2_virtualenv_sources/requirements-to-freeze.txt'), 'zipp', 'zipp\nzipp-no-such-thing')
    const { code, stderr } = await build(world, home, 'all')
    assert.notEqual(code, 0)
    assert.match(stderr, /requirements-to-freeze\.txt:2 [\s\S]*No matching distribution[\s\S]*BUILD_FAILED/)
    await world.must('plugin_wrapper', [home, '--', 'python2', '-c', 'import zipp'])
  })
})

test('another type in config.ini is all it takes to serve, or to debug, the same file in another language', {
  skip,
}, async (context) => {
  const world = await newWorld()
  context.after(() => world.end())
  await world.start()
  const url = (path: string): string => `${world.url}/both${path}`
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
    await eventually(`${type} serves`, async () => (answer.test((await get(url(''))).body) ? true : undefined))
    const told = await ask(url(''))
    assert.equal((await told.text()).split(' ')[2], told.headers.get('x-request-id'))
    assert.deepEqual(await get(url('/raise')), { status: 500, body: 'HTTP/500 Internal Server Error' })
  }
  assert.equal(
    logOf(world).match(/GET \/both\/raise failed[\s\S]*?wsgi\.py", line \d+, in application[\s\S]*?ValueError: caf/g)?.length,
    4,
  )
  setKey(home, 'debug', '1')
  for (const type of ['python2_sync', 'gunicorn2_sync']) {
    setKey(home, 'type', type)
    await eventually(`the version of ${type}`, async () =>
      (await get(url(''))).body.startsWith(type === 'python2_sync' ? '2 mfserv' : '2 gunicorn') ? true : undefined,
    )
    const page = await eventually('the debugger answers', async () => {
      const { body } = await get(url('/raise'))
      return body.includes('__debugger__') ? body : undefined
    })
    assert.match(page, /EVALEX = true,\s*EVALEX_TRUSTED = false/)
    assert.match(page, /The command <code>plugins\.info both<\/code> shows the PIN\./)
    const style = await ask(url('/raise?__debugger__=yes&cmd=resource&f=style.css'))
    assert.deepEqual([style.status, style.headers.get('content-type')?.split(';')[0]], [200, 'text/css'])
  }
  assert.match(logOf(world), /the PIN: plugins\.info both$/m)
  assert.doesNotMatch(logOf(world), /\d{3}-\d{3}-\d{3}/)
})

test('where no Python 2 can be had only its plugin is affected, and both commands say what to do', async (context) => {
  const world = await newWorld('[python2]\ninterpreter = /nonexistent/python2.7\n')
  context.after(() => world.end())
  await world.start()
  const good = await bootstrap(world, 'good', 'static')
  await mustBuild(world, good)
  const old = await bootstrap(world, 'old', 'default')
  setKey(old, 'type', 'python2_sync')
  const developed = await world.run('_plugins.develop', [], { in: old })
  assert.equal(developed.code, 1)
  assert.match(developed.stdout + developed.stderr, /\/nonexistent\/python2\.7, which does not run as Python 2\.7/)
  writeFile(join(old, 'python2_virtualenv_sources/requirements-to-freeze.txt'), 'six\n')
  const made = await build(world, old, 'all')
  assert.match(made.stderr, /\/nonexistent\/python2\.7, which does not run as Python 2\.7/)
  assert.match(made.stderr, /TOOL_MISSING/)
  assert.equal((await get(`${world.url}/good/`)).status, 200)
  assert.equal((await world.plugin('good')).state, 'serving')
})

function logOf(world: World): string {
  return readFileSync(join(world.home, 'log/app_both_main.log'), 'utf8')
}

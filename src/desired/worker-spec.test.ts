import assert from 'node:assert/strict'
import { test } from 'node:test'
import { machine as box, installed, settings, WSGI } from '../../test/support/desired-fixture.ts'
import { Problem } from '../problem.ts'
import { desire } from './desire.ts'
import type { WorkerSpec } from './desired.ts'
import type { Machine } from './environment.ts'
import type { InstalledPlugin } from './installed.ts'
import { needsRedis } from './redis-spec.ts'
import { needsPhp } from './worker-spec.ts'

const NODE = '[app_api]\ntype=node\nmain_arg=server.js\nworkers=1\n'
const DAEMON = '[extra_daemon_clock]\ncmd_and_args=./clock {extra_name} {plugin_name} {plugin_dir}\n'
const OLD = WSGI.replace('python3_sync', 'python2_sync')

function specsOf(sections: string, more: Partial<InstalledPlugin> = {}, machine: Partial<Machine> = {}): readonly WorkerSpec[] {
  const { apps } = desire([installed('blog', sections, more)], settings, { ...box, ...machine }, (text) => text)
  return [...apps.values()].map(({ spec }) => spec)
}

test('the times of an app: seconds in its configuration, milliseconds here, and 2 s more for what is under way', () => {
  const timesOf = (keys: string) =>
    specsOf(`${WSGI}${keys}`).map(({ ready, drainMs, graceMs, maxAgeMs }) => ({ ready, drainMs, graceMs, maxAgeMs }))
  const ready = { by: 'answer', path: '/__mfserv_ready' }
  assert.deepEqual(timesOf('timeout=7\nstart_timeout=1\ngraceful_timeout=3\nmax_age=9\n'), [
    { ready: { ...ready, withinMs: 1000 }, drainMs: 9000, graceMs: 3000, maxAgeMs: 9000 },
  ])
  assert.deepEqual(timesOf('start_timeout=0\ngraceful_timeout=1\nmax_age=0\n'), [
    { ready: { ...ready, withinMs: 60_000 }, drainMs: 62_000, graceMs: 1000, maxAgeMs: 0 },
  ])
})

test('a daemon is up when it has lived for a second, and has no connections to wait for', () => {
  const [spec] = specsOf(`${DAEMON}graceful_timeout=3\nmax_age=9\n`)
  assert.ok(spec)
  const { env: _, hash: __, limits: ___, ...rest } = spec
  assert.deepEqual(rest, {
    argv: ['./clock', 'clock', 'blog', '/plugins/blog'],
    cwd: '/plugins/blog',
    logFile: '/rh/log/extra_blog_clock.log',
    ready: { by: 'living', forMs: 1000 },
    drainMs: 0,
    graceMs: 3000,
    maxAgeMs: 9000,
  })
})

test('an app and a daemon in debug know it and log everything; without, they log from the level of the module', () => {
  const NAMES = [
    'MFSERV_CURRENT_PLUGIN_DEBUG',
    'MFSERV_CURRENT_APP_DEBUG',
    'MFLOG_MINIMAL_LEVEL',
    'MFSERV_LOG_MINIMAL_LEVEL',
    'FLASK_DEBUG',
  ]
  const seen = (sections: string) => specsOf(sections).map(({ env }) => NAMES.map((name) => env[name]))
  assert.deepEqual(seen(`${WSGI}${DAEMON}`), [
    ['0', '0', 'INFO', undefined, undefined],
    ['0', undefined, 'INFO', undefined, undefined],
  ])
  assert.deepEqual(seen(`${WSGI}debug=1\n${DAEMON}debug=1\n`), [
    ['1', '1', 'DEBUG', 'DEBUG', '1'],
    ['1', undefined, 'DEBUG', 'DEBUG', undefined],
  ])
})

test('the debugger may be opened under the names of the app, but for those that stand for many', () => {
  const hosts = 'virtualdomain_based_routing=1\nvirtualdomain_based_routing_extra_vhosts=www.example.org,*.example.net\n'
  const [spec] = specsOf(`${WSGI}debug=1\n${hosts}`)
  assert.equal(
    spec?.env['MFSERV_DEBUG_HOSTS'],
    'main.blog.box main.blog.box.example.org main.blog.localhost blog.box blog.box.example.org blog.localhost www.example.org',
  )
  assert.equal(spec.env['MFSERV_DEBUG_KEY'], 'key of blog')
})

test('a worker runs on the interpreter of its plugin, else on that of the machine', () => {
  const program = (sections: string, more: Partial<InstalledPlugin>, machine: Partial<Machine> = {}) =>
    specsOf(sections, more, machine).map(({ argv }) => argv[0])
  assert.deepEqual(program(NODE, {}), ['/opt/node/bin/node'])
  assert.deepEqual(program(NODE, { nodePath: '/plugins/blog/node' }), ['/plugins/blog/node'])
  assert.deepEqual(program(WSGI, {}), ['/usr/bin/python3'])
  assert.deepEqual(program(WSGI, { python3Path: '/plugins/blog/python' }), ['/plugins/blog/python'])
  assert.deepEqual(program(OLD, {}), ['python2.7'])
  assert.deepEqual(program(OLD, {}, { python2: '/usr/bin/python2.7' }), ['/usr/bin/python2.7'])
})

test('one app of Python 2 is enough for its plugin to need one', () => {
  const missing = new Problem('TOOL_MISSING', 'no Python 2', 'Install it.')
  assert.equal(specsOf(`${OLD}${NODE}`, {}, { python2: missing }).length, 0)
  assert.equal(specsOf(`${WSGI}${NODE}`, {}, { python2: missing }).length, 2)
})

test('Node looks for packages in the plugin and then in mfserv; other workers only in the plugin', () => {
  const own = { directories: new Set(['node_modules']) }
  const paths = (more: Partial<InstalledPlugin>) => specsOf(`${NODE}${WSGI}`, more).map(({ env }) => env['NODE_PATH'])
  assert.deepEqual(paths(own), ['/plugins/blog/node_modules:/opt/mfserv/share/node-path', '/plugins/blog/node_modules'])
  assert.deepEqual(paths({}), ['/opt/mfserv/share/node-path', undefined])
})

test('a worker has the digest of the code of mfserv that runs in it, and none where none does', () => {
  const workerCode = { python3: 'three', python2: 'two', node: 'node' }
  const sections = `${WSGI}${NODE}[app_old]\ntype=python2_sync\nmain_arg=main.wsgi:application\nworkers=1\n[app_own]\ntype=command\nmain_arg=./x {unix_socket_path}\nworkers=1\n`
  const codes = (machine: Partial<Machine>) => specsOf(sections, {}, machine).map(({ code }) => code)
  assert.deepEqual(codes({ workerCode }), ['three', 'node', 'two', undefined])
  assert.deepEqual(codes({}), [undefined, undefined, undefined, undefined])
})

test('a program on a port is started and asked through the relay of mfserv, another program by itself', () => {
  const program = (entry: string) =>
    specsOf(`[app_own]\ntype=command\nmain_arg=${entry}\nworkers=1\n`, {}, { workerCode: { python3: 'three' } })[0]
  const onPort = program('./x {port}')
  assert.deepEqual(onPort?.launcher?.slice(0, 4), ['/usr/bin/python3', '-I', '-S', '/opt/mfserv/python/mfserv_on_port.py'])
  assert.deepEqual([onPort.ready.by === 'answer' && onPort.ready.through, onPort.code], ['port', 'three'])
  const onSocket = program('./x {unix_socket_path}')
  assert.ok(onSocket !== undefined && !('launcher' in onSocket) && !('through' in onSocket.ready))
})

test('a worker whose clients come back is empty only when none came for 5 s', () => {
  assert.equal(specsOf(`${WSGI}sticky=1\n`)[0]?.quietMs, 5000)
  assert.ok(!('quietMs' in (specsOf(WSGI)[0] ?? {})))
})

test('the packages of mfserv are those for the Python of the plugin', () => {
  const library = (more: Partial<InstalledPlugin>) => specsOf(WSGI, more)[0]?.argv.filter((word) => word.startsWith('--library='))
  assert.deepEqual(library({}), ['--library=/rh/opt/python'])
  assert.deepEqual(library({ pythonTag: 'cpython-312' }), ['--library=/rh/opt/cpython-312'])
})

test('one app of PHP is enough for its plugin to need it, and Redis is needed by what says so', () => {
  const php = '[app_old]\ntype=php\nworkers=1\n'
  const needs = (sections: string) => {
    const one = installed('blog', sections)
    return [needsPhp(one), needsRedis(one)]
  }
  assert.deepEqual(needs(`${php}${NODE}`), [true, false])
  assert.deepEqual(needs(`redis_service=1\n${WSGI}${NODE}`), [false, true])
  assert.equal(specsOf(`${php}${NODE}`).length, 0)
})

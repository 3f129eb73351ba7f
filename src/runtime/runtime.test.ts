import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppType } from './app-type.ts'
import type { RunnableApp, Runtime, WorkerCommand, WorkerPlace } from './contract.ts'
import { RUNTIMES } from './runtime.ts'

const APP: RunnableApp = { name: 'web', entry: 'main.wsgi:app', nodeExtraOpts: '', debug: false, gracefulTimeout: 5 }
const PLUGIN = { name: 'blog', home: '/plugins/blog' }
/** Of a machine where no Python 2 and no PHP was found. */
const BARE: WorkerPlace = {
  socket: '/run/web.socket',
  timeout: 60,
  mfservHome: '/opt/mfserv',
  nodePath: '/opt/node',
  python3Path: '/opt/python3',
  pythonLibrary: '/opt/library',
}
const PLACE: WorkerPlace = {
  ...BARE,
  python2Path: '/opt/python2',
  python2Library: '/opt/library2',
  phpFpm: { path: '/opt/php-fpm', env: {} },
}

const PYTHON3 = '/opt/python3 /opt/mfserv/python'
const PYTHON2 = '/opt/python2 /opt/mfserv/python2'
const SERVE = '--timeout=60 --grace=5 --library=/opt/library -- main.wsgi:app /run/web.socket'
const SERVE2 = '--timeout=60 --grace=5 --library=/opt/library2 -- main.wsgi:app /run/web.socket'

/** The command line of one worker of each type, and whether nginx may keep its connections to it open. */
const TYPES: Readonly<Record<AppType, { readonly keepsAlive: boolean; readonly line: string }>> = {
  python3_sync: {
    keepsAlive: true,
    line: `${PYTHON3}/mfserv_wsgi.py --timeout=60 --library=/opt/library -- main.wsgi:app /run/web.socket`,
  },
  aiohttp: { keepsAlive: true, line: `${PYTHON3}/mfserv_serve.py aiohttp ${SERVE}` },
  python3_asgi: { keepsAlive: true, line: `${PYTHON3}/mfserv_serve.py asgi ${SERVE}` },
  python3_tornado: { keepsAlive: true, line: `${PYTHON3}/mfserv_serve.py tornado ${SERVE}` },
  gunicorn3_sync: { keepsAlive: false, line: `${PYTHON3}/mfserv_serve.py gunicorn ${SERVE}` },
  gunicorn3_asyncio: { keepsAlive: true, line: `${PYTHON3}/mfserv_serve.py gunicorn-aiohttp ${SERVE}` },
  python2_sync: { keepsAlive: false, line: `${PYTHON2}/mfserv_wsgi.py ${SERVE2}` },
  gunicorn2_sync: { keepsAlive: false, line: `${PYTHON2}/mfserv_gunicorn.py ${SERVE2}` },
  node: {
    keepsAlive: true,
    line: '/opt/node --max-http-header-size=20480 --require=/opt/mfserv/share/node-request-id.cjs --require=/opt/mfserv/share/node-socket.cjs /plugins/blog/web/main.wsgi:app /run/web.socket 60',
  },
  php: {
    keepsAlive: false,
    line: 'env MFSERV_PHP_SOCKET=/run/web.socket /opt/php-fpm --nodaemonize --force-stderr --allow-to-run-as-root --fpm-config=/opt/mfserv/share/php-fpm.conf -dcgi.fix_pathinfo=0 -dfastcgi.logging=0',
  },
  command: { keepsAlive: false, line: 'main.wsgi:app' },
  static: { keepsAlive: false, line: '' },
}

test('the servers of WSGI and ASGI are told where an app is mounted', () => {
  const mount = ['/blog/web', '/blog']
  const told = Object.values(RUNTIMES).filter(({ worker }) =>
    worker(APP, PLUGIN, { ...PLACE, mount }).argv.includes('--mount=/blog/web:/blog'),
  )
  const { python3_sync, python2_sync, gunicorn3_sync, gunicorn2_sync, python3_asgi } = RUNTIMES
  assert.deepEqual(told, [python3_sync, python2_sync, gunicorn3_sync, gunicorn2_sync, python3_asgi])
})

for (const [name, { keepsAlive, line }] of Object.entries(TYPES)) {
  const type = name as AppType
  test(`a worker of type ${type} gets its own command line, and ${keepsAlive ? 'connections that stay open' : 'a connection for each request'}`, () => {
    assert.equal(RUNTIMES[type].keepAlive, keepsAlive)
    assert.equal(commandOf(type).argv.join(' '), line)
  })
}

test('debug=1 changes nothing but the words that open the debugger of the type', () => {
  for (const type of Object.keys(TYPES) as readonly AppType[]) {
    const { argv } = commandOf(type, { debug: true })
    const added = argv.filter((word) => !commandOf(type).argv.includes(word))
    const expected = type === 'node' ? ['--inspect=127.0.0.1:0', '--inspect-publish-uid=stderr'] : ['--debug']
    const hasDebugger = /^python|^gunicorn|^aiohttp$|^node$/.test(type)
    assert.deepEqual(added, hasDebugger ? expected : [], type)
    assert.deepEqual(
      argv.filter((word) => !added.includes(word)),
      commandOf(type).argv,
    )
  }
})

test('debug=1 stands in front of the --, so that no server takes it for a word of the app', () => {
  for (const type of ['python3_sync', 'aiohttp', 'python2_sync'] as const) {
    const { argv } = commandOf(type, { debug: true })
    assert.equal(argv[argv.indexOf('--') - 1], '--debug')
  }
})

test('the options for node stand in front of the file to run, split as a shell would', () => {
  const { argv, env } = commandOf('node', { nodeExtraOpts: '--max-old-space-size=64 --title "my shop"', entry: 'server.js' })
  assert.deepEqual(argv.slice(4), [
    '--max-old-space-size=64',
    '--title',
    'my shop',
    '/plugins/blog/web/server.js',
    '/run/web.socket',
    '60',
  ])
  assert.deepEqual(env, { NODE_PATH: '/opt/mfserv/share/node-path' })
})

test('the Node of mfserv takes as many headers from a client as Node alone, that of a plugin is told nothing it may not know', () => {
  const isTold = (place: WorkerPlace) => commandOf('node', {}, place).argv.includes('--max-http-header-size=20480')
  assert.deepEqual([isTold(PLACE), isTold({ ...PLACE, isOwnNode: true })], [true, false])
})

test('a Node app is started from its directory, of the plugin itself too', () => {
  const file = (directory: string) => commandOf('node', { entry: 'server.js', directory }).argv.at(-3)
  assert.deepEqual([file('src/web'), file('.')], ['/plugins/blog/src/web/server.js', '/plugins/blog/server.js'])
})

test('a PHP script is ended three seconds after its timeout, when nginx has answered already', () => {
  const { MFSERV_PHP_TIMEOUT, MFSERV_PHP_END_AFTER } = commandOf('php').env
  assert.deepEqual([MFSERV_PHP_TIMEOUT, MFSERV_PHP_END_AFTER], ['60', '63'])
})

test('PHP looks whether a script was edited, except in a release with a front controller', () => {
  const looks = (app: Partial<RunnableApp>, isRelease: boolean) =>
    commandOf('php', app, { ...PLACE, isRelease }).env['MFSERV_PHP_VALIDATE']
  const front = { frontController: 'index.php' }
  assert.deepEqual([looks(front, true), looks(front, false), looks({}, true), looks({}, false)], ['0', '1', '1', '1'])
})

test('a machine whose Python 2 or PHP was not found runs the one on PATH', () => {
  assert.equal(commandOf('php', {}, BARE).argv[2], 'php-fpm')
  assert.deepEqual(commandOf('python2_sync', {}, BARE).argv.slice(0, 5), [
    'python2.7',
    '/opt/mfserv/python2/mfserv_wsgi.py',
    '--timeout=60',
    '--grace=5',
    '--library=',
  ])
})

function commandOf(type: AppType, app: Partial<RunnableApp> = {}, place: WorkerPlace = PLACE): WorkerCommand {
  const runtime: Runtime = RUNTIMES[type]
  return runtime.worker({ ...APP, ...app }, PLUGIN, place)
}

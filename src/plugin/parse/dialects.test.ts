import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { GENERAL, HOME, LATER_GENERAL, parse, text } from '../../../test/support/parse-fixture.ts'
import { formatProblem } from '../../problem.ts'
import type { App } from '../plugin.ts'

test('a plugin of the documented dialect is read with its apps, daemons and files', () => {
  const { plugin, problems } = parse(
    `${GENERAL}extra_nginx_server_conf_filename = server.conf
[app_main]
type = python3_sync
main_arg = main.wsgi:application
workers = {{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}
timeout = 30
max_age = 3600
rlimit_nofile = 1000
rlimit_as =
rlimit_core = 0
prefix_based_routing_extra_routes = /a; /b/c
[app_www]
type: static
[extra_daemon_clock]
cmd_and_args = clock --every 5
debug = 0
[custom]
greeting = hello
`,
    { 'server.conf': 'location = /x { return 204; }' },
  )
  assert.deepEqual(problems, [])
  const limits = { as: undefined, nofile: undefined, nproc: undefined, stack: undefined, core: undefined, fsize: undefined }
  const app = {
    nodeExtraOpts: '',
    debug: false,
    gracefulTimeout: 30,
    fragments: { app: undefined, static: undefined },
    addAppDirToPythonPath: false,
    httpTest: undefined,
    gateway: 'proxy',
  }
  const routing = {
    prefix: true,
    mount: false,
    virtualDomain: false,
    extraVhosts: [],
    static: { urlPrefix: '/static', directory: '/static' },
  }
  assert.deepEqual(plugin, {
    name: 'blog',
    home: HOME,
    dialect: 'documented',
    version: '1.0',
    release: '1',
    summary: 'A blog',
    license: 'MIT',
    url: 'http://blog',
    maintainer: 'A B <a@b>',
    vendor: 'C',
    apps: [
      {
        ...app,
        name: 'main',
        where: { file: 'config.ini', line: 9 },
        lines: { entry: 11, extraRoutes: 18, extraVhosts: undefined },
        type: 'python3_sync',
        entry: 'main.wsgi:application',
        workers: 8,
        timeout: 30,
        maxAge: 3600,
        startTimeout: 0,
        limits: { ...limits, nofile: 1000, core: 0 },
        routing: { ...routing, extraRoutes: ['/a', '/b/c'] },
      },
      {
        ...app,
        name: 'www',
        where: { file: 'config.ini', line: 19 },
        lines: { entry: 19, extraRoutes: undefined, extraVhosts: undefined },
        type: 'static',
        entry: '',
        workers: 0,
        timeout: 0,
        maxAge: 0,
        startTimeout: 0,
        limits,
        routing: { ...routing, extraRoutes: [] },
      },
    ],
    daemons: [
      {
        name: 'clock',
        where: { file: 'config.ini', line: 21 },
        lines: { entry: 22 },
        command: 'clock --every 5',
        numprocesses: 1,
        gracefulTimeout: 30,
        maxAge: 0,
        debug: false,
        limits,
      },
    ],
    crontab: [],
    fragments: { http: undefined, server: { file: `${HOME}/server.conf`, text: 'location = /x { return 204; }' } },
    addPluginDirToPythonPath: true,
    environment: {
      MFSERV_CURRENT_PLUGIN_GENERAL_VERSION: '1.0',
      MFSERV_CURRENT_PLUGIN_GENERAL_SUMMARY: 'A blog',
      MFSERV_CURRENT_PLUGIN_GENERAL_LICENSE: 'MIT',
      MFSERV_CURRENT_PLUGIN_GENERAL_URL: 'http://blog',
      MFSERV_CURRENT_PLUGIN_GENERAL_MAINTAINER: 'A B <a@b>',
      MFSERV_CURRENT_PLUGIN_GENERAL_VENDOR: 'C',
      MFSERV_CURRENT_PLUGIN_GENERAL_EXTRA_NGINX_SERVER_CONF_FILENAME: 'server.conf',
      MFSERV_CURRENT_PLUGIN_APP_MAIN_TYPE: 'python3_sync',
      MFSERV_CURRENT_PLUGIN_APP_MAIN_MAIN_ARG: 'main.wsgi:application',
      MFSERV_CURRENT_PLUGIN_APP_MAIN_WORKERS: '8',
      MFSERV_CURRENT_PLUGIN_APP_MAIN_TIMEOUT: '30',
      MFSERV_CURRENT_PLUGIN_APP_MAIN_MAX_AGE: '3600',
      MFSERV_CURRENT_PLUGIN_APP_MAIN_RLIMIT_NOFILE: '1000',
      MFSERV_CURRENT_PLUGIN_APP_MAIN_RLIMIT_AS: '',
      MFSERV_CURRENT_PLUGIN_APP_MAIN_RLIMIT_CORE: '0',
      MFSERV_CURRENT_PLUGIN_APP_MAIN_PREFIX_BASED_ROUTING_EXTRA_ROUTES: '/a; /b/c',
      MFSERV_CURRENT_PLUGIN_APP_WWW_TYPE: 'static',
      MFSERV_CURRENT_PLUGIN_EXTRA_DAEMON_CLOCK_CMD_AND_ARGS: 'clock --every 5',
      MFSERV_CURRENT_PLUGIN_EXTRA_DAEMON_CLOCK_DEBUG: '0',
      MFSERV_CURRENT_PLUGIN_CUSTOM_GREETING: 'hello',
    },
    extraEnv: { REDIS: '{HOME}/redis.socket' },
    dependencies: [
      { label: 'python3@mfserv', optional: false, where: { file: '.layerapi2_dependencies', line: 2 } },
      { label: 'python3_ia@mfext', optional: true, where: { file: '.layerapi2_dependencies', line: 4 } },
    ],
  })
})

test('a plugin of the later dialect is read into the same model', () => {
  const { plugin, problems } = parse(`${LATER_GENERAL}_release = 3
_add_plugin_dir_to_python_path = False
[app_main]
_cmd_and_args = bjoern_wrapper.py {debug_extra_options} --timeout={timeout} {app_name}.wsgi:app {unix_socket_path}
numprocesses = 4
_http_test_endpoint = /blog/ping
smart_stop_signal = 15
[app_other]
_cmd_and_args = run {debug_extra_options} {plugin_dir}/run.js {unix_socket_path}
_debug_extra_options = --inspect
numprocesses = 4
max_age = 60
debug = yes
[app_www]
_static_url_prefix =
_static_directory =
[_private]
anything = goes
`)
  assert.deepEqual(problems, [])
  assert.deepEqual([plugin?.dialect, plugin?.release, plugin?.addPluginDirToPythonPath], ['later', '3', false])
  const [main, other, www] = plugin?.apps ?? []
  assert.deepEqual([main?.type, main?.entry, main?.workers], ['python3_sync', 'main.wsgi:app', 4])
  assert.deepEqual(main?.httpTest, { endpoint: '/blog/ping', expectedStatus: 200, expectedBody: 'OK', timeout: 10 })
  assert.deepEqual([other?.type, other?.entry], ['command', 'run --inspect {plugin_dir}/run.js {unix_socket_path}'])
  assert.deepEqual([other?.workers, other?.maxAge], [1, 0])
  assert.deepEqual([www?.type, www?.routing.static], ['static', { urlPrefix: '', directory: '' }])
  assert.equal(plugin?.environment['MFSERV_CURRENT_PLUGIN_APP_OTHER_DEBUG'], '1')
  assert.equal(plugin?.environment['MFSERV_CURRENT_PLUGIN_APP_MAIN__CMD_AND_ARGS'], undefined)
})

test('debug means one worker that is never replaced by age', () => {
  const { workers, maxAge, debug } = onlyApp('type=node\nmain_arg=server.js\nworkers=8\nmax_age=3600\ndebug=1', 'api')
  assert.deepEqual({ workers, maxAge, debug }, { workers: 1, maxAge: 0, debug: true })
})

test('variants, parents and [DEFAULT] reach the apps', () => {
  const { plugin, problems } = parse(
    `${GENERAL}[DEFAULT]\ntimeout=5\nlost_key=1\n[base]\ntype=node\nmain_arg=server.js\nworkers=1\nworkers[DEV]=2\n[app_api:base]\n[app_www:base]\ntype=static\n`,
  )
  assert.deepEqual(
    plugin?.apps.map(({ type, workers, timeout }) => [type, workers, timeout]),
    [
      ['node', 2, 5],
      ['static', 0, 5],
    ],
  )
  assert.deepEqual(
    text(problems),
    'config.ini:10  no section has a key "lost_key", so the line has no effect  (INI_IGNORED_KEY)\n  Remove the line.',
  )
})

test('an app of the dialect that templates write can have a test of its health', () => {
  const { plugin, problems } = parse(`${GENERAL}[app_www]\ntype=static\n_http_test_endpoint=/blog/ping\n_http_test_timeout=3\n`)
  assert.equal(text(problems), '')
  assert.deepEqual(plugin?.apps[0]?.httpTest, { endpoint: '/blog/ping', expectedStatus: 200, expectedBody: 'OK', timeout: 3 })
})

test('a module is found in the plugin, in lib, and in the directory of the app when that is on the path', () => {
  assert.equal(onlyApp('type=python3_sync\nmain_arg=pkg.web:app\nworkers=1').entry, 'pkg.web:app')
  const own = 'type=python3_sync\nmain_arg=wsgi:app\nworkers=1\nadd_app_dir_to_python_path=1'
  assert.equal(onlyApp(own).addAppDirToPythonPath, true)
  assert.equal(parse(`${GENERAL}[app_main]\n${own.replace('=1\nadd', '=1\n# add')}\n`).plugin, undefined)
})

test('no config.ini makes the reader fail: there is a plugin, or an error that says why not', () => {
  const line = fc.oneof(
    fc.constantFrom(
      '[general]',
      '[app_main]',
      '[app_b:app_main]',
      '[DEFAULT]',
      '[extra_daemon_x]',
      '[custom]',
      '[app_]',
      '[__proto__]',
    ),
    fc.constantFrom(
      'type=static',
      'type=node',
      'workers=1',
      'main_arg=x',
      '_cmd_and_args=x',
      '_version=1',
      '__proto__=1',
      'toString=1',
    ),
    fc.constantFrom(...GENERAL.split('\n')),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const { plugin, problems } = parse(lines.join('\n'))
      assert.ok(plugin !== undefined || problems.length > 0)
    }),
  )
})

function onlyApp(lines: string, name = 'main'): App {
  const { plugin, problems } = parse(`${GENERAL}[app_${name}]\n${lines}\n`)
  assert.deepEqual(problems.map(formatProblem), [])
  const [app] = plugin?.apps ?? []
  assert.ok(app)
  return app
}

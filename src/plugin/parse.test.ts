import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatProblem, isError } from '../problem.ts'
import { APP_TYPES } from './keys.ts'
import { parsePlugin } from './parse.ts'
import type { App } from './plugin.ts'

const HOME = '/plugins/blog'
const GENERAL = `[general]
version = 1.0
summary = A blog
license = MIT
url = http://blog
maintainer = A B <a@b>
vendor = C
`
const LATER_GENERAL = GENERAL.replaceAll(/^(?=\w)/gm, '_')
const VARIABLES = { MFCONFIG: 'DEV', MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: '8' }
const FILES = ['main/wsgi.py', 'api/server.js', 'www', 'pkg/web/__init__.py']

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
        lines: { entry: 11, extraRoutes: 18 },
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
        lines: { entry: 19, extraRoutes: undefined },
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

test('the old names of keys work and are told with the new one', () => {
  const { plugin, problems } = parse(
    `${GENERAL}[app_main]\ntype=python3_sync\ngunicorn_arg=main.wsgi:app\nworkers=1\nproxy_timeout=7\n[app_api]\ntype=node\nnode_arg=server.js\nworkers=1\n`,
  )
  assert.deepEqual(
    plugin?.apps.map(({ entry, timeout }) => [entry, timeout]),
    [
      ['main.wsgi:app', 7],
      ['server.js', 0],
    ],
  )
  assert.equal(
    text(problems),
    `config.ini:10  gunicorn_arg is an old name of main_arg  (INI_DEPRECATED_KEY)
  Write main_arg instead of gunicorn_arg.
config.ini:12  proxy_timeout is an old name of timeout  (INI_DEPRECATED_KEY)
  Write timeout instead of proxy_timeout.
config.ini:15  node_arg is an old name of main_arg  (INI_DEPRECATED_KEY)
  Write main_arg instead of node_arg.`,
  )
})

test('where an application stands in a file of its own, the file or its module can be named, so changing type is enough', () => {
  for (const type of ['aiohttp', 'gunicorn3_asyncio', 'python3_tornado']) {
    for (const entry of ['main/wsgi.py', 'main.wsgi:app']) {
      const { plugin, problems } = parse(`${GENERAL}[app_main]\ntype=${type}\nmain_arg=${entry}\nworkers=1\n`)
      assert.equal(plugin?.apps[0]?.entry, entry)
      assert.deepEqual(problems.filter(isError), [])
    }
    const refused = (entry: string) =>
      parse(`${GENERAL}[app_main]\ntype=${type}\nmain_arg=${entry}\nworkers=1\n`).problems.filter(isError)
    assert.match(text(refused('main/none.py')), /main_arg needs main\/none\.py, which is not in the plugin/)
    assert.match(text(refused('wsgi')), /main_arg is "wsgi".*\n {2}Write a Python file of the plugin.*main\.application:app/)
    assert.match(text(refused('/etc/x.py')), /INI_BAD_VALUE/)
  }
})

test('a gunicorn type works, and is told with the type that serves the same code', () => {
  for (const [type, instead] of [
    ['gunicorn3_sync', 'python3_sync'],
    ['gunicorn3_asyncio', 'aiohttp'],
  ]) {
    const { plugin, problems } = parse(`${GENERAL}[app_main]\ntype=${type}\nmain_arg=main.wsgi:app\nworkers=1\n`)
    assert.equal(plugin?.apps[0]?.type, type)
    assert.match(
      text(problems),
      new RegExp(`^config\\.ini:9  the type ${type} is deprecated  \\(INI_DEPRECATED_TYPE\\)\\n.*type = ${instead} `),
    )
  }
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

test('what the documented dialect ignored is a warning, with the nearest name', () => {
  const { plugin, problems } = parse(`${GENERAL}redis_service = 1\n[app_www]\ntype=static\nwrkers=1\n[redis]\nport=1\n`)
  assert.equal(plugin?.apps.length, 1)
  assert.equal(
    text(problems),
    `config.ini:12  the section [redis] is not known, so it has no effect  (INI_IGNORED_SECTION)
  Remove it, or name it [custom_redis].
config.ini:11  [app_www] has no key "wrkers", so the line has no effect  (INI_IGNORED_KEY)
  Did you mean "workers"? Otherwise remove the line.`,
  )
})

test('a slip in the name of a section is refused, whatever it is, so that what it names does not silently vanish', () => {
  const app = 'type=static\n'
  const daemon = 'cmd_and_args=x\n'
  const slips: readonly (readonly [string, string, string])[] = [
    ['ap_main', app, 'app_main'],
    ['apps_main', app, 'app_main'],
    ['App_main', app, 'app_main'],
    ['ap_main', 'timeout=5\n', 'app_main'],
    ['appmain', app, 'app_main'],
    ['app-main', app, 'app_main'],
    ['main', app, 'app_main'],
    ['extra_deamon_feed', daemon, 'extra_daemon_feed'],
    ['daemon_feed', daemon, 'extra_daemon_feed'],
    ['feed', daemon, 'extra_daemon_feed'],
    ['costum', 'a=1\n', 'custom'],
    ['cusotm_x', 'a=1\n', 'custom_x'],
  ]
  for (const [name, keys, meant] of slips) {
    const { plugin, problems } = parse(`${GENERAL}[app_www]\n${app}[${name}]\n${keys}`)
    assert.equal(plugin, undefined, name)
    assert.match(
      text(problems),
      new RegExp(`\\[${name}\\] is not known  \\(INI_UNKNOWN_SECTION\\)\n  Did you mean "${meant}"\\?`),
    )
  }
  for (const free of ['api_main', 'step_main', 'redis', 'custom', 'customer', 'custom_x', 'internal', '_mine']) {
    assert.ok(parse(`${GENERAL}[app_www]\n${app}[${free}]\nport=1\n`).plugin, free)
  }
})

test('the keys of an app whose heading is gone are refused', () => {
  const { plugin, problems } = parse(`${GENERAL}# [app_main]\ntype=static\n`)
  assert.equal(plugin, undefined)
  assert.match(text(problems), /\[general\] has no key "type": it belongs to an app or a daemon {2}\(INI_UNKNOWN_KEY\)/)
})

test('an app of the dialect that templates write can have a test of its health', () => {
  const { plugin, problems } = parse(`${GENERAL}[app_www]\ntype=static\n_http_test_endpoint=/blog/ping\n_http_test_timeout=3\n`)
  assert.equal(text(problems), '')
  assert.deepEqual(plugin?.apps[0]?.httpTest, { endpoint: '/blog/ping', expectedStatus: 200, expectedBody: 'OK', timeout: 3 })
})

test('what has no near name is told only with what to do, and a key of the other dialect is read', () => {
  const { problems } = parse(`${LATER_GENERAL}[app_www]\nworkers=2\nzzzzzzzzzzzz=1\n`)
  assert.equal(
    text(problems.filter(({ code }) => code === 'INI_UNKNOWN_KEY')),
    `config.ini:10  [app_www] has no key "zzzzzzzzzzzz"  (INI_UNKNOWN_KEY)
  Remove the line.`,
  )
})

test('what the later dialect rejected is an error', () => {
  const { plugin, problems } = parse(`${LATER_GENERAL}[app_www]\ntimout=1\nTimeout=1\n[app_a:app_b]\n[redis]\n`)
  assert.equal(plugin, undefined)
  assert.equal(
    text(problems),
    `config.ini:12  the section [redis] is not known  (INI_UNKNOWN_SECTION)
  Remove it, or name it [custom_redis].
config.ini:9  [app_www] has no key "timout"  (INI_UNKNOWN_KEY)
  Did you mean "timeout"? Otherwise remove the line.
config.ini:10  [app_www] has no key "Timeout"  (INI_UNKNOWN_KEY)
  Did you mean "timeout"? Otherwise remove the line.
config.ini:11  [app_a:app_b] has a name that is not allowed  (INI_BAD_VALUE)
  Use at least one and at most 64 letters, digits, _ and - behind the first part of the section name.
config.ini:11  [app_a:app_b] needs a:app_b/, which is not in the plugin  (PLUGIN_FILE_MISSING)
  Create the directory and put the files to serve into it.`,
  )
})

test('every mistake of a plugin is told at once, with its line and its fix', () => {
  const { plugin, problems } = parsePlugin(
    {
      label: { file: '.layerapi2_label', text: 'plugin_config@mfserv\n' },
      configIni: {
        file: 'config.ini',
        text: `[general]
version = 1 0
summary =
[app_a]
type = pyton3_sync
workers = many
[app_b]
type = python3_sync
main_arg = main/wsgi.py
workers = {{CORES}}
prefix_based_routing_extra_routes = a;/b/
[app_c]
type = node
main_arg = none.js
[app_d]
type = python3_sync
main_arg = mian.wsgi:application
workers = 1
extra_nginx_conf_filename = ../x.conf
[app_e]
type = static
extra_nginx_conf_static_filename = e.conf
[app_f]
type = redis
[app_g]
[app_h]
type = command
main_arg = run
workers = 1
[app_i]
type = python3_sync
workers = -1
[extra_daemon_x]
max_age = 1h
`,
      },
      dependencies: undefined,
      extraEnv: { file: '.layerapi2_extra_env', text: 'A=1\nnothing\n' },
      crontab: { file: 'crontab', text: '0 25 * * * a\n' },
    },
    treeOf(),
    VARIABLES,
  )
  assert.equal(plugin, undefined)
  assert.equal(
    text(problems),
    `.layerapi2_label:1  the plugin name "config" is used by mfserv itself  (PLUGIN_NAME)
  Choose another one.
config.ini:2  version is "1 0"  (INI_BAD_VALUE)
  Write letters, digits and . _ - + ~ only, such as 1.0.2.
config.ini:3  summary of [general] is empty  (INI_EMPTY_VALUE)
  It works. Write a value, such as summary = one line summary
config.ini:1  [general] has no license  (INI_MISSING_KEY)
  Add a line such as license = Proprietary
config.ini:1  [general] has no url  (INI_MISSING_KEY)
  Add a line such as url = http://yourpluginhomepage
config.ini:1  [general] has no vendor  (INI_MISSING_KEY)
  Add a line such as vendor = MetWork
config.ini:1  [general] has no maintainer  (INI_MISSING_KEY)
  Add a line such as maintainer = Firstname FAMILYNAME <email>
config.ini:6  workers is "many"  (INI_BAD_VALUE)
  Write a whole number from 0 to 1000.
config.ini:5  type is "pyton3_sync"  (INI_BAD_VALUE)
  Did you mean "python3_sync"? Write one of ${APP_TYPES.join(', ')}.
config.ini:10  there is no variable CORES, so it reads as empty  (INI_UNKNOWN_VARIABLE)
  Name a variable of the environment, or write the value itself.
config.ini:11  prefix_based_routing_extra_routes is "a;/b/"  (INI_BAD_VALUE)
  Write paths separated by ;, each starting with / and not ending with /, such as /a;/b/c, or null.
config.ini:10  workers of [app_b] is empty  (INI_MISSING_KEY)
  Write a value, such as workers = {{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}
config.ini:9  main_arg is "main/wsgi.py"  (INI_BAD_VALUE)
  Write <module>:<callable>, such as main.wsgi:application.
config.ini:12  [app_c] has no workers  (INI_MISSING_KEY)
  Add a line such as workers = {{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}
config.ini:14  main_arg needs c/none.js, which is not in the plugin  (PLUGIN_FILE_MISSING)
  Create the file, or name the right one in main_arg.
config.ini:19  extra_nginx_conf_filename is "../x.conf"  (INI_BAD_VALUE)
  Write the path of a file in the plugin, relative to its directory, or null.
config.ini:17  main_arg needs mian/wsgi.py, which is not in the plugin  (PLUGIN_FILE_MISSING)
  Create the file, or name the right one in main_arg.
config.ini:20  [app_e] needs e/, which is not in the plugin  (PLUGIN_FILE_MISSING)
  Create the directory and put the files to serve into it.
config.ini:22  extra_nginx_conf_static_filename needs e.conf, which is not in the plugin  (PLUGIN_FILE_MISSING)
  Create the file, or write extra_nginx_conf_static_filename = null.
config.ini:24  type is "redis"  (INI_BAD_VALUE)
  Write one of ${APP_TYPES.join(', ')}.
config.ini:25  [app_g] has no type  (INI_MISSING_KEY)
  Add a line such as type = python3_sync
config.ini:28  main_arg is "run"  (INI_BAD_VALUE)
  Write one of the two where the program is told to listen: {unix_socket_path}, or {port} if it only knows a TCP port. One that reads the variable PORT: env PORT={port} in front of it.
config.ini:32  workers is "-1"  (INI_BAD_VALUE)
  Write a whole number from 0 to 1000.
config.ini:30  [app_i] has no main_arg  (INI_MISSING_KEY)
  Add a line such as main_arg = main.wsgi:application
config.ini:34  max_age is "1h"  (INI_BAD_VALUE)
  Write a whole number from 0 to 31536000.
config.ini:33  [extra_daemon_x] has no cmd_and_args  (INI_MISSING_KEY)
  Add a line such as cmd_and_args = mydaemon --option
.layerapi2_extra_env:2  cannot read "nothing"  (INI_SYNTAX)
  Write NAME=value.
crontab:1  the hour is "25"  (CRONTAB_LINE)
  Write a number from 0 to 23, or * for every one.`,
  )
})

test('a module is found in the plugin, in lib, and in the directory of the app when that is on the path', () => {
  assert.equal(onlyApp('type=python3_sync\nmain_arg=pkg.web:app\nworkers=1').entry, 'pkg.web:app')
  const own = 'type=python3_sync\nmain_arg=wsgi:app\nworkers=1\nadd_app_dir_to_python_path=1'
  assert.equal(onlyApp(own).addAppDirToPythonPath, true)
  assert.equal(parse(`${GENERAL}[app_main]\n${own.replace('=1\nadd', '=1\n# add')}\n`).plugin, undefined)
})

test('a label that is none and a config.ini without [general] are told', () => {
  const source = (file: string, content: string) => ({ file, text: content })
  const files = { configIni: source('config.ini', ''), dependencies: undefined, extraEnv: undefined, crontab: undefined }
  const { problems } = parsePlugin({ ...files, label: source('.layerapi2_label', 'blog\n') }, treeOf(), VARIABLES)
  assert.equal(
    text(problems),
    `.layerapi2_label:1  the label is "blog"  (PLUGIN_LABEL)
  Write one line: plugin_<name>@mfserv
config.ini  there is no section [general]  (INI_MISSING_KEY)
  Add the line [general] and below it version, summary, license, url, maintainer and vendor.`,
  )
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

test('a section without the first part of its name is told the name that its keys, or its own, show', () => {
  const fixes = parse(`${GENERAL}[main]
type = static
[daemon_dm]
cmd_and_args = dm
[dm]
cmd_and_args = dm
[notes]
a = 1
`).problems.map(({ where, fix }) => `${where?.line} ${/"(.*?)"/.exec(fix)?.[1]}`)
  assert.deepEqual(fixes, ['8 app_main', '10 extra_daemon_dm', '12 extra_daemon_dm', '14 undefined'])
})

test('an indented key, and a comment behind a value, are told as what spoils the value', () => {
  const { problems } = parse(`${GENERAL}[app_www]
type = static
timeout = 3
  debug = 1
max_age = 5 # seconds
static_routing = 1
[app_main]
type = command
  main_arg = serve {unix_socket_path}
workers = 1
`)
  assert.equal(
    text(problems),
    `config.ini:10  timeout is "3
debug = 1"  (INI_BAD_VALUE)
  The line "debug = 1" below it is indented, so it continues the value: begin it at the start of the line. Write a whole number from 0 to 86400.
config.ini:12  max_age is "5 # seconds"  (INI_BAD_VALUE)
  A comment needs a line of its own: move "# seconds" there. Write a whole number from 0 to 31536000.
config.ini:15  type is "command
main_arg = serve {unix_socket_path}"  (INI_BAD_VALUE)
  The line "main_arg = serve {unix_socket_path}" below it is indented, so it continues the value: begin it at the start of the line. Write one of ${APP_TYPES.join(', ')}.`,
  )
})

test('a required key that is indented is told where it is', () => {
  const [problem] = parse(GENERAL.replace('license', '  license')).problems
  assert.equal(
    problem === undefined ? '' : formatProblem(problem),
    `config.ini:3  [general] has no license  (INI_MISSING_KEY)
  Begin it at the start of its line: indented, it continues the value of summary.`,
  )
})

test('-1 is none, and another number below 0 is a mistake', () => {
  const timeout = (value: string) => parse(`${GENERAL}[app_www]\ntype = static\ntimeout = ${value}\n`)
  assert.equal(timeout('-1').plugin?.apps[0]?.timeout, 0)
  assert.match(text(timeout('-3').problems), /^config\.ini:10 {2}timeout is "-3" {2}\(INI_BAD_VALUE\)/)
})

function parse(configIni: string, texts: Readonly<Record<string, string>> = {}) {
  return parsePlugin(
    {
      label: { file: '.layerapi2_label', text: 'plugin_blog@mfserv\n' },
      configIni: { file: 'config.ini', text: configIni },
      dependencies: { file: '.layerapi2_dependencies', text: '# ours\npython3@mfserv\n\n-python3_ia@mfext\n' },
      extraEnv: { file: '.layerapi2_extra_env', text: '# no\nREDIS={HOME}/redis.socket\n' },
      crontab: undefined,
    },
    treeOf(texts),
    VARIABLES,
  )
}

function treeOf(texts: Readonly<Record<string, string>> = {}) {
  return { home: HOME, present: (path: string) => FILES.includes(path), text: (path: string) => texts[path] }
}

function text(problems: readonly Parameters<typeof formatProblem>[0][]): string {
  return problems.map(formatProblem).join('\n')
}

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  ask,
  CLONE,
  createPlugin,
  eventually,
  execute,
  get,
  newWorld,
  type Ran,
  setKey,
  type World,
  writeFile,
} from '../world.ts'

let world: World

before(async () => {
  world = await newWorld('[releases]\nwatch_seconds = 0\n')
  await world.must('mfserv.start')
})
after(() => world.end())

/** A plugin as MFSERV 0.9 made it, with a section of the later generation in it. */
const OLD: Readonly<Record<string, string>> = {
  '.layerapi2_label': 'plugin_old@mfserv\n',
  '.layerapi2_dependencies': 'root@mfserv\npython3@mfserv\n-python3_devtools@mfext\n',
  '.layerapi2_extra_env': 'OLD_LOG={MODULE_RUNTIME_HOME}/log\n',
  'config.ini': `[general]
version={{MODULE_VERSION}}
summary=one line summary
license=Proprietary
url=
maintainer=Firstname FAMILYNAME <email>
vendor=MetWork
; as MFSERV 0.9 took it

[app_main]
type=python3_sync
gunicorn_arg=main.wsgi:application
numprocesses=1
extra_nginx_conf_filename=f.conf

[extra_daemon_idle]
_cmd_and_args=sleep 1000
numprocesses=1
`,
  'f.conf': `add_header X-Plugin {{MFSERV_CURRENT_PLUGIN_NAME}};
{% if MFSERV_NGINX_PORT == "1" %}
add_header X-Port one;
{% else %}
add_header X-Port {{MFSERV_NGINX_PORT}};
{% endif %}
`,
  'main/wsgi.py': `import os


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [os.environ["MODULE_RUNTIME_HOME"].encode()]
`,
  crontab:
    '0 3 1 1 * {{MODULE_HOME}}/bin/cronwrap.sh -l -t 86400 -- layer_wrapper --layers=python3@mfext,plugin_old@mfserv -- ' +
    'sh -c \'echo "$MFSERV_CURRENT_PLUGIN_NAME $OLD_LOG"\' >> $MODULE_RUNTIME_HOME/old.log 2>&1\n',
}

const INCLUDES = ['$(MFEXT_HOME)', '$(MFCOM_HOME)', `\${MFMODULE_HOME}`, '$(MFSERV_HOME)'].flatMap((home) =>
  ['share/plugin.mk', 'opt/misc/share/plugin.mk'].map((file) => `include ${home}/${file}`),
)

test('a plugin of MFSERV is served unchanged, whichever of its Makefiles it has, and old names are warnings', async () => {
  const home = join(world.home, 'old')
  for (const [path, text] of Object.entries(OLD)) writeFile(join(home, path), text)
  for (const include of INCLUDES) {
    writeFile(join(home, 'Makefile'), `${include}\n\ncustom::\n\t@echo ran custom\n\ncollectstatic:\n\t@echo collected\n`)
    const made = await make(home, 'collectstatic')
    assert.deepEqual([made.code, made.stdout], [0, 'collected\n'], include)
  }
  const developed = await make(home, 'develop')
  assert.equal(developed.code, 0, developed.stdout + developed.stderr)
  assert.match(developed.stdout, /^ran custom$/m)
  const told = (developed.stdout + developed.stderr).split('\n').filter((line) => / {2}\([A-Z_]+\)$/.test(line))
  assert.deepEqual(
    told.map((line) => line.replace(`${home}/`, '').replace(/ {2}.* {2}/, ' ')),
    [
      'config.ini:2 (OLD_NAME)',
      'config.ini:5 (INI_EMPTY_VALUE)',
      'config.ini:12 (INI_DEPRECATED_KEY)',
      '.layerapi2_extra_env:1 (OLD_NAME)',
      'crontab:1 (OLD_NAME)',
      'crontab:1 (OLD_NAME)',
      'crontab:1 (OLD_NAME)',
    ],
  )
  const answer = await ask(`${world.url}/old`)
  assert.deepEqual(
    [await answer.text(), answer.headers.get('X-Plugin'), answer.headers.get('X-Port')],
    [world.home, 'old', `${world.port}`],
  )
})

test('the line of an old crontab runs, layer_wrapper and old names in it', async () => {
  await world.must('mfserv', ['cron', 'run', 'old', '1'])
  assert.equal(readFileSync(join(world.home, 'old.log'), 'utf8'), `old ${world.home}/log\n`)
})

test('layer_wrapper runs a command in the environment of the plugins that it names, and refuses one that is not there', async () => {
  const named = async (layers: string, ...command: readonly string[]) =>
    await world.run('layer_wrapper', [`--layers=${layers}`, '--', ...command])
  const shown = await named('root@mfserv,-plugin_none@mfserv,plugin_old@mfserv', 'printenv', 'MFSERV_CURRENT_PLUGIN_NAME')
  assert.deepEqual([shown.code, shown.stdout], [0, 'old\n'])
  assert.equal((await named('python3@mfext', 'printenv', 'MODULE')).stdout, 'MFSERV\n')
  const refused = await named('plugin_none@mfserv', 'true')
  assert.deepEqual([refused.code, /\(PLUGIN_NOT_FOUND\)/.test(refused.stderr)], [1, true])
})

test('a shell gets the old names too, unless it has a MODULE of its own', async () => {
  const seen = async (before: string): Promise<string> => {
    const script = `unset MODULE MODULE_HOME; ${before}. '${CLONE}/share/profile'; echo "$MODULE $MODULE_HOME"`
    const { stdout } = await execute('sh', ['-c', script], { env: { MFMODULE_RUNTIME_HOME: world.home } })
    return stdout.trim()
  }
  assert.deepEqual([await seen(''), await seen('MODULE=mine; export MODULE; ')], [`MFSERV ${CLONE}`, 'mine'])
  assert.equal(await seen('MODULE=MFSERV MODULE_HOME=/older; export MODULE MODULE_HOME; '), `MFSERV ${CLONE}`)
})

test('plugin_wrapper takes the options of both generations, with and without --', async () => {
  assert.equal((await world.must('plugin_wrapper', ['old', 'printenv', 'OLD_LOG'])).stdout, `${world.home}/log\n`)
  const extra = ['--add-extra-dir-to-python-path', '/extra', '--do-not-add-plugin-dir-to-python-path', 'old', '--']
  const { stdout } = await world.must('plugin_wrapper', [...extra, 'printenv', 'PYTHONPATH'])
  assert.match(stdout, /^\/extra:/)
  assert.ok(!stdout.trim().split(':').includes(join(world.home, 'old')))
  assert.match((await world.must('plugin_wrapper', ['--bash-cmds', 'old', 'true'])).stdout, /^export OLD_LOG=/m)
})

/** One command to the Redis of the plugin, and its answer: that of the query, such as `?GET+a`. It connects while it is imported. */
const REDIS = `import os
import socket


def ask(command):
    with socket.socket(socket.AF_UNIX) as redis:
        redis.connect(os.environ["REDIS_SOCKET_UNIX_SOCKET_PATH"])
        redis.sendall(command.replace("+", " ").encode() + b"\\r\\n")
        return redis.recv(1000)


ask("PING")


def application(environ, start_response):
    answer = ask(environ["QUERY_STRING"] or "PING")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [os.environ["VERSION"].encode() + b" " + answer]
`

test('a plugin with redis_service has a Redis of its own, which a hot swap and a restart leave alone', async () => {
  const home = join(world.home, 'counts')
  const version = (number: string): void => {
    writeFile(join(home, 'config.ini'), redisPlugin(number))
    writeFile(join(home, '.layerapi2_extra_env'), `VERSION=${number}\n`)
  }
  writeFile(join(home, '.layerapi2_label'), 'plugin_counts@mfserv\n')
  writeFile(join(home, 'Makefile'), 'include $(MFEXT_HOME)/opt/misc/share/plugin.mk\n')
  writeFile(join(home, 'main/wsgi.py'), REDIS)
  for (const number of ['1.0', '1.1']) {
    version(number)
    const made = await make(home, 'release')
    assert.equal(made.code, 0, made.stdout + made.stderr)
  }
  await world.must('plugins.install', [join(home, 'counts-1.0-1.metwork.mfserv.plugin')])
  const pid = await redisPid()
  const asked = async (query: string) => (await get(`${world.url}/counts?${query}`)).body
  assert.equal(await asked('SET+a+kept'), '1.0 +OK\r\n')
  await world.must('plugins.hotswap', [join(home, 'counts-1.1-1.metwork.mfserv.plugin')])
  assert.equal(await asked('GET+a'), '1.1 $4\r\nkept\r\n')
  await world.must('plugins.restart', ['counts'])
  assert.equal(await asked('GET+a'), '1.1 $4\r\nkept\r\n')
  assert.equal(await redisPid(), pid)
  // As in MFSERV: nothing on the disk, and no more than 512 MB.
  assert.match(await asked('CONFIG+GET+maxmemory'), /536870912/)
  assert.equal(await asked('CONFIG+GET+save'), '1.1 *2\r\n$4\r\nsave\r\n$0\r\n\r\n')
})

test('a Redis that dies is started again, and it ends with its plugin', async () => {
  const pid = await redisPid()
  process.kill(pid, 'SIGKILL')
  await world.until('another Redis is up', ({ plugins }) => {
    const [slot] = plugins.find(({ name }) => name === 'counts')?.daemons[0]?.slots ?? []
    return slot?.pid !== null && slot?.pid !== undefined && slot.pid !== pid
  })
  await eventually('it answers', async () => {
    const { body } = await get(`${world.url}/counts?PING`)
    return body === '1.1 +PONG\r\n' ? true : undefined
  })
  await world.must('plugins.uninstall', ['counts'])
  assert.ok(!existsSync(join(world.home, 'var/redis_plugin_counts.socket')))
})

async function redisPid(): Promise<number> {
  const { plugins } = await world.until('the Redis is up', (report) =>
    report.plugins.some(({ name, daemons }) => name === 'counts' && daemons[0]?.slots[0]?.pid !== null),
  )
  const [daemon] = plugins.find(({ name }) => name === 'counts')?.daemons ?? []
  assert.equal(daemon?.name, 'redis_service')
  return daemon?.slots[0]?.pid ?? assert.fail('no process')
}

function redisPlugin(version: string): string {
  const general = `version=${version}\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\nredis_service=1\n`
  return `[general]\n${general}[app_main]\ntype=python3_sync\nmain_arg=main.wsgi:application\nworkers=1\n`
}

test('mediation passes a request on to its backend, changes both ways, and takes no other methods', async () => {
  const body = 'x'.repeat(9 << 20)
  const backend = createServer((request, response) => {
    const seen = `${request.method} ${request.url} ${request.headers['x-mediation']} ${request.headers['x-own']}`
    response.writeHead(request.url === '/away' ? 302 : 203, { Location: '/there', 'X-Seen': seen, 'Content-Type': 'text/x' })
    response.end(request.url?.startsWith('/large') === true ? body : 'small')
  })
  const port = await new Promise<number>((resolve) => {
    backend.listen(0, '127.0.0.1', () => {
      const address = backend.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  try {
    const home = await createPlugin(world, 'between', 'mediation')
    const url = `${world.url}/between`
    assert.equal((await get(`${url}/a`)).status, 502)
    setKey(home, 'workers', '1')
    setKey(home, 'backend', `http://127.0.0.1:${port}/`)
    await eventually('the new backend is asked', async () => ((await get(`${url}/a`)).status === 203 ? true : undefined))
    await world.until(
      'no worker asks the old one',
      ({ plugins }) => plugins.find(({ name }) => name === 'between')?.leaving === 0,
    )
    const answer = await ask(`${url}/large%20one?a=%2F`, { headers: { 'X-Own': 'mine' } })
    const { headers } = answer
    assert.equal(headers.get('X-Seen'), 'GET /large%20one?a=%2F between mine')
    assert.deepEqual([headers.get('X-Mediation'), headers.get('Content-Type')], ['between', 'text/x'])
    assert.equal(await answer.text(), body)
    const moved = await ask(`${url}/away`, { redirect: 'manual' })
    assert.equal(moved.status, 302)
    assert.equal((await ask(url, { method: 'POST', body: 'x' })).status, 405)
    assert.equal((await ask(url)).headers.get('X-Seen'), 'GET / between undefined')
  } finally {
    backend.close()
  }
})

/** As the templates node of 0.9 and python3_aiohttp of 2.x wrote them: with modules that MFSERV had for every plugin. */
const LENT: Readonly<Record<string, { readonly config: string; readonly file: string; readonly text: string }>> = {
  oldnode: {
    config: '[app_oldnode]\ntype=node\nmain_arg=server.js\nworkers=1\n',
    file: 'oldnode/server.js',
    text: `const http = require('http')
const metwork_tools = require('metwork-tools')
const unix_socket_path = process.argv[2]
metwork_tools.before_start(unix_socket_path)
process.on('SIGTERM', function () {
    metwork_tools.before_stop(unix_socket_path)
})
process.on('exit', function () {
    metwork_tools.after_stop(unix_socket_path)
})
server = http.createServer(function (request, response) {
    metwork_tools.console_warn('asked for %s', request.url)
    response.end('Hello World')
})
server.listen(unix_socket_path, function () {
    server.setTimeout(parseInt(process.argv[3], 10) * 1000)
    metwork_tools.after_start(unix_socket_path)
})
`,
  },
  oldaio: {
    config:
      '[app_main]\n_cmd_and_args=python3 {plugin_dir}/{app_name}/application.py {unix_socket_path} {timeout}\nnumprocesses=1\n',
    file: 'main/application.py',
    text: `import sys
from aiohttp import web
from aiohttp_metwork_middlewares import mflog_middleware
from aiohttp_metwork_middlewares import timeout_middleware_factory


async def handle(request):
    request["mflog_logger"].warning("asked for " + request.path)
    return web.Response(text="Hello World")


app = web.Application(middlewares=[timeout_middleware_factory(int(sys.argv[2])), mflog_middleware])
app.router.add_get("/{tail:.*}", handle)
web.run_app(app, path=sys.argv[1])
`,
  },
}

for (const [name, { config, file, text }] of Object.entries(LENT)) {
  test(`${name} finds the modules that MFSERV had for it, and its workers end as it asks`, async () => {
    const home = join(world.home, name)
    const general = `[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n`
    writeFile(join(home, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
    writeFile(join(home, 'Makefile'), 'include $(MFEXT_HOME)/opt/misc/share/plugin.mk\n')
    writeFile(join(home, 'config.ini'), `${general}${config}`)
    writeFile(join(home, file), text)
    const made = await make(home, 'develop')
    assert.equal(made.code, 0, made.stdout + made.stderr)
    assert.deepEqual(await get(`${world.url}/${name}`), { status: 200, body: 'Hello World' })
    await world.must('plugins.restart', [name])
    assert.deepEqual(await get(`${world.url}/${name}/again`), { status: 200, body: 'Hello World' })
    const [log = ''] = readdirSync(join(world.home, 'log')).filter((one) => one.startsWith(`app_${name}_`))
    assert.match(readFileSync(join(world.home, 'log', log), 'utf8'), new RegExp(`asked for /${name}/again`))
  })
}

const LUA: Readonly<Record<string, string>> = {
  '.layerapi2_label': 'plugin_oldlua@mfserv\n',
  Makefile: 'include $(MFEXT_HOME)/share/plugin.mk\n',
  'config.ini': `[general]
_version=1.0
_summary=s
_license=l
_url=u
_maintainer=m
_vendor=v
_extra_nginx_server_conf_filename=server.conf
_extra_nginx_init_worker_by_lua_block_filename=init.lua
_add_plugin_dir_to_lua_path=1
`,
  'server.conf':
    'location ~ ^/{{MFSERV_CURRENT_PLUGIN_NAME}} {\n    content_by_lua_block {\n        require("content_by_lua")()\n    }\n}\n',
  'content_by_lua.lua': 'return function() ngx.say("one ", package.loaded.oldlua) end\n',
  'init.lua': `package.loaded.oldlua = "init of {{MFSERV_CURRENT_PLUGIN_NAME}} é \\"quoted\\" ${'x'.repeat(9000)}"\nlocal t = {{1, 2}, {3}}\n`,
}

test('Lua of plugins runs in nginx, an edit of it is served, and an error at the start of one stops no other', async () => {
  const home = join(world.home, 'oldlua')
  for (const [path, text] of Object.entries(LUA)) writeFile(join(home, path), text)
  writeFile(join(home, '.autorestart_includes'), '*.lua\n')
  const made = await make(home, 'develop')
  assert.equal(made.code, 0, made.stdout + made.stderr)
  const url = `${world.url}/oldlua`
  assert.equal((await get(url)).body, `one init of oldlua é "quoted" ${'x'.repeat(9000)}\n`)
  const fresh = await createPlugin(world, 'fresh', 'openresty')
  const hello = await ask(`${world.url}/fresh/any`)
  assert.equal(await hello.text(), `Hello World, this is request_id: ${hello.headers.get('X-Request-Id')}\n`)
  writeFile(join(fresh, 'init_worker_by_lua.lua'), '-- first\nerror("boom")\n')
  await eventually('the error is logged with its line', () =>
    /init_worker_by_lua\.lua:2: boom/.test(readFileSync(join(world.home, 'log/nginx_error.log'), 'utf8')) ? true : undefined,
  )
  writeFile(join(home, 'content_by_lua.lua'), 'return function() ngx.say("two") end\n')
  await eventually('the edit is served', async () => ((await get(url)).body === 'two\n' ? true : undefined))
  assert.equal((await get(`${world.url}/fresh`)).status, 200)
})

/** As a person does with the environment of mfserv loaded. */
function make(home: string, target: string): Promise<Ran> {
  return world.run('mfserv_wrapper', ['make', '--no-print-directory', target], { in: home })
}

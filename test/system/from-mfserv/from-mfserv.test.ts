import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ask, CLONE, execute, get, writeFile } from '../world.ts'
import { make, world } from './started.ts'

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
    'sh -c \'echo "$MFSERV_CURRENT_PLUGIN_NAME $OLD_LOG"\' >> $MODULE_RUNTIME_HOME/log/old.log 2>&1\n',
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
  assert.equal(readFileSync(join(world.home, 'log/plugins/old/old.log'), 'utf8'), `old ${world.home}/log\n`)
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

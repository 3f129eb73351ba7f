import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ask, newWorld, type Ran, type World, writeFile } from './world.ts'

let world: World

before(async () => {
  world = await newWorld()
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

test('plugin_wrapper takes the options of both generations, with and without --', async () => {
  assert.equal((await world.must('plugin_wrapper', ['old', 'printenv', 'OLD_LOG'])).stdout, `${world.home}/log\n`)
  const extra = ['--add-extra-dir-to-python-path', '/extra', '--do-not-add-plugin-dir-to-python-path', 'old', '--']
  const { stdout } = await world.must('plugin_wrapper', [...extra, 'printenv', 'PYTHONPATH'])
  assert.match(stdout, /^\/extra:/)
  assert.ok(!stdout.trim().split(':').includes(join(world.home, 'old')))
  assert.match((await world.must('plugin_wrapper', ['--bash-cmds', 'old', 'true'])).stdout, /^export OLD_LOG=/m)
})

/** As a person does with the environment of mfserv loaded. */
function make(home: string, target: string): Promise<Ran> {
  return world.run('mfserv_wrapper', ['make', '--no-print-directory', target], { in: home })
}

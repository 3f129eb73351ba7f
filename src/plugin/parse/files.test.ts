import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../../problem.ts'
import type { SourceFile } from '../layer-files.ts'
import { parsePlugin } from '../parse.ts'

const GENERAL = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
const LATER_GENERAL = GENERAL.replaceAll(/^(?=\w)/gm, '_')
const APP = '[app_main]\ntype=static\n'

test('of a config.ini that was not read to its end, nothing is told but that', () => {
  const { plugin, problems } = parse({ configIni: `[general]\n${'a=b\n'.repeat(5000)}` })
  assert.equal(plugin, undefined)
  assert.deepEqual(problems, [
    'config.ini:5001  it has more than 5000 lines  (TOO_LARGE)\n  Make several plugins of it, or move what is data into files of the plugin.',
  ])
})

test('a crontab knows the plugin, and where its data is to lie', () => {
  const line = '@daily {{MFSERV_CURRENT_PLUGIN_NAME}} {{MFSERV_CURRENT_PLUGIN_DATA_DIR}} {{MFSERV_CURRENT_PLUGIN_CUSTOM_A}}\n'
  const files = { configIni: `${GENERAL}[custom]\na=5\n`, crontab: line }
  const command = (variables: Readonly<Record<string, string>>) => parse(files, {}, variables).plugin?.crontab[0]?.command
  assert.equal(command({ MFMODULE_RUNTIME_HOME: '/home/mfserv' }), 'blog /home/mfserv/var/data/blog 5')
  assert.equal(command({}), 'blog /var/data/blog 5')
})

test('a label that is wrong is told once, whatever else needs the name of the plugin', () => {
  const { problems } = parse({ configIni: GENERAL, label: 'blog', crontab: '@daily echo {{MFSERV_CURRENT_PLUGIN_NAME}}\n' })
  assert.deepEqual(problems, ['.layerapi2_label:1  the label is "blog"  (PLUGIN_LABEL)\n  Write one line: plugin_<name>@mfserv'])
})

test('a dependency that was meant for a plugin and names none is told, with the label to write', () => {
  const dependencies = 'plugin_a\n-plugin_b\n- plugin_c\nplugin_d@mfserv\nplugin\npython3@mfserv\n'
  const { plugin, problems } = parse({ configIni: GENERAL, dependencies })
  const told = (line: number, label: string, fix: string) =>
    `.layerapi2_dependencies:${line}  the line "${label}" has no effect: it is not the label of a plugin  (LAYER_LABEL)\n  Write ${fix}.`
  assert.deepEqual(problems, [
    told(1, 'plugin_a', 'plugin_a@mfserv'),
    told(2, 'plugin_b', '-plugin_b@mfserv'),
    told(3, 'plugin_c', '-plugin_c@mfserv'),
  ])
  assert.deepEqual(plugin?.dependencies.map(({ label, optional }) => (optional ? `-${label}` : label)).slice(1, 4), [
    '-plugin_b',
    '-plugin_c',
    'plugin_d@mfserv',
  ])
})

test('a file for the http level is named by either of its keys, and the new one wins when it names something', () => {
  const http = (lines: string) =>
    parse({ configIni: `${GENERAL}${lines}` }, { 'old.conf': 'a;', 'new.conf': 'b;' }).plugin?.fragments.http?.file
  assert.equal(http(''), undefined)
  assert.equal(http('extra_nginx_conf_filename=old.conf\n'), '/plugins/blog/old.conf')
  assert.equal(http('extra_nginx_http_conf_filename=new.conf\n'), '/plugins/blog/new.conf')
  assert.equal(http('extra_nginx_conf_filename=old.conf\nextra_nginx_http_conf_filename=new.conf\n'), '/plugins/blog/new.conf')
  assert.equal(http('extra_nginx_conf_filename=old.conf\nextra_nginx_http_conf_filename=null\n'), '/plugins/blog/old.conf')
})

test('a file of the whole plugin that is missing or not closed is told with the line and the name of its key', () => {
  const missing = (line: number, key: string) =>
    `config.ini:${line}  ${key} needs x.conf, which is not in the plugin  (PLUGIN_FILE_MISSING)\n  Create the file, or write ${key} = null.`
  for (const key of ['extra_nginx_http_conf_filename', 'extra_nginx_server_conf_filename']) {
    assert.deepEqual(parse({ configIni: `${GENERAL}${key}=x.conf\n` }).problems, [missing(8, key)])
    assert.deepEqual(parse({ configIni: `${LATER_GENERAL}_${key}=x.conf\n` }).problems, [missing(8, `_${key}`)])
    assert.deepEqual(parse({ configIni: `${GENERAL}${key}=x.conf\n` }, { 'x.conf': 'a' }).problems, [
      `/plugins/blog/x.conf:1  the nginx fragment of ${key}: the directive "a" is not ended by ";"  (NGINX_UNSAFE_VALUE)\n  Fix that line of the fragment.`,
    ])
  }
})

test('Python finds the directory of the plugin unless every app of it, or the later dialect for all of them, says no', () => {
  const found = (configIni: string) => parse({ configIni }).plugin?.addPluginDirToPythonPath
  const no = 'add_plugin_dir_to_python_path=0\n'
  assert.equal(found(GENERAL), true, 'no app')
  assert.equal(found(`${GENERAL}${APP}`), true)
  assert.equal(found(`${GENERAL}${APP}${no}`), false)
  assert.equal(found(`${GENERAL}${APP}${no}[app_api]\ntype=static\n`), true)
  assert.equal(found(`${GENERAL}${APP}${no}[app_api]\ntype=static\n${no}`), false)
  assert.equal(found(LATER_GENERAL), true)
  assert.equal(found(`${LATER_GENERAL}_${no}`), false)
  assert.equal(found(`${LATER_GENERAL}_${no}[app_main]\n`), false)
})

test('a value of the plugin’s own that no process can be given is told, as one of an app is', () => {
  const long = 'x'.repeat(131_072)
  const told = (line: number, name: string) =>
    `config.ini:${line}  MFSERV_CURRENT_PLUGIN_${name} is too long for a process: ${131_074 + 22 + name.length} bytes with its name, of at most 131072  (INI_BAD_VALUE)\n  Write such a text into a file of the plugin, and the name of the file here.`
  assert.deepEqual(parse({ configIni: `${GENERAL}[custom]\na=${long}\n` }).problems, [told(9, 'CUSTOM_A')])
  assert.deepEqual(parse({ configIni: `${GENERAL}${APP}timeout=${long}\n` }).problems, [told(10, 'APP_MAIN_TIMEOUT')])
})

test('a fragment may name every value of the plugin, flags as 1 and 0, whatever is wrong with the rest', () => {
  const named = (name: string) => `{{MFSERV_CURRENT_PLUGIN_${name}}}`
  const names = ['GENERAL_VERSION', 'GENERAL_REDIS_SERVICE', 'APP_MAIN_DEBUG', 'APP_MAIN_MOUNT', 'EXTRA_DAEMON_X_CMD_AND_ARGS']
  const text = `set $a "${[...names, 'APP_MAIN_TIMEOUT', 'CUSTOM_A'].map(named).join('|')}";`
  const daemon = '[extra_daemon_x]\ncmd_and_args=run\n'
  const configIni = (timeout: string) =>
    `${GENERAL}redis_service=false\nextra_nginx_conf_filename=a.conf\n${APP}debug=no\nmount=true\ntimeout=${timeout}\n${daemon}[custom]\na=true\n`
  const right = parse({ configIni: configIni('7') }, { 'a.conf': text })
  assert.deepEqual([right.plugin?.fragments.http?.text, right.problems], ['set $a "1|0|0|1|run|7|true";', []])
  const wrong = parse({ configIni: configIni('many') }, { 'a.conf': text })
  assert.deepEqual(
    wrong.problems.map((problem) => problem.split('  ')[1]),
    ['timeout is "many"'],
  )
})

test('a plugin without [general] is told that alone, also where a fragment names something', () => {
  const configIni = `${APP}extra_nginx_conf_filename=a.conf\n`
  assert.deepEqual(
    parse({ configIni }, { 'a.conf': 'set $a "{{MFSERV_CURRENT_PLUGIN_APP_MAIN_TYPE}}";' }).problems.map(
      (one) => one.split('\n')[0],
    ),
    ['config.ini  there is no section [general]  (INI_MISSING_KEY)'],
  )
})

test('what [general] asks for beyond the apps: a build, the paths of Lua, Redis', () => {
  const found = (lines: string) => parse({ configIni: `${GENERAL}${lines}` }).plugin
  assert.deepEqual(found('build=npm run build\n')?.build, { command: 'npm run build', where: { file: 'config.ini', line: 8 } })
  assert.equal('build' in (found('') ?? {}), false)
  const lua = (lines: string) => found(lines)?.addPluginDirToLuaPath
  assert.deepEqual(
    [lua(''), lua('add_plugin_dir_to_lua_path=1\n'), lua('add_plugin_dir_to_lua_path=0\n')],
    [undefined, undefined, false],
  )
  const daemons = (lines: string) => found(lines)?.daemons.map(({ name }) => name)
  assert.deepEqual([daemons(''), daemons('redis_service=0\n'), daemons('redis_service=1\n')], [[], [], ['redis_service']])
})

test('a file of Lua for the start of nginx that is missing is told with its key', () => {
  const key = 'extra_nginx_init_worker_by_lua_block_filename'
  assert.deepEqual(parse({ configIni: `${GENERAL}${key}=x.lua\n` }).problems, [
    `config.ini:8  ${key} needs x.lua, which is not in the plugin  (PLUGIN_FILE_MISSING)\n  Create the file, or write ${key} = null.`,
  ])
})

test('an old name in a crontab or in extra variables works, and is told with its line', () => {
  const home = { MFMODULE_RUNTIME_HOME: '/home/x' }
  const files = {
    configIni: GENERAL,
    crontab: '@daily run {{MODULE_RUNTIME_HOME}}\n',
    extraEnv: 'A={OTHER}\nB={MODULE_RUNTIME_HOME}\n',
  }
  const { plugin, problems } = parse(files, {}, home)
  assert.equal(plugin?.crontab[0]?.command, 'run /home/x')
  const told = 'MODULE_RUNTIME_HOME is an old name of MFMODULE_RUNTIME_HOME  (OLD_NAME)'
  assert.deepEqual(
    problems.map((problem) => problem.split('\n')[0]),
    [`extra.env:2  ${told}`, `crontab:1  ${told}`],
  )
})

test('a name in a fragment that nothing has is told with the file of the fragment', () => {
  const { problems } = parse({ configIni: `${GENERAL}extra_nginx_conf_filename=a.conf\n` }, { 'a.conf': '\nset $a {{NOPE}};' })
  assert.match(problems[0] ?? '', /^\/plugins\/blog\/a\.conf:2 {2}there is no variable NOPE/)
})

interface Files {
  readonly configIni: string
  readonly extraEnv?: string
  readonly label?: string
  readonly dependencies?: string
  readonly crontab?: string
}

function parse(
  { configIni, label = 'plugin_blog@mfserv', dependencies, crontab, extraEnv }: Files,
  texts: Readonly<Record<string, string>> = {},
  variables: Readonly<Record<string, string>> = {},
) {
  const source = (file: string, text: string | undefined): SourceFile | undefined =>
    text === undefined ? undefined : { file, text }
  const { plugin, problems } = parsePlugin(
    {
      label: { file: '.layerapi2_label', text: label },
      configIni: { file: 'config.ini', text: configIni },
      dependencies: source('.layerapi2_dependencies', dependencies),
      extraEnv: source('extra.env', extraEnv),
      crontab: source('crontab', crontab),
    },
    { home: '/plugins/blog', present: () => true, text: (path) => texts[path] },
    variables,
  )
  return { plugin, problems: problems.map(formatProblem).filter((text) => !text.includes('DEPRECATED')) }
}

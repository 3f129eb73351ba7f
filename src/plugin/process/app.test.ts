import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../../problem.ts'
import { parsePlugin } from '../parse.ts'

const GENERAL = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
const LATER_GENERAL = GENERAL.replaceAll(/^(?=\w)/gm, '_')

test('a command line that runs the WSGI server of the original has to say what it serves', () => {
  const { problems } = later('numprocesses=1\n_cmd_and_args=bjoern_wrapper.py {unix_socket_path}\n', ['main'])
  assert.deepEqual(problems, [
    'config.ini:10  _cmd_and_args runs bjoern_wrapper.py without saying what  (INI_BAD_VALUE)\n  Write <module>:<callable> into it, such as {app_name}.wsgi:application.',
  ])
})

test('a key of the other dialect is never named in a problem: what was written is', () => {
  assert.deepEqual(later('_cmd_and_args=run\nnumprocesses=1\n').problems, [
    'config.ini:9  _cmd_and_args is "run"  (INI_BAD_VALUE)\n  Write one of the two where the program is told to listen: {unix_socket_path}, or {port} if it only knows a TCP port. One that reads the variable PORT: env PORT={port} in front of it.',
  ])
  const { problems } = later('_cmd_and_args=bjoern_wrapper.py main.wsgi:app\nnumprocesses=1\n_extra_nginx_conf_filename=a.conf\n')
  assert.deepEqual(problems, [
    'config.ini:9  _cmd_and_args needs main/wsgi.py, which is not in the plugin  (PLUGIN_FILE_MISSING)\n  Create the file, or name the right one in _cmd_and_args.',
    'config.ini:11  _extra_nginx_conf_filename needs a.conf, which is not in the plugin  (PLUGIN_FILE_MISSING)\n  Create the file, or write _extra_nginx_conf_filename = null.',
  ])
})

test('the options for debugging are in the command line only where debug is on', () => {
  const lines = '_cmd_and_args=run {debug_extra_options} {unix_socket_path}\n_debug_extra_options=--slow\nnumprocesses=1\n'
  assert.equal(later(lines).app?.entry, 'run  {unix_socket_path}')
  assert.equal(later(`${lines}debug=1\n`).app?.entry, 'run --slow {unix_socket_path}')
})

test('what cannot be an entry is told for its form alone, not for its file as well', () => {
  const { problems } = documented('type=python3_sync\nmain_arg=gone/wsgi.py\nworkers=1\n')
  assert.deepEqual(problems, [
    'config.ini:10  main_arg is "gone/wsgi.py"  (INI_BAD_VALUE)\n  Write <module>:<callable>, such as main.wsgi:application.',
  ])
  const gone = documented('type=python3_sync\nmain_arg=gone.wsgi:app\nworkers=1\n').problems
  assert.deepEqual(gone.length, 1)
  assert.match(gone[0] ?? '', /^config\.ini:10 {2}main_arg needs gone\/wsgi\.py, which is not in the plugin/)
})

test('a PHP app without its index is told, since its URL would answer 404', () => {
  assert.deepEqual(documented('type=php\nworkers=1\n', ['main']).problems, [
    'config.ini:8  main/ has no index.php: the URL of the app answers 404  (NOT_SERVED)\n  Create main/index.php.',
  ])
  assert.deepEqual(documented('type=php\nworkers=1\n', ['main', 'main/index.php']).problems, [])
})

test('a piece of nginx configuration that is not there, or not closed, is told with its key', () => {
  for (const key of ['extra_nginx_conf_filename', 'extra_nginx_conf_static_filename']) {
    assert.deepEqual(documented(`type=static\n${key}=a.conf\n`, ['main']).problems, [
      `config.ini:10  ${key} needs a.conf, which is not in the plugin  (PLUGIN_FILE_MISSING)\n  Create the file, or write ${key} = null.`,
    ])
    assert.deepEqual(documented(`type=static\n${key}=a.conf\n`, ['main'], { 'a.conf': 'a;\n}' }).problems, [
      `/plugins/blog/a.conf:2  the nginx fragment of ${key}: "}" closes nothing  (NGINX_UNSAFE_VALUE)\n  Fix that line of the fragment.`,
    ])
    assert.deepEqual(documented(`type=static\n${key}=a.conf\n`, ['main'], { 'a.conf': 'a;' }).problems, [])
  }
})

test('an app that runs and that no URL leads to is told, with the keys as they are called there', () => {
  const off = 'prefix_based_routing=0\nvirtualdomain_based_routing=0\n'
  const told = (line: number, mark: string, more = '') =>
    `config.ini:${line}  no URL leads to the app main: ${mark}prefix_based_routing and ${mark}virtualdomain_based_routing are both 0${more}  (NOT_SERVED)\n  Write ${mark}prefix_based_routing=1 or ${mark}virtualdomain_based_routing=1.`
  assert.deepEqual(documented(`type=static\n${off}`, ['main']).problems, [told(10, '')])
  assert.deepEqual(documented(`type=static\n${off}prefix_based_routing_extra_routes=/x\n`, ['main']).problems, [
    told(10, '', '. prefix_based_routing_extra_routes counts only with prefix_based_routing=1'),
  ])
  const node = (workers: number) => documented(`type=node\nmain_arg=a.js\nworkers=${workers}\n${off}`, ['main/a.js']).problems
  assert.deepEqual([node(0), node(1), node(2)], [[], [told(12, '')], [told(12, '')]])
  const lines = '_cmd_and_args=run {unix_socket_path}\nnumprocesses=1\n_virtualdomain_based_routing=0\n'
  assert.deepEqual(later(`${lines}_prefix_based_routing=0\n`, ['main']).problems, [told(12, '_')])
  assert.deepEqual(documented(`type=static\nprefix_based_routing=0\nvirtualdomain_based_routing=1\n`, ['main']).problems, [])
  assert.deepEqual(documented(`type=static\nvirtualdomain_based_routing=0\n`, ['main']).problems, [])
})

test('static_extensions = null is what an app that does not say them has', () => {
  const extensions = (value: string) => documented(`type=static\nstatic_extensions=${value}\n`, ['main']).app?.staticExtensions
  assert.deepEqual([extensions('null'), extensions(''), extensions('.CSS, js')], [undefined, undefined, ['css', 'js']])
})

test('the command of a daemon that is written as for MFSERV works, and is told with its line', () => {
  const { daemon, problems } = read(`${GENERAL}[extra_daemon_x]\ncmd_and_args=layer_wrapper x\n`, [], {})
  assert.equal(daemon?.command, 'layer_wrapper x')
  assert.match(problems.join('\n'), /^config\.ini:9 {2}layer_wrapper is an old way .*\(OLD_NAME\)/)
})

test('Redis is a daemon that is never replaced by age and ends within ten seconds, and its name is taken', () => {
  const { daemon } = read(`${GENERAL}redis_service=1\n`, [], {})
  assert.deepEqual(
    [daemon?.name, daemon?.numprocesses, daemon?.gracefulTimeout, daemon?.maxAge, daemon?.debug],
    ['redis_service', 1, 10, 0, false],
  )
  const taken = read(`${GENERAL}redis_service=1\n[extra_daemon_redis_service]\ncmd_and_args=x\n`, [], {})
  assert.deepEqual(taken.problems, [
    'config.ini:8  redis_service runs a daemon named redis_service, and a section has that name too  (INI_DUPLICATE)\n  Give the section [extra_daemon_redis_service] another name.',
  ])
})

test('the files of an app are served by nginx unless static_routing is off', () => {
  const routing = { urlPrefix: '/static', directory: '/static' }
  assert.deepEqual(documented('type=static\n', ['main']).app?.routing.static, routing)
  assert.equal(documented('type=static\nstatic_routing=0\n', ['main']).app?.routing.static, undefined)
})

test('a name of an app or a daemon has 1 to 64 letters, digits, _ and -', () => {
  const daemon = (name: string) => read(`${GENERAL}[extra_daemon_${name}]\ncmd_and_args=x\n`, [], {})
  const app = (name: string) => read(`${GENERAL}[app_${name}]\ntype=static\n`, [name], {})
  for (const name of ['a', 'A_b-9', 'x'.repeat(64)]) {
    assert.deepEqual([daemon(name).daemon?.name, app(name).app?.name], [name, name])
  }
  for (const name of ['', 'a b', 'a.b', 'x'.repeat(65)]) {
    assert.match(daemon(name).problems.join('\n'), /^config\.ini:8 {2}\[extra_daemon_.*\] has a name that is not allowed/)
    assert.match(app(name).problems.join('\n'), /^config\.ini:8 {2}\[app_.*\] has a name that is not allowed/)
  }
})

test('what is not written of a daemon is what each dialect documents', () => {
  const facts = (text: string) => {
    const { daemon } = read(text, [], {})
    return [daemon?.numprocesses, daemon?.gracefulTimeout, daemon?.maxAge]
  }
  assert.deepEqual(facts(`${GENERAL}[extra_daemon_x]\ncmd_and_args=x\n`), [1, 30, 0])
  assert.deepEqual(facts(`${LATER_GENERAL}[extra_daemon_x]\n_cmd_and_args=x\n`), [0, 10, 0])
})

function documented(lines: string, files: readonly string[] = [], texts: Readonly<Record<string, string>> = {}) {
  return read(`${GENERAL}[app_main]\n${lines}`, files, texts)
}

function later(lines: string, files: readonly string[] = []) {
  return read(`${LATER_GENERAL}[app_main]\n${lines}`, files, {})
}

function read(configIni: string, present: readonly string[], texts: Readonly<Record<string, string>>) {
  const { plugin, problems } = parsePlugin(
    {
      label: { file: '.layerapi2_label', text: 'plugin_blog@mfserv' },
      configIni: { file: 'config.ini', text: configIni },
      dependencies: undefined,
      extraEnv: undefined,
      crontab: undefined,
    },
    { home: '/plugins/blog', present: (path) => present.includes(path), text: (path) => texts[path] },
    {},
  )
  return { app: plugin?.apps[0], daemon: plugin?.daemons[0], problems: problems.map(formatProblem) }
}

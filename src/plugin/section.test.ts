import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whole } from '../config/value.ts'
import { formatProblem } from '../problem.ts'
import { key } from './key.ts'
import { parsePlugin } from './parse.ts'
import { readSection } from './section.ts'

const GENERAL = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
const LATER_GENERAL = GENERAL.replaceAll(/^(?=\w)/gm, '_')
const APP = '[app_main]\ntype=static\n'

test('a value that comes from a variable is shown as it is written and as it reads', () => {
  assert.deepEqual(problemsOf(`${GENERAL}${APP}timeout={{MANY}}\n`), [
    'config.ini:10  timeout is "{{MANY}}", which reads "many"  (INI_BAD_VALUE)\n  Write a whole number from 0 to 86400.',
  ])
})

test('an accident is named only where it is what spoils the value', () => {
  const fix = (value: string) => problemsOf(`${GENERAL}${APP}timeout=${value}\n`).map((text) => text.split('\n').at(-1))
  const right = 'Write a whole number from 0 to 86400.'
  assert.deepEqual(fix('x'), [`  ${right}`])
  assert.deepEqual(fix('x\n  y=1'), [`  ${right}`])
  assert.deepEqual(fix('x # y'), [`  ${right}`])
  assert.deepEqual(fix('5#y'), [`  ${right}`])
  assert.deepEqual(fix('5  ; y'), [`  A comment needs a line of its own: move "; y" there. ${right}`])
  assert.deepEqual(fix('5\n  y'), [
    `  The line "y" below it is indented, so it continues the value: begin it at the start of the line. ${right}`,
  ])
})

test('an old or idle key without a value is no matter', () => {
  assert.deepEqual(problemsOf(`${GENERAL}packager=\n${APP}proxy_timeout=\n`), [])
  assert.deepEqual(problemsOf(`${LATER_GENERAL}[app_main]\nsmart_stop_signal=\n`), [])
})

test('an idle key is told only when it asks for something else than what is done anyway', () => {
  const later = (line: string) => problemsOf(`${LATER_GENERAL}[app_main]\n${line}\n`)
  assert.deepEqual(later('smart_stop_signal=15'), [])
  assert.deepEqual(later('smart_stop_signal=9'), [
    'config.ini:9  smart_stop_signal has no effect: a worker is ended with SIGTERM (15)  (INI_IGNORED_KEY)\n  Remove the line.',
  ])
})

test('a required key that is indented under several others is told at the first of them', () => {
  const indented = GENERAL.replace('license=l', '  license=l').replace('vendor=v', 'vendor=v\n  license=l')
  assert.deepEqual(problemsOf(indented), [
    'config.ini:3  [general] has no license  (INI_MISSING_KEY)\n  Begin it at the start of its line: indented, it continues the value of summary.',
  ])
})

test('each section may be of another dialect, and have keys of both', () => {
  const daemon = '[extra_daemon_x]\n_cmd_and_args=x\n'
  const later = parse(`${GENERAL}_release=7\n[app_main]\n_cmd_and_args=node {unix_socket_path}\nnumprocesses=2\n${daemon}`)
  assert.deepEqual(later.problems, [])
  const [app] = later.plugin?.apps ?? []
  assert.deepEqual([later.plugin?.release, app?.type, app?.workers], ['7', 'command', 2])
  // A daemon of the later dialect does not run unless it is told to, and has 10 seconds to end.
  assert.deepEqual([later.plugin?.daemons[0]?.numprocesses, later.plugin?.daemons[0]?.gracefulTimeout], [0, 10])
  const documented = parse(
    `${LATER_GENERAL}; a comment\n[base]\ntimeout: 7\n[app_main:base]\ntype=static\nadd_app_dir_to_python_path=1\n_static_directory=/files\n`,
  )
  assert.deepEqual(documented.problems, [])
  const [files] = documented.plugin?.apps ?? []
  assert.deepEqual(
    [files?.type, files?.timeout, files?.addAppDirToPythonPath, files?.routing.static?.directory],
    ['static', 7, true, '/files'],
  )
})

test('a key under both its names has to say the same, and an app is a type or a command line', () => {
  const app = '[app_main]\ntype=node\nmain_arg=server.js\n'
  assert.deepEqual(problemsOf(`${GENERAL}${app}workers=2\nnumprocesses=2\n`), [])
  assert.deepEqual(problemsOf(`${GENERAL}${app}workers=2\nnumprocesses=3\n`), [
    'config.ini:12  numprocesses is "3" and workers is "2": they are two names of one key  (INI_DUPLICATE)\n  Remove one of the two lines.',
  ])
  assert.deepEqual(problemsOf(`${GENERAL}${app}workers=2\n_cmd_and_args=x {unix_socket_path}\n`), [
    'config.ini:12  [app_main] says twice what it runs: by _cmd_and_args, and by type in line 9  (INI_DUPLICATE)\n  Keep _cmd_and_args, or keep type and main_arg.',
  ])
})

test('a key without a value is told in its own line: what a plugin only says of itself is a warning', () => {
  const empty = (name: string) => GENERAL.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=`)
  for (const [index, name] of ['summary', 'license', 'url', 'maintainer', 'vendor'].entries()) {
    const [problem = '', ...more] = problemsOf(`${empty(name)}${APP}`)
    assert.deepEqual(more, [])
    assert.match(
      problem,
      new RegExp(`^config.ini:${index + 3}  ${name} of \\[general\\] is empty  \\(INI_EMPTY_VALUE\\)\n  It works.`),
    )
    assert.notEqual(parse(`${empty(name)}${APP}`).plugin, undefined)
  }
  assert.deepEqual(
    problemsOf(`${GENERAL.replace('url=u', 'url={{NO_SUCH}}')}${APP}`).map((text) => text.split('  ')[0]),
    ['config.ini:5', 'config.ini:5'],
  )
  const errors = (text: string) => problemsOf(text).map((problem) => problem.split('\n')[0])
  assert.deepEqual(errors(`${empty('version')}[app_main]\ntype=\n[app_b]\ntype=node\nmain_arg=\nworkers=\n`), [
    'config.ini:2  version of [general] is empty  (INI_MISSING_KEY)',
    'config.ini:9  type of [app_main] is empty  (INI_MISSING_KEY)',
    'config.ini:12  main_arg of [app_b] is empty  (INI_MISSING_KEY)',
    'config.ini:13  workers of [app_b] is empty  (INI_MISSING_KEY)',
  ])
  assert.deepEqual(errors(`${GENERAL}[extra_daemon_x]\ncmd_and_args=\n`), [
    'config.ini:9  cmd_and_args of [extra_daemon_x] is empty  (INI_MISSING_KEY)',
  ])
})

test('a key that belongs to an app or a daemon is told so in [general] alone', () => {
  const first = (text: string) => problemsOf(text).map((problem) => problem.split('\n')[0])
  const ignored = (line: number, key: string, section: string) =>
    `config.ini:${line}  [${section}] has no key "${key}", so the line has no effect  (INI_IGNORED_KEY)`
  assert.deepEqual(first(`${GENERAL}nothing_known=1\n`), [ignored(8, 'nothing_known', 'general')])
  assert.deepEqual(first(`${GENERAL}[extra_daemon_x]\ncmd_and_args=x\nmain_arg=y\n`), [ignored(10, 'main_arg', 'extra_daemon_x')])
  assert.deepEqual(first(`${GENERAL}main_arg=y\n`), [
    'config.ini:8  [general] has no key "main_arg": it belongs to an app or a daemon  (INI_UNKNOWN_KEY)',
  ])
})

test('a key that is empty in several variants is told at the first of them', () => {
  const text = GENERAL.replace('version=1', 'version=\nversion[DEV]=')
  assert.match(problemsOf(text)[0] ?? '', /^config\.ini:2 {2}version of \[general\] is empty/)
})

test('what a section writes under one name of a key wins over [DEFAULT] under its other name', () => {
  const { plugin, problems } = parse(`[DEFAULT]\nnumprocesses=3\n${GENERAL}[app_main]\ntype=node\nmain_arg=a.js\nworkers=2\n`)
  assert.deepEqual([plugin?.apps[0]?.workers, problems], [2, []])
})

test('a default that its own key refuses is a mistake of this program, and never read as nothing', () => {
  const section = { name: 'app_x', where: { file: 'f' }, entries: [], defaults: [], dialect: 'documented' } as const
  const table = { many: key('many', whole(0, 9), '10', 'doc') }
  assert.throws(() => readSection(section, table, { variables: {} }), /the default of many does not read/)
})

test('without a name of the configuration, the variants for GENERIC count', () => {
  const timeout = (variables: Readonly<Record<string, string>>) =>
    parse(`${GENERAL}${APP}timeout=5\ntimeout[GENERIC]=6\ntimeout[DEV]=7\n`, variables).plugin?.apps[0]?.timeout
  assert.deepEqual([timeout({}), timeout({ MFCONFIG: 'DEV' }), timeout({ MFCONFIG: 'PROD' })], [6, 7, 5])
})

function problemsOf(configIni: string): readonly string[] {
  return parse(configIni, { MANY: 'many' }).problems.map(formatProblem)
}

function parse(configIni: string, variables: Readonly<Record<string, string>> = {}) {
  const files = {
    label: { file: '.layerapi2_label', text: 'plugin_blog@mfserv' },
    configIni: { file: 'config.ini', text: configIni },
    dependencies: undefined,
    extraEnv: undefined,
    crontab: undefined,
  }
  return parsePlugin(files, { home: '/plugins/blog', present: () => true, text: () => '' }, variables)
}

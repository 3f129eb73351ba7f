import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatProblem } from '../../problem.ts'
import { isPublic, nameIn } from '../key.ts'
import { BOUND_KEYS, LIMIT_KEYS } from '../keys/process-keys.ts'
import { RULE_KEYS } from '../keys/rule-keys.ts'
import { APP_KEYS, DAEMON_KEYS } from '../keys.ts'
import { parsePlugin } from '../parse.ts'
import { isKnownKey, pluginSettings } from '../settings.ts'
import { publicNames } from './overrides.ts'

const DOCUMENTED = `[general]
version=1.0
summary=A blog
license=MIT
url=http://blog
maintainer=A B
vendor=C
[app_main]
type=python3_sync
main_arg=main.wsgi:application
workers=2
workers[DEV]=3
proxy_timeout=7
[extra_daemon_clock]
cmd_and_args=clock
[custom]
greeting=hello
`
const LATER = `[general]
_version=1.0
_summary=A blog
_license=MIT
_url=http://blog
_maintainer=A B
_vendor=C
[app_main]
_cmd_and_args=node server.js {unix_socket_path}
numprocesses=2
[custom]
greeting=hello
`

test('a public key is overridden in the dialect of the plugin, and the administrator has the last word', () => {
  const { plugin, problems } = parse(DOCUMENTED, [
    'APP\n[app_main]\nworkers = 4\ntimeout = 9\n[custom]\ngreeting = good day\nmore = 1',
    '[app_main]\nworkers: 5\n',
  ])
  assert.deepEqual(problems, ['user.ini:1  cannot read "APP"  (INI_SYNTAX)\n  Write key = value, or # in front of a comment.'])
  assert.equal(plugin, undefined)
  const right = parse(DOCUMENTED, [
    '[app_main]\nworkers = 4\ntimeout = 9\nprefix_based_routing_extra_routes = /x\n[custom]\ngreeting = good day\nmore = 1',
    '[app_main]\nworkers: 5\n[extra_daemon_clock]\nnumprocesses=0',
  ])
  assert.deepEqual(right.problems, [])
  const [app] = right.plugin?.apps ?? []
  assert.deepEqual([app?.workers, app?.timeout, app?.routing.extraRoutes], [5, 9, ['/x']])
  assert.equal(right.plugin?.daemons[0]?.numprocesses, 0)
  assert.deepEqual(
    ['APP_MAIN_WORKERS', 'APP_MAIN_TIMEOUT', 'CUSTOM_GREETING', 'CUSTOM_MORE'].map(
      (name) => right.plugin?.environment[`MFSERV_CURRENT_PLUGIN_${name}`],
    ),
    ['5', '9', 'good day', '1'],
  )
  const later = parse(LATER, ['[app_main]\nnumprocesses=6\n'])
  assert.deepEqual([later.problems, later.plugin?.apps[0]?.workers], [[], 6])
})

test('an override may call a key as either dialect does, and the processes are told its value under the name of the plugin', () => {
  const { plugin, problems } = parse(DOCUMENTED, ['[app_main]\nnumprocesses=3\n', '[app_main]\nnumprocesses[DEV]=4\n'], {
    MFCONFIG: 'DEV',
  })
  assert.deepEqual(problems, [])
  assert.equal(plugin?.apps[0]?.workers, 4)
  const told = ['WORKERS', 'NUMPROCESSES'].map((name) => plugin?.environment[`MFSERV_CURRENT_PLUGIN_APP_MAIN_${name}`])
  assert.deepEqual(told, ['4', undefined])
  const both = LATER.replace('numprocesses=2', 'numprocesses=2\nworkers=2')
  assert.deepEqual(parse(both, ['[app_main]\nworkers=5\n']).plugin?.apps[0]?.workers, 5)
})

test('the processes are told a value under the name that the section has for its key, else under that of its dialect', () => {
  const told = (config: string, override: string) => {
    const { plugin, problems } = parse(config, [`[app_main]\n${override}\n`])
    assert.deepEqual(problems, [])
    const named = (name: string) => plugin?.environment[`MFSERV_CURRENT_PLUGIN_APP_MAIN_${name}`]
    return [plugin?.apps[0]?.workers, named('WORKERS'), named('NUMPROCESSES')]
  }
  const workers = 'workers=2\nworkers[DEV]=3\n'
  assert.deepEqual(told(DOCUMENTED.replace(workers, 'numprocesses=2\n'), 'workers=4'), [4, undefined, '4'])
  assert.deepEqual(told(DOCUMENTED.replace(workers, ''), 'numprocesses=4'), [4, '4', undefined])
  assert.deepEqual(told(DOCUMENTED.replace(workers, 'numprocesses=2\nworkers=2\n'), 'numprocesses=4'), [4, '4', undefined])
  const later = parse(LATER, ['[app_main]\nrlimit_nproc=50\n'])
  assert.deepEqual([later.plugin?.apps[0]?.limits.nproc, later.problems], [50, []])
})

test('an override has variants of its own: one that does not fit leaves the value of the plugin', () => {
  const workers = (override: string, MFCONFIG: string) => parse(DOCUMENTED, [override], { MFCONFIG }).plugin?.apps[0]?.workers
  assert.equal(workers('[app_main]\nworkers[QA]=9', 'QA_1'), 9)
  assert.equal(workers('[app_main]\nworkers[QA]=9', 'GENERIC'), 2)
  assert.equal(workers('[app_main]\nworkers[QA]=9', 'DEV'), 3)
  assert.equal(workers('[app_main]\nworkers=9', 'DEV'), 9)
})

test('everything wrong in both files is told at once, with its place and what to do', () => {
  const { plugin, problems } = parse(DOCUMENTED, [
    '[general]\nsummary=mine\n[app_mian]\nworkers=1\n[app_main]\ntype=node\nwokers=1\nproxy_timeout=2\nworkers=many\n[custom]\n_x=1',
    '[app_main]\nworkers=\n',
  ])
  assert.equal(plugin, undefined)
  const names = publicNames('app_main', 'documented').join(', ')
  assert.deepEqual(
    problems.toSorted(),
    [
      'site.ini:2  workers is empty  (INI_BAD_VALUE)\n  Write a whole number from 0 to 1000, or two such as 0..4, or remove the line to leave the value of the plugin.',
      'user.ini:11  _x of [custom] belongs to the plugin and cannot be overridden  (OVERRIDE_PRIVATE)\n  Remove the line.',
      `user.ini:2  summary of [general] belongs to the plugin and cannot be overridden  (OVERRIDE_PRIVATE)\n  Remove the line. These can be overridden: ${publicNames('general', 'documented').join(', ')}.`,
      'user.ini:3  the plugin has no section [app_mian] whose keys can be overridden  (OVERRIDE_UNKNOWN)\n  Did you mean "app_main"? Otherwise remove the section. The plugin has [general], [app_main], [extra_daemon_clock], [custom].',
      `user.ini:6  type of [app_main] belongs to the plugin and cannot be overridden  (OVERRIDE_PRIVATE)\n  Remove the line. These can be overridden: ${names}.`,
      'user.ini:7  [app_main] has no key "wokers"  (OVERRIDE_UNKNOWN)\n  Did you mean "workers"? Otherwise remove the line.',
      'user.ini:8  proxy_timeout of [app_main] belongs to the plugin and cannot be overridden  (OVERRIDE_PRIVATE)\n  Write timeout instead.',
      'user.ini:9  workers is "many"  (INI_BAD_VALUE)\n  Write a whole number from 0 to 1000, or two such as 0..4.',
    ].toSorted(),
  )
  const bad = parse(DOCUMENTED, ['[app_main]\nworkers=many\n'])
  assert.match(bad.problems.join(), /^user\.ini:2 {2}workers is "many" {2}\(INI_BAD_VALUE\)\n {2}Write .* such as 0\.\.4\.$/)
})

test('what is wrong with the plugin itself is told beside what is wrong with its override', () => {
  const { problems } = parse(`${DOCUMENTED}oops\n`, ['[app_main]\nwokers=1\n'])
  assert.deepEqual(
    problems.map((text) => text.split('  ')[0]),
    ['config.ini:18', 'user.ini:2'],
  )
})

test('an override that no person can have written is refused as a whole', () => {
  const { plugin, problems } = parse(DOCUMENTED, [`[app_main]\nworkers=9\nwrong=1\n${'\n'.repeat(5000)}`])
  assert.equal(plugin, undefined)
  assert.deepEqual(problems, [
    'user.ini:5001  it has more than 5000 lines  (TOO_LARGE)\n  Remove what is not of the plugin: an override holds only the keys that it changes.',
  ])
})

test('of the sections that could have been meant, twenty are listed, and how many more there are', () => {
  const fix = (sections: number) => {
    const custom = Array.from({ length: sections }, (_, index) => `[custom_${index + 1}]\na=1\n`).join('')
    const { problems } = parse(`${DOCUMENTED.split('[app_main]')[0]}${custom}`, ['[zzzzzzzz]\na=1\n'])
    return problems.map((text) => text.split('\n')[1])
  }
  const listed = (count: number) =>
    ['[general]', ...Array.from({ length: count - 1 }, (_, index) => `[custom_${index + 1}]`)].join(', ')
  assert.deepEqual(fix(0), ['  Remove the section. The plugin has [general].'])
  assert.deepEqual(fix(19), [`  Remove the section. The plugin has ${listed(20)}.`])
  assert.deepEqual(fix(20), [`  Remove the section. The plugin has ${listed(20)}, and 1 more.`])
  assert.deepEqual(fix(22), [`  Remove the section. The plugin has ${listed(20)}, and 3 more.`])
})

test('an override is read in the dialect of the plugin, capital letters and comments too', () => {
  const text = '[custom]\nGreeting = a: b ; c\n'
  const value = (plugin: string, key: string) =>
    pluginSettings({ file: 'config.ini', text: plugin }, [{ layer: 'user', file: 'user.ini', text }], {}).find(
      (one) => one.section === 'custom' && one.key === key,
    )?.text
  assert.equal(value(LATER, 'Greeting'), 'a: b ; c')
  assert.equal(value(DOCUMENTED, 'greeting'), 'a: b ; c')
  assert.equal(value(DOCUMENTED, 'Greeting'), undefined)
})

test('nothing may be the value of a key that takes nothing', () => {
  const { plugin, problems } = parse(DOCUMENTED.replace('workers=2', 'workers=2\nrlimit_nofile=5'), [
    '[app_main]\nrlimit_nofile=\n',
  ])
  assert.deepEqual(problems, [])
  assert.equal(plugin?.apps[0]?.limits.nofile, undefined)
})

test('an old name of a key gives way to an override of the new one alone, and so does what [DEFAULT] says', () => {
  const timeout = (configIni: string, override: string) => parse(configIni, [override]).plugin?.apps[0]?.timeout
  assert.equal(timeout(DOCUMENTED, '[app_main]\nworkers=4\n'), 7)
  assert.equal(timeout(DOCUMENTED, '[app_main]\ntimeout=9\n'), 9)
  const shared = DOCUMENTED.replace('proxy_timeout=7\n', '').concat('[DEFAULT]\nproxy_timeout=7\nmax_age=8\ntimeout[GENERIC]=6\n')
  assert.equal(timeout(shared, '[app_main]\nworkers=4\n'), 7)
  assert.equal(timeout(shared, '[app_main]\ntimeout=9\n'), 9)
  const maxAge = (override: string) => parse(shared, [override]).plugin?.apps[0]?.maxAge
  assert.deepEqual([maxAge('[app_main]\ntimeout=9\n'), maxAge('[app_main]\nmax_age=5\n')], [8, 5])
})

test('a key of the plugin’s own section is its own business unless its name begins with _', () => {
  assert.deepEqual(parse(LATER, ['[custom]\n_greeting=x\n']).problems, [
    'user.ini:2  _greeting of [custom] belongs to the plugin and cannot be overridden  (OVERRIDE_PRIVATE)\n  Remove the line.',
  ])
  assert.deepEqual(parse(LATER, ['[custom]\nworkers=x\n']).problems, [])
})

test('administrators may override the documented keys of an app, and no other', () => {
  const routes = ['virtualdomain_based_routing_extra_vhosts', 'prefix_based_routing_extra_routes']
  const both = ['workers', 'sleep_after', 'timeout', 'debug', ...routes, ...Object.keys(RULE_KEYS)]
  const limits = Object.keys({ ...BOUND_KEYS, ...LIMIT_KEYS })
  assert.deepEqual(publicNames('app_main', 'documented'), [...both, ...limits, 'max_age', 'start_timeout', 'graceful_timeout'])
  assert.deepEqual(publicNames('app_main', 'later'), [
    'numprocesses',
    ...both.slice(1),
    ...limits.filter((name) => name !== 'rlimit_nproc' && name !== 'rlimit_core'),
    'max_age',
    'start_timeout',
    'graceful_timeout',
    'smart_stop_signal',
    'smart_stop_delay',
    'smart_start_delay',
    'log_split_stdout_stderr',
    'log_split_multiple_workers',
  ])
})

test('administrators may override the documented keys of a daemon, and nothing that says what the plugin is', () => {
  const keys = ['numprocesses', 'graceful_timeout', 'max_age', 'debug']
  const limits = Object.keys({ ...BOUND_KEYS, ...LIMIT_KEYS })
  assert.deepEqual(publicNames('extra_daemon_x', 'documented'), [...keys, ...limits])
  const ofPlugin = ['disk_max', 'memory_max', 'tasks_max', 'cpu_weight', 'cpu_max', 'io_weight']
  for (const dialect of ['documented', 'later'] as const) assert.deepEqual(publicNames('general', dialect), ofPlugin)
  assert.deepEqual(publicNames('custom', 'later'), [])
})

test('a key has a meaning to mfserv under its name in either dialect, in the sections that have it', () => {
  const known = [
    ['app_main', 'workers'],
    ['app_main', 'numprocesses'],
    ['app_main', '_cmd_and_args'],
    ['extra_daemon_x', 'cmd_and_args'],
    ['general', '_version'],
  ] as const
  for (const [section, key] of known) assert.equal(isKnownKey(section, key), true, key)
  const free = [
    ['app_main', 'password'],
    ['custom', 'workers'],
    ['extra_daemon_x', 'workers'],
    ['general', 'workers'],
  ] as const
  for (const [section, key] of free) assert.equal(isKnownKey(section, key), false, key)
})

test('for every key of every dialect, an override is either in force or refused by name', () => {
  const tables = { app_main: APP_KEYS, extra_daemon_clock: DAEMON_KEYS }
  for (const [section, table] of Object.entries(tables)) {
    for (const key of Object.values(table)) {
      const name = nameIn('documented', key)
      if (name === undefined) continue
      const { problems } = parse(DOCUMENTED, [`[${section}]\n${name}=1`])
      const isRefused = problems.some((text) => text.includes('(OVERRIDE_PRIVATE)') && text.includes(`${name} of [${section}]`))
      assert.equal(isRefused, !isPublic(key), `${name} of ${section}`)
    }
  }
})

test('an override with nothing but headings and comments changes nothing', () => {
  const blank = fc.array(fc.constantFrom('', '# workers=9', '; workers=9', '[app_main]', '[custom]', '[app_of_an_older_release]'))
  fc.assert(
    fc.property(blank, (lines) => {
      const text = [...new Set(lines)].join('\n')
      assert.deepEqual(parse(DOCUMENTED, [text]), parse(DOCUMENTED, []))
    }),
  )
})

test('every value remembers where it comes from', () => {
  const texts = [
    { layer: 'user', file: 'user.ini', text: '[app_main]\nworkers=4\ntimeout=5' },
    { layer: 'site', file: 'site.ini', text: '\n[app_main]\nworkers={{MFCONFIG_WORKERS}}\n' },
  ] as const
  const settings = pluginSettings({ file: 'config.ini', text: DOCUMENTED }, texts, { MFCONFIG_WORKERS: '8' })
  const found = (section: string, key: string) => settings.find((one) => one.section === section && one.key === key)
  assert.deepEqual(found('app_main', 'workers'), {
    section: 'app_main',
    key: 'workers',
    text: '8',
    written: '{{MFCONFIG_WORKERS}}',
    from: { layer: 'site', where: { file: 'site.ini', line: 3 } },
  })
  assert.deepEqual(found('app_main', 'timeout')?.from, { layer: 'user', where: { file: 'user.ini', line: 3 } })
  assert.deepEqual(found('general', 'version')?.from, { layer: 'plugin', where: { file: 'config.ini', line: 2 } })
  assert.deepEqual(found('extra_daemon_clock', 'graceful_timeout')?.from, { layer: 'default' })
  assert.equal(found('app_main', 'proxy_timeout'), undefined, 'the old name gave way to timeout')
})

function parse(config: string, overrides: readonly string[], variables = {}) {
  const files = {
    label: { file: 'label', text: 'plugin_blog@mfserv' },
    configIni: { file: 'config.ini', text: config },
    dependencies: undefined,
    extraEnv: undefined,
    crontab: undefined,
  }
  const tree = { home: '/plugins/blog', present: () => true, text: () => '' }
  const texts = overrides.map((text, index) =>
    index === 0 ? ({ layer: 'user', file: 'user.ini', text } as const) : ({ layer: 'site', file: 'site.ini', text } as const),
  )
  const { plugin, problems } = parsePlugin(files, tree, variables, texts)
  return { plugin, problems: problems.map(formatProblem).filter((text) => !text.includes('DEPRECATED')) }
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RULE_KEYS } from '../keys/rule-keys.ts'
import { overrideTemplate } from './override-template.ts'

const HEADER = `# Other values for the plugin blog on this machine. mfserv wrote this file
# when the plugin was installed.
#
# Every key that can be overridden stands below with the value of the plugin.
# To change one, remove the # in front of it and write your value: it counts
# at once, and no restart is needed. What is not here belongs to the plugin.
#
# mfserv config show blog says which value counts and where it comes from.
# /etc/blog.ini wins over this file.
`

const GENERAL = [
  '[general]',
  ...['disk_max', 'memory_max', 'tasks_max', 'cpu_weight', 'cpu_max', 'io_weight'].map((name) => `#${name}=AUTO`),
]
const BOUNDS = ['#memory_max=AUTO', '#memory_high=AUTO', '#tasks_max=AUTO']

test('an administrator starts from every key that can be overridden, with its meaning and the value of the plugin', () => {
  const text = template(
    '[general]\nversion=1\n[app_main]\ntype=node\nmain_arg=server.js\nproxy_timeout=7\nworkers=2\nworkers[DEV]=3\n' +
      '[extra_daemon_x]\ncmd_and_args=x\n[custom]\nhosts=a\n  b\n_secret=1\nmine_=2\n',
  )
  assert.ok(text.startsWith(`${HEADER}\n[general]\n# What the plugin may have on the disk`), text.slice(0, 700))
  assert.match(text, /\n\[app_main\]\n# How many workers run at the same time\./)
  assert.deepEqual(valuesOf(text), [
    ...GENERAL,
    '[app_main]',
    ...['#workers=3', '#sleep_after=AUTO', '#timeout=7', '#debug=0', '#virtualdomain_based_routing_extra_vhosts='],
    '#prefix_based_routing_extra_routes=null',
    ...Object.entries(RULE_KEYS).map(([name, { fallback }]) => `#${name}=${fallback}`),
    ...BOUNDS,
    ...['#rlimit_as=', '#rlimit_nofile=', '#rlimit_nproc=', '#rlimit_stack='],
    ...['#rlimit_core=', '#rlimit_fsize=', '#max_age=0', '#start_timeout=0', '#graceful_timeout=30'],
    '[extra_daemon_x]',
    ...['#numprocesses=1', '#graceful_timeout=30', '#max_age=0', '#debug=0', ...BOUNDS],
    ...['#rlimit_as=', '#rlimit_nofile='],
    ...['#rlimit_nproc=', '#rlimit_stack=', '#rlimit_core=', '#rlimit_fsize='],
    '[custom]',
    ...['#hosts=a', '#    b', '#mine_=2'],
  ])
  assert.ok(text.endsWith('rlimit_fsize=\n\n[custom]\n#hosts=a\n#    b\n#mine_=2\n'), text.slice(-300))
})

test('in the later dialect they have the names and the defaults of that dialect', () => {
  const values = valuesOf(
    template('[general]\n_version=1\n[app_main]\n_cmd_and_args=x\ntimeout=4\n[extra_daemon_x]\n_cmd_and_args=x\n'),
  )
  const app = values.indexOf('[app_main]')
  assert.deepEqual(values.slice(0, app), GENERAL)
  assert.deepEqual(values.slice(app, app + 5), ['[app_main]', '#numprocesses=0', '#sleep_after=AUTO', '#timeout=4', '#debug=0'])
  const daemon = values.indexOf('[extra_daemon_x]')
  assert.deepEqual(values.slice(daemon + 1, daemon + 3), ['#numprocesses=0', '#graceful_timeout=10'])
})

test('of a plugin in which nothing runs only what it may take as a whole can be overridden', () => {
  assert.equal(template(''), HEADER)
  assert.deepEqual(valuesOf(template('[general]\nversion=1\n')), GENERAL)
})

function template(text: string): string {
  return overrideTemplate('blog', { file: 'config.ini', text }, '/etc/blog.ini', { MFCONFIG: 'DEV' })
}

/** Headings, and the values that are commented out: without the sentences, which have a blank behind the #. */
function valuesOf(text: string): readonly string[] {
  return text
    .slice(HEADER.length)
    .split('\n')
    .filter((line) => line !== '' && (!line.startsWith('# ') || line.startsWith('#    ')))
}

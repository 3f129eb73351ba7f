import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GENERAL, LATER_GENERAL, parse, text } from '../../../test/support/parse-fixture.ts'

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

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pluginSettings } from '../settings.ts'
import type { OverrideText } from './overrides.ts'
import { withOverrides } from './repackage.ts'

const DOCUMENTED = `[general]
version=1.0
; the shop
[app_base]
# how many
workers=2
workers[DEV]=3
timeout = 5

[app_main:app_base]
type=python3_sync
proxy_timeout=7
[custom]
hosts=a
    b
# between
    c
other=1
`
const LATER = '[general]\n_version=1\n[app_main]\n_cmd_and_args=x\n# how many\nnumprocesses=2\n[custom]\nGreeting=hello\n'

test('overridden values stand in config.ini afterwards, comments and all the rest as before', () => {
  const { text, moved } = withOverrides(
    file(DOCUMENTED),
    [override('[app_base]\nworkers={{CORES}}\n[app_main]\ntimeout=9\nmax_age=60\n[custom]\nhosts=d')],
    {
      MFCONFIG: 'DEV',
      CORES: '4',
    },
  )
  assert.equal(
    text,
    `[general]
version=1.0
; the shop
[app_base]
# how many
workers={{CORES}}
timeout = 5

[app_main:app_base]
workers=3
max_age=60
type=python3_sync
timeout=9
[custom]
hosts=d
# between
other=1
`,
  )
  assert.deepEqual(
    moved.map(({ kind, section, key, before, after }) => [kind, section, key, before, after]),
    [
      ['CHANGED', 'app_base', 'workers', '3', '{{CORES}}'],
      ['CHANGED', 'app_main', 'timeout', '7', '9'],
      ['NEW', 'app_main', 'max_age', undefined, '60'],
      ['CHANGED', 'custom', 'hosts', 'a\nb\nc', 'd'],
    ],
  )
})

test('without overrides, or with those that say the same, nothing moves', () => {
  for (const text of [DOCUMENTED, LATER]) {
    assert.deepEqual(withOverrides(file(text), [], {}), { text, moved: [] })
    assert.deepEqual(withOverrides(file(text), [override('[custom]\n')], {}), { text, moved: [] })
  }
  assert.deepEqual(withOverrides(file(LATER), [override('[app_main]\nnumprocesses=2')], {}).moved, [])
})

test('a value is moved in the dialect of the plugin, with the capital letters and the comments of that', () => {
  const { text, moved } = withOverrides(file(LATER), [override('[custom]\nGreeting=good day\nMore=1\n')], {})
  assert.equal(text, LATER.replace('Greeting=hello', 'Greeting=good day').replace('[custom]\n', '[custom]\nMore=1\n'))
  assert.deepEqual(
    moved.map(({ kind, key, before }) => [kind, key, before]),
    [
      ['CHANGED', 'Greeting', 'hello'],
      ['NEW', 'More', undefined],
    ],
  )
  const commented = withOverrides(file('[custom]\na=1\n  ; b\n  c\nd=2\n'), [override('[custom]\na=9\n')], {})
  assert.equal(commented.text, '[custom]\na=9\n  ; b\nd=2\n')
  const later = withOverrides(file('[general]\n_version=1\n[custom]\na=1\n  ; b\n  c\nd=2'), [override('[custom]\na=9\n')], {})
  assert.equal(later.text, '[general]\n_version=1\n[custom]\na=9\nd=2')
})

test('a variant that a section inherits does not win over what was overridden, wherever it comes from', () => {
  const moved = (sections: string, section: string, key: string) => {
    const { text } = withOverrides(file(sections), [override(`[${section}]\n${key}=9\n`)], { MFCONFIG: 'DEV' })
    return pluginSettings(file(text), [], { MFCONFIG: 'DEV' }).find((one) => one.section === section && one.key === key)?.text
  }
  const daemon = 'cmd_and_args=x\n'
  assert.equal(moved(`[base]\nnumprocesses[DEV]=3\n[extra_daemon_x:base]\n${daemon}`, 'extra_daemon_x', 'numprocesses'), '9')
  assert.equal(moved('[base]\nhosts[DEV]=3\n[custom_x:base]\nother=1\n', 'custom_x', 'hosts'), '9')
  assert.equal(moved('[DEFAULT]\nworkers[DEV]=3\n[app_x]\ntype=static\n', 'app_x', 'workers'), '9')
  assert.equal(moved('[base]\nworkers[DEV]=3\n[app_x:base]\nworkers[DEV]=4\nworkers=2\n', 'app_x', 'workers'), '9')
})

test('an old name in [DEFAULT] would win over what was overridden, so the section says it anew', () => {
  const { text } = withOverrides(
    file('[DEFAULT]\nproxy_timeout=3\n[app_x]\ntype=static\n'),
    [override('[app_x]\ntimeout=9\n')],
    {},
  )
  assert.equal(text, '[DEFAULT]\nproxy_timeout=3\n[app_x]\ntimeout=9\nproxy_timeout=9\ntype=static\n')
})

test('old names that are inherited, over however many parents, leave every app the time that the overrides gave it', () => {
  const chain = ['app_a', 'app_b:app_a', 'app_c:app_b', 'app_d:app_c:app_a']
  const plugin = (lines: Readonly<Record<string, string>>) =>
    ['DEFAULT', ...chain].map((name) => `[${name}]\ntype=static\n${lines[name.replace(/:.*/, '')] ?? ''}`).join('')
  const cases = [
    [{ app_a: 'proxy_timeout=1\n', app_b: 'proxy_timeout=1\n' }, '[app_b]\ntimeout=3\n'],
    [{ DEFAULT: 'proxy_timeout[DEV]=1\n' }, '[app_a]\ntimeout=2\n'],
    [{ app_c: 'proxy_timeout=3\n' }, '[app_b]\ntimeout=1\n[app_d]\ntimeout=1\n'],
    [{ app_a: 'proxy_timeout[DEV]=3\n' }, '[app_a]\ntimeout=1\n[app_c]\ntimeout=1\n[app_d]\ntimeout=3\n'],
    [{ app_a: 'proxy_timeout=1\n' }, '[app_a]\ntimeout=1\n[app_c]\ntimeout=2\n[app_d]\ntimeout=1\n'],
  ] as const
  for (const [lines, text] of cases) {
    const { text: rewritten } = withOverrides(file(plugin(lines)), [override(text)], { MFCONFIG: 'DEV' })
    assert.deepEqual(timeouts(rewritten, []), timeouts(plugin(lines), [override(text)]), text)
  }
})

test('what a section says itself is said once afterwards, even where it has the same from its parent', () => {
  const text = '[base]\nworkers[DEV]=3\n[app_x : base]\ntype=static\nworkers=2\nworkers[DEV]=4\n'
  const result = withOverrides(file(text), [override('[app_x]\nworkers=9\n')], { MFCONFIG: 'DEV' })
  assert.equal(result.text, '[base]\nworkers[DEV]=3\n[app_x : base]\ntype=static\nworkers=9\nworkers[dev]=9\n')
  const alone = withOverrides(file(text.replace('workers[DEV]=3', 'a=1')), [override('[app_x]\nworkers=9\n')], {})
  assert.equal(alone.text, '[base]\na=1\n[app_x : base]\ntype=static\nworkers=9\n')
})

test('whatever is overridden, the new file alone means what both files meant', () => {
  const value = fc.constantFrom('1', '3', '70', '{{CORES}}', 'x\n    y')
  const line = (keys: readonly string[]) => fc.tuple(fc.constantFrom(...keys), value).map(([key, text]) => `${key}=${text}`)
  const section = (name: string, keys: readonly string[]) =>
    fc
      .uniqueArray(line(keys), { selector: (text) => text.split('=')[0], maxLength: 3 })
      .map((lines) => `[${name}]\n${lines.join('\n')}`)
  const app = ['workers', 'timeout', 'max_age', 'graceful_timeout', 'rlimit_nofile']
  const texts = fc.tuple(section('app_base', app), section('app_main', app), section('custom', ['hosts', 'other', 'more']))
  const variables = { MFCONFIG: 'DEV', CORES: '4' }
  const meaning = (text: string, overrides: readonly OverrideText[]) =>
    pluginSettings(file(text), overrides, variables)
      .map(({ section: name, key, text: value }) => [name, key, value].join(' '))
      .sort()
  fc.assert(
    fc.property(texts, texts, (user, site) => {
      const overrides = [override(user.join('\n')), override(site.join('\n'), 'site')]
      const { text } = withOverrides(file(DOCUMENTED), overrides, variables)
      assert.deepEqual(meaning(text, []), meaning(DOCUMENTED, overrides))
    }),
  )
})

/** The time that each app gives a request: an old name wins over the new one. */
function timeouts(text: string, overrides: readonly OverrideText[]): Readonly<Record<string, string>> {
  const settings = pluginSettings(file(text), overrides, { MFCONFIG: 'DEV' })
  const of = (key: string) => settings.flatMap((one) => (one.key === key ? [[one.section, one.text] as const] : []))
  return Object.fromEntries([...of('timeout'), ...of('proxy_timeout')])
}

function file(text: string) {
  return { file: 'config.ini', text }
}

function override(text: string, layer: OverrideText['layer'] = 'user'): OverrideText {
  return { layer, file: `${layer}.ini`, text }
}

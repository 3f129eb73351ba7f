import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildConfig, type LayerText } from '../config.ts'
import { SETTINGS } from '../settings.ts'
import { commentedConfig, setsNothing } from './commented.ts'
import { explainKey, placeIn, placesOf } from './explain.ts'
import { withKey } from './set-key.ts'

const VARIABLES = { MFHARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: '4' }
const layer = (name: 'user' | 'site', text: string): LayerText => ({ layer: name, file: `/${name}.ini`, text })

test('every line that says something of a key is told with what becomes of it', () => {
  const layers = [
    layer('user', '[nginx]\nport = 1\nport[DEV] = 2\nport[DEV_EVE] = 3\nworkers = {{X}}\n'),
    layer('site', '[nginx]\nport = 4\nport[QA] = 5\ntimeout = long\n'),
  ]
  const { config } = buildConfig(layers, { ...VARIABLES, X: '3' }, 'DEV_ADAM')
  const told = (key: string) => {
    const { value, written } = explainKey({ section: 'nginx', key }, layers, config, 'DEV_ADAM')
    return [value, ...written.map(({ layer: one, where, text, variant, standing }) => [one, where.line, text, variant, standing])]
  }
  assert.deepEqual(told('port'), [
    '4',
    ['user', 2, '1', undefined, 'other machine'],
    ['user', 3, '2', 'dev', 'covered'],
    ['user', 4, '3', 'dev_eve', 'other machine'],
    ['site', 2, '4', undefined, 'counts'],
    ['site', 3, '5', 'qa', 'other machine'],
  ])
  assert.deepEqual(told('timeout'), ['60', ['site', 4, 'long', undefined, 'not readable']])
  assert.deepEqual(told('workers'), ['3', ['user', 5, '{{X}}', undefined, 'counts']])
  assert.deepEqual(told('flag'), ['1'])
})

test('a key is told with what it takes, its default, its variable, and when a change of it takes effect', () => {
  const { config } = buildConfig([], VARIABLES, 'GENERIC')
  const explained = (section: string, key: string) => explainKey({ section, key }, [], config, 'GENERIC')
  const { known, variable } = explained('nginx', 'workers')
  assert.deepEqual(
    [known?.expected, known?.takesEffect, variable],
    ['a whole number from 1 to 1024', 'at once', 'MFSERV_NGINX_WORKERS'],
  )
  assert.equal(explained('log', 'minimal_level').known?.takesEffect, 'new workers')
  assert.equal(explained('startup', 'flag').known?.takesEffect, 'next start')
  assert.match(explained('autorestart', 'flag').known?.idle ?? '', /service manager/)
  assert.equal(explained('plugin_blog', 'colour').known, undefined)
})

test('a key is named with its section, or alone where one section has it', () => {
  const { config } = buildConfig([], VARIABLES, 'GENERIC')
  assert.deepEqual(placesOf('nginx.port', config), [{ section: 'nginx', key: 'port' }])
  assert.deepEqual(placesOf('health_location', config), [{ section: 'nginx', key: 'health_location' }])
  assert.deepEqual(
    placesOf('flag', config).map(({ section }) => section),
    ['nginx', 'startup', 'autorestart'],
  )
  assert.deepEqual(placesOf('nothing', config), [])
  assert.deepEqual(placeIn('plugin_blog.Colour[DEV]'), { section: 'plugin_blog', key: 'colour[dev]' })
  for (const name of ['port', '.port', 'nginx.', '']) assert.equal(placeIn(name), undefined, name)
})

test('the generated file sets nothing, shows every key that does something with its default, and takes each of them', () => {
  const text = commentedConfig()
  assert.equal(setsNothing(text), true)
  const { config, problems } = buildConfig([layer('user', text)], VARIABLES, 'GENERIC')
  assert.deepEqual(problems, [])
  for (const [section, keys] of Object.entries(SETTINGS)) {
    for (const [key, { fallback }] of Object.entries(keys).filter(([, one]) => !('idle' in one))) {
      const line = `\n#${key} = ${fallback}\n`
      assert.ok(text.includes(line), `${section}.${key}`)
      const changed = withKey(text, { section, key }, fallback)
      assert.equal(changed?.length, text.length + line.length - 2, `${section}.${key}`)
      assert.equal(setsNothing(changed ?? ''), false)
      const read = buildConfig([layer('user', changed ?? '')], VARIABLES, 'GENERIC')
      assert.deepEqual([read.problems, read.config.settings], [[], config.settings])
    }
  }
})

test('a file of a person is none that was generated', () => {
  for (const text of [
    '',
    '[nginx]\n',
    '# mine\n[nginx]\n#port = 1\n',
    `${commentedConfig()}port = 1\n`,
    `${commentedConfig()}broken\n`,
  ]) {
    assert.equal(setsNothing(text), false)
  }
})

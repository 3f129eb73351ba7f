import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chosenFrom, overCaller } from './caller-environment.ts'

test('a shell of a plugin has what its caller has, but nothing of another plugin, of its libraries or of the launcher', () => {
  const foreign = [
    ...['MFSERV_CURRENT_PLUGIN_NAME', 'MFSERV_PLUGIN_SHOP_KEY', 'PYTHONPATH', 'PYTHONHOME', 'NODE_PATH', 'LD_LIBRARY_PATH'],
    ...['PKG_CONFIG_PATH', 'VIRTUAL_ENV', 'PIP_PREFIX', 'NODE_COMPILE_CACHE'],
  ]
  const kept = ['EDITOR', 'MY_PYTHONPATH', 'PYTHONPATH_OLD', 'MFSERV_PLUGINS']
  const caller = Object.fromEntries([...foreign, ...kept].map((name) => [name, 'of the caller']))
  const environment = overCaller({ PATH: '/own', NODE_PATH: '/own/node' }, { ...caller, UNSET: undefined })
  assert.deepEqual(environment, {
    ...Object.fromEntries(kept.map((name) => [name, 'of the caller'])),
    PATH: '/own',
    NODE_PATH: '/own/node',
  })
})

test('what the plugin has is found before what its caller has, each directory once', () => {
  const paths: readonly (readonly [own: string | undefined, caller: string | undefined, both: string])[] = [
    ['/own:/bin', '/caller:/bin:/usr/bin', '/own:/bin:/caller:/usr/bin'],
    ['/own', ':/caller::', '/own:/caller'],
    ['/own', undefined, '/own'],
    [undefined, '/caller', '/caller'],
  ]
  for (const [own, caller, both] of paths) {
    assert.equal(overCaller(own === undefined ? {} : { PATH: own }, { PATH: caller })['PATH'], both)
  }
  assert.equal(overCaller({ LANG: 'C' }, { LANG: 'fr' })['LANG'], 'C')
})

test('of the names that are asked for, those are taken that the caller has, empty ones too', () => {
  assert.deepEqual(chosenFrom({ LANG: 'fr', TZ: '', HOME: '/root' }, ['LANG', 'TZ', 'LC_ALL']), { LANG: 'fr', TZ: '' })
})

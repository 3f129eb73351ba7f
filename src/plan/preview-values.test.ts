import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compare, WSGI } from '../../test/support/preview-fixture.ts'
import { previewText } from './preview-text.ts'

test('no secret is ever shown, in data or text', () => {
  const names = fc.constantFrom('password', 'db_password', 'api_token', 'SECRET', 'access_key', 'passwd')
  const secret = fc.stringMatching(/^[a-z]{12}$/)
  fc.assert(
    fc.property(names, secret, secret, (name, old, next) => {
      fc.pre(old !== next)
      const config = (value: string): string => `${WSGI}[custom]\n${name}=${value}\ndb=postgres://me:${value}@db/x\n`
      const change = compare({ blog: config(old) }, { blog: config(next) })
      assert.deepEqual(
        change.configuration.map(({ before, after }) => [before, after]),
        [
          ['***', '***'],
          ['postgres://me:***@db/x', 'postgres://me:***@db/x'],
        ],
      )
      const shown = JSON.stringify(change) + previewText(change)
      assert.ok(!shown.includes(old) && !shown.includes(next))
    }),
    { numRuns: 30 },
  )
})

test('cron jobs, variables of the plugin and dangers are listed', () => {
  const change = compare({ blog: WSGI }, { blog: `${WSGI}debug=1\nprefix_based_routing_extra_routes=/\n` }, undefined, {
    crontabs: ['1 * * * * clean\n5 * * * * report\n', '2 * * * * clean\n9 * * * * mail\n'],
    extraEnvs: ['LANGUAGE=fr\nHERE={MFSERV_CURRENT_PLUGIN_DIR}/x\n', 'LANGUAGE=de\nHERE={MFSERV_CURRENT_PLUGIN_DIR}/x\n'],
  })
  assert.deepEqual(change.cron, [
    { before: '1 * * * * clean', after: '2 * * * * clean' },
    { before: undefined, after: '9 * * * * mail' },
    { before: '5 * * * * report', after: undefined },
  ])
  assert.deepEqual(
    change.environment.find(({ name }) => name === 'LANGUAGE'),
    { name: 'LANGUAGE', before: 'fr', after: 'de' },
  )
  assert.equal(
    change.environment.some(({ name }) => name === 'HERE' || name === 'PYTHONPATH'),
    false,
    'another directory is no difference',
  )
  assert.deepEqual(
    change.dangers.map(({ kind, app }) => [kind, app]),
    [
      ['debug', 'main'],
      ['catch-all-route', 'main'],
    ],
  )
})

test('of a new plugin no values are listed; of a new release those that come, go and change, once for all apps', () => {
  assert.deepEqual(compare({}, { blog: `${WSGI}[custom]\nkey=1\n` }).configuration, [])
  const two = `${WSGI}[app_api]\ntype=node\nmain_arg=server.js\nworkers=1\n`
  const change = compare(
    { blog: `${two}[custom]\nold=1\npassword=a\n` },
    { blog: `${two}[app_new]\ntype=node\nmain_arg=server.js\nworkers=1\n[custom]\nnew=2\n` },
    undefined,
    { extraEnvs: ['GONE=1\n', 'HERE=2\n'] },
  )
  assert.deepEqual(
    change.configuration.filter(({ name }) => name.startsWith('[custom]')),
    [
      { name: '[custom] old', before: '1', after: undefined },
      { name: '[custom] password', before: '***', after: undefined },
      { name: '[custom] new', before: undefined, after: '2' },
    ],
  )
  assert.deepEqual(change.environment, [
    { name: 'GONE', before: '1', after: undefined },
    { name: 'HERE', before: undefined, after: '2' },
  ])
})

test('a key that mfserv knows is shown whatever its name; of one that it does not know, only its name tells whether it is a secret', () => {
  const values = compare({ blog: `${WSGI}debug=0\n` }, { blog: `${WSGI}debug=1\n[custom]\ntoken=1\n` }).configuration
  assert.deepEqual(
    values.filter(({ name }) => name.endsWith('debug') || name.endsWith('token')),
    [
      { name: '[app_main] debug', before: '0', after: '1' },
      { name: '[custom] token', before: undefined, after: '***' },
    ],
  )
})

test('a cron job is listed without the secrets in its command', () => {
  const crontabs = ['1 * * * * load --password=old-secret\n', '1 * * * * load --password=new-secret\n']
  const { cron } = compare({ blog: WSGI }, { blog: WSGI }, undefined, { crontabs })
  assert.deepEqual(cron, [
    { before: undefined, after: '1 * * * * load --password=***' },
    { before: '1 * * * * load --password=***', after: undefined },
  ])
})

test('a cron job whose command stays is a changed one; of several with that command the first is taken', () => {
  const cron = (before: string, after: string) =>
    compare({ blog: WSGI }, { blog: WSGI }, undefined, { crontabs: [before, after] }).cron
  assert.deepEqual(cron('1 * * * * a\n2 * * * * a\n3 * * * * b\n', '3 * * * * b\n4 * * * * a\n'), [
    { before: '1 * * * * a', after: '4 * * * * a' },
    { before: '2 * * * * a', after: undefined },
  ])
})

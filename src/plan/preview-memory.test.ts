import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, DAEMON, type Told, WSGI } from '../../test/support/preview-fixture.ts'
import type { AppId } from '../desired/ids.ts'
import { previewText } from './preview-text.ts'

test('memory is what workers have now, or an estimate that is called so, and is held against what is free', () => {
  const two = `${WSGI}[app_api]\ntype=node\nmain_arg=server.js\nworkers=1\n`
  const change = compare({ blog: WSGI }, { blog: two }, undefined, {
    measured: new Map([['blog/main' as AppId, 100_000_000]]),
    freeMemory: 249_000_000,
  })
  assert.deepEqual(change.memory, {
    before: 200_000_000,
    after: 250_000_000,
    peak: 450_000_000,
    free: 249_000_000,
    isShort: true,
    apps: [
      { app: 'main', perWorker: 100_000_000, basis: 'measured' },
      { app: 'api', perWorker: 50_000_000, basis: 'estimate' },
    ],
  })
  const text = previewText(change)
  assert.match(text, /200 MB → 250 MB, at most 450 MB meanwhile; free now: 249 MB\n {2}! that is more than is free/)
  assert.match(
    text,
    /main: 100 MB for each worker, as its workers have now\n.*api: 50 MB for each worker, an estimate for its type/,
  )
})

test('memory is enough when the new workers need exactly what is free; daemons end before they start anew, and need no more', () => {
  const measured = new Map([
    ['blog/main' as AppId, 100],
    ['blog/@clock' as AppId, 1000],
  ])
  const replaced = (freeMemory: number | undefined) => {
    const sections = `${WSGI}${DAEMON}numprocesses=1\n`
    const { memory } = compare({ blog: sections }, { blog: sections }, undefined, { measured, freeMemory })
    return [memory.before, memory.after, memory.peak, memory.free, memory.isShort]
  }
  assert.deepEqual(replaced(200), [1200, 1200, 1400, 200, false])
  assert.deepEqual(replaced(199), [1200, 1200, 1400, 199, true])
  assert.deepEqual(replaced(undefined), [1200, 1200, 1400, undefined, false])
})

test('what nobody has measured is estimated by the type of the app, of one that goes too', () => {
  const app = (name: string, type: string, argument = ''): string => `[app_${name}]\ntype=${type}\n${argument}workers=1\n`
  const wsgi = 'main_arg=main.wsgi:application\n'
  const all =
    app('three', 'python3_sync', wsgi) +
    app('two', 'python2_sync', wsgi) +
    app('js', 'node', 'main_arg=server.js\n') +
    app('own', 'command', 'main_arg=./x {unix_socket_path}\n')
  const perWorker = (before: Record<string, Told>, after: Record<string, Told>) =>
    compare(before, after).memory.apps.map(({ app: name, perWorker: bytes, basis }) => `${name} ${bytes} ${basis}`)
  const estimates = [
    'three 40000000 estimate',
    'two 30000000 estimate',
    'js 50000000 estimate',
    'own 50000000 estimate',
    '@clock 50000000 estimate',
  ]
  assert.deepEqual(perWorker({}, { blog: `${all}${DAEMON}` }), estimates)
  assert.deepEqual(perWorker({ blog: `${all}${DAEMON}` }, {}), estimates)
  const changed = app('two', 'python3_sync', wsgi)
  assert.deepEqual(perWorker({ blog: all }, { blog: changed }), [
    'three 40000000 estimate',
    'two 40000000 estimate',
    ...estimates.slice(2, 4),
  ])
  assert.deepEqual(
    compare({}, { blog: app('page', 'php') }, undefined, { phpFpm: { path: '/usr/sbin/php-fpm', env: {} } }).memory.apps,
    [{ app: 'page', perWorker: 20_000_000, basis: 'estimate' }],
  )
})

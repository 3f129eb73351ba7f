import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logFiles, logName } from '../desired/slot.ts'
import { pluginOf, sourceOf, sourceText } from './source.ts'

test('the name of a log says whose words it holds, whatever the names of plugin and app are', () => {
  for (const plugin of ['blog', 'my_shop', 'a-b', 'x_'])
    for (const name of ['main', 'worker_1', 'worker1', 'a-b', '_']) {
      assert.deepEqual(sourceOf(logName('app', plugin, name)), { is: 'app', plugin, name })
      assert.deepEqual(sourceOf(logName('extra', plugin, name)), { is: 'daemon', plugin, name })
    }
})

test('no two workers share a log, whatever plugins and apps are called, and each log is known by its name', () => {
  const seen = new Set<string>()
  for (const plugin of ['blog', 'my', 'my_shop', 'my_shop_main'])
    for (const name of ['main', 'shop', 'worker1', 'main_worker1'])
      for (const split of [
        { streams: true, workers: true },
        { streams: true, workers: false },
        { streams: false, workers: true },
      ]) {
        const { logFile, stdoutFile = '' } = logFiles('app', { plugin, name }, split)
        for (const file of [logFile, stdoutFile].filter(Boolean).map((one) => one.replace('{slot}', '12'))) {
          assert.ok(!seen.has(file), file)
          seen.add(file)
          assert.deepEqual(sourceOf(file), { is: 'app', plugin, name, ...(split.workers ? { worker: 12 } : {}) }, file)
        }
      }
  assert.equal(sourceText({ is: 'app', plugin: 'blog', name: 'main', worker: 2 }), 'blog/main #2')
})

const OTHERS = [
  ['redis_plugin_my_shop.log', 'my_shop/redis', 'my_shop'],
  ['cron_my_shop_1a2b3c4d.log', 'my_shop/cron 1a2b3c4d', 'my_shop'],
  ['nginx_access.log', 'access', undefined],
  ['nginx_error.log', 'nginx', undefined],
  ['mfserv.log', 'mfserv', undefined],
  ['provision.log', 'provision', undefined],
] as const

for (const [file, text, plugin] of OTHERS)
  test(`${file} is shown as ${text}`, () => {
    const source = sourceOf(file)
    assert.ok(source !== undefined)
    assert.equal(sourceText(source), text)
    assert.equal(pluginOf(source), plugin)
  })

test('a file that is called like none of our logs is none', () => {
  for (const name of [
    'notes.txt',
    'app.log',
    'app_blog.log',
    'x_blog_main.log',
    'app_blog_main.log.20260101000000',
    '.log',
    'nginx_error.stdout',
  ])
    assert.equal(sourceOf(name), undefined, name)
})

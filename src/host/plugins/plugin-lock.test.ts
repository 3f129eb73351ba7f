import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Problem } from '../../problem.ts'
import { pathsOf } from '../home/paths.ts'
import { type Changer, withPluginLock } from './plugin-lock.ts'

const home = mkdtempSync(join(tmpdir(), 'mfserv-lock-'))
after(() => rmSync(home, { recursive: true }))
const paths = pathsOf(home)

test('a name that leads elsewhere locks nothing and makes no file', async () => {
  for (const plugin of ['', '.', '..', '../x', '../../config/plugins/evil.ini', 'a/b'])
    await assert.rejects(
      withPluginLock(paths, { plugin, what: 'any' }, () => assert.fail('it has the lock')),
      (error) => error instanceof Problem && error.code === 'PLUGIN_NAME',
    )
  assert.deepEqual(readdirSync(home), [])
})

test('two commands that change the same plugin run one after the other', async () => {
  const seen: string[] = []
  const first = Promise.withResolvers<void>()
  const both = Promise.all([
    withPluginLock(paths, blog('first'), async () => {
      seen.push('first begins')
      await first.promise
      seen.push('first ends')
    }),
    withPluginLock(paths, blog('second'), () => seen.push('second')),
  ])
  first.resolve()
  await both
  assert.deepEqual(seen, ['first begins', 'first ends', 'second'])
})

test('commands that change different plugins do not wait for each other', async () => {
  const inner = await withPluginLock(paths, blog('a long swap'), () =>
    withPluginLock(paths, { plugin: 'shop', what: 'another' }, () => 'done', 0),
  )
  assert.equal(inner, 'done')
})

test('a command that finds the plugin locked for too long names who holds the lock', async () => {
  const refused = await withPluginLock(paths, blog('plugins.uninstall blog'), () =>
    withPluginLock(paths, blog('plugins.hotswap blog.plugin'), () => assert.fail('it has the lock'), 0).catch(
      (error: unknown) => error,
    ),
  )
  assert.ok(refused instanceof Problem)
  assert.equal(refused.code, 'BUSY')
  assert.match(refused.message, new RegExp(`plugins.uninstall blog \\(process ${process.pid}\\)`))
})

test('the lock is free again after a command that failed', async () => {
  await assert.rejects(
    withPluginLock(paths, blog('a command that fails'), () => Promise.reject(new Error('no'))),
    /no/,
  )
  assert.equal(await withPluginLock(paths, blog('the next'), () => 'done', 0), 'done')
})

test('a runtime home that cannot be written is a problem with a fix', async () => {
  const file = join(home, 'a-file')
  writeFileSync(file, '')
  await assert.rejects(
    withPluginLock(pathsOf(file), blog('any'), () => 'done'),
    { code: 'DISK', message: /cannot lock/ },
  )
})

function blog(what: string): Changer {
  return { plugin: 'blog', what }
}

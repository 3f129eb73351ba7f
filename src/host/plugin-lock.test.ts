import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Problem } from '../problem.ts'
import { pathsOf } from './paths.ts'
import { withPluginLock } from './plugin-lock.ts'

const home = mkdtempSync(join(tmpdir(), 'mfserv-lock-'))
after(() => rmSync(home, { recursive: true }))
const paths = pathsOf(home)

test('two commands that change the plugins run one after the other', async () => {
  const seen: string[] = []
  const first = Promise.withResolvers<void>()
  const both = Promise.all([
    withPluginLock(paths, 'first', async () => {
      seen.push('first begins')
      await first.promise
      seen.push('first ends')
    }),
    withPluginLock(paths, 'second', () => seen.push('second')),
  ])
  first.resolve()
  await both
  assert.deepEqual(seen, ['first begins', 'first ends', 'second'])
})

test('a command that finds the plugins locked for too long names who holds the lock', async () => {
  const refused = await withPluginLock(paths, 'plugins.uninstall blog', () =>
    withPluginLock(paths, 'plugins.uninstall shop', () => assert.fail('it has the lock'), 0).catch((error: unknown) => error),
  )
  assert.ok(refused instanceof Problem)
  assert.equal(refused.code, 'BUSY')
  assert.match(refused.message, new RegExp(`plugins.uninstall blog \\(process ${process.pid}\\)`))
})

test('the lock is free again after a command that failed', async () => {
  await assert.rejects(
    withPluginLock(paths, 'a command that fails', () => Promise.reject(new Error('no'))),
    /no/,
  )
  assert.equal(await withPluginLock(paths, 'the next', () => 'done', 0), 'done')
})

test('a runtime home that cannot be written is a problem with a mend', async () => {
  const file = join(home, 'a-file')
  writeFileSync(file, '')
  await assert.rejects(
    withPluginLock(pathsOf(file), 'any', () => 'done'),
    { code: 'DISK', message: /cannot lock/ },
  )
})

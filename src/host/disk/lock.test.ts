import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { tryLock } from './lock.ts'

test('only its owner can read a lock, and so hold it: also one of an older version', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'deep/lock.db')
  for (const mode of [0o644, 0o666]) {
    const lock = tryLock(file)
    assert.ok(lock !== undefined)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(tryLock(file), undefined, 'it is still held after another has asked for it')
    lock.release()
    chmodSync(file, mode)
  }
  assert.equal(statSync(join(directory, 'deep')).mode & 0o777, 0o700)
})

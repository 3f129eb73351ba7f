import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { longestFirst, readDurations, writeDurations } from './durations.ts'

test('the tests that took longest begin first, and those known to be long where nothing was timed', () => {
  const took = { a: 10, b: 3000, c: 200 }
  assert.deepEqual(longestFirst(['a', 'b', 'c', 'new', 'long'], took, ['longer', 'long']), ['long', 'b', 'new', 'c', 'a'])
  assert.deepEqual(longestFirst(['a', 'b', 'c'], {}, ['c', 'b']), ['c', 'b', 'a'])
})

test('how long the tests of a run took is kept beside what was known of others, and a damaged file counts as none', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'mfdurations'))
  t.after(() => rmSync(home, { recursive: true }))
  const path = join(home, 'cache/durations.json')
  assert.deepEqual(readDurations(path), {})
  writeDurations(path, { a: 1, b: 2 }, { b: 3 })
  assert.deepEqual(readDurations(path), { a: 1, b: 3 })
  writeFileSync(path, '{"a":')
  assert.deepEqual(readDurations(path), {})
})

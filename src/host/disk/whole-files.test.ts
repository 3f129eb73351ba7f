import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, rmSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Millis } from '../../time.ts'
import { untilWhole, WholeFiles } from './whole-files.ts'

const directory = mkdtempSync(join(tmpdir(), 'whole'))
after(() => rmSync(directory, { recursive: true, force: true }))
const at = (ms: number): Millis => ms as Millis
const complete = (): boolean => false
const shorter = (): boolean => true

function fileOf(name: string, text = ''): string {
  const file = join(directory, name)
  writeFileSync(file, text)
  utimesSync(file, 1, 1)
  return file
}

test('what was there long before counts at once, a change after a moment of rest', () => {
  const file = fileOf('a.ini', 'x=1\n')
  const files = new WholeFiles()
  assert.equal(files.restOf(file, complete, at(0)), 0)
  writeFileSync(file, 'x=22\n')
  assert.equal(files.restOf(file, complete, at(1000)), 150)
  writeFileSync(file, 'x=333\n')
  assert.equal(files.restOf(file, complete, at(1140)), 150)
  assert.equal(files.restOf(file, complete, at(1300)), 0)
  assert.equal(files.restOf(file, complete, at(1301)), 0)
})

test('a file that has become shorter must rest longer, and one that is changed for ever counts in the end', () => {
  const file = fileOf('b.ini', 'x=1\n')
  const files = new WholeFiles()
  files.restOf(file, complete, at(0))
  writeFileSync(file, '')
  assert.equal(files.restOf(file, shorter, at(10)), 3000)
  assert.ok(files.restOf(file, shorter, at(2000)) > 0)
  assert.equal(files.restOf(file, shorter, at(3100)), 0)
  for (let ms = 4000, text = 'x'; ms < 33_000; ms += 1000, text += 'x') {
    writeFileSync(file, text)
    assert.ok(files.restOf(file, complete, at(ms)) > 0, `${ms}`)
  }
  writeFileSync(file, 'the end')
  assert.equal(files.restOf(file, complete, at(34_100)), 0)
})

test('a file that somebody holds open for writing is not whole', async () => {
  const file = fileOf('c.ini', 'x=1\n')
  const files = new WholeFiles()
  files.restOf(file, complete, at(0))
  const writer = openSync(file, 'w')
  writeSync(writer, 'x')
  files.restOf(file, complete, at(100))
  assert.ok(files.restOf(file, complete, at(5000)) > 0)
  closeSync(writer)
  assert.equal(files.restOf(file, complete, at(5200)), 0)
  await untilWhole([{ file, hasLost: complete }], () => performance.now() as Millis)
})

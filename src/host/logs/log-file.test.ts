import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Problem } from '../../problem.ts'
import { openLog } from './log-file.ts'

test('a log is appended to, and is for its owner alone, also when an older version made it for everybody', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'deep/app.log')
  for (const text of ['one\n', 'two\n']) {
    const log = openLog(file)
    writeSync(log, text)
    closeSync(log)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    chmodSync(file, 0o644)
  }
  assert.equal(readFileSync(file, 'utf8'), 'one\ntwo\n')
})

test('a log for others too has the rights that are wanted, and again when somebody changed them', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'mfserv.json')
  for (const before of [0o600, 0o777]) {
    closeSync(openLog(file, 0o640))
    assert.equal(statSync(file).mode & 0o777, 0o640)
    chmodSync(file, before)
  }
})

test('a log that is a symbolic link or a FIFO is refused at once, and nothing is written where it leads', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(directory, { recursive: true }))
  const at = (name: string): string => join(directory, name)
  writeFileSync(at('secret'), 'untouched', { mode: 0o640 })
  symlinkSync('secret', at('link.log'))
  symlinkSync('nowhere', at('broken.log'))
  execFileSync('mkfifo', [at('fifo.log')])
  for (const name of ['link.log', 'broken.log', 'fifo.log']) {
    assert.throws(
      () => openLog(at(name)),
      (error) => error instanceof Problem && error.code === 'DISK' && error.fix.includes(at(name)),
    )
  }
  assert.deepEqual([readFileSync(at('secret'), 'utf8'), statSync(at('secret')).mode & 0o777], ['untouched', 0o640])
  assert.equal(existsSync(at('nowhere')), false)
})

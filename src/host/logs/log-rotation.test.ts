import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { rotateLogs } from './log-rotation.ts'

let directory = ''
beforeEach(() => {
  if (directory !== '') rmSync(directory, { recursive: true })
  directory = mkdtempSync(join(tmpdir(), 'logs'))
})
after(() => rmSync(directory, { recursive: true }))

const RULES = { maxBytes: 1000, maxAgeMs: 0, files: 3 }
const noon = new Date('2026-11-22T12:00:00Z')
const later = (minutes: number): Date => new Date(noon.getTime() + minutes * 60_000)

test('a log that is too large is emptied in place, and its writer goes on without being told', async () => {
  const path = join(directory, 'app_blog_main.log')
  const writer = openSync(path, 'a')
  writeSync(writer, 'a'.repeat(1200))
  await rotateLogs(directory, () => RULES, noon)
  writeSync(writer, 'after')
  closeSync(writer)
  assert.equal(readFileSync(path, 'utf8'), 'after')
  assert.equal(readFileSync(`${path}.20261122120000`, 'utf8'), 'a'.repeat(1200))
})

test('only so many files of one log are kept, and other logs are left alone', async () => {
  const path = join(directory, 'app_blog_main.log')
  for (let minute = 0; minute < 5; minute += 1) {
    const writer = openSync(path, 'a')
    writeSync(writer, `${minute}`.repeat(1200))
    closeSync(writer)
    await rotateLogs(directory, () => RULES, later(minute))
  }
  const small = openSync(join(directory, 'small.log'), 'a')
  writeSync(small, 'short')
  closeSync(small)
  await rotateLogs(directory, () => RULES, later(9))
  assert.deepEqual(readdirSync(directory).sort(), [
    'app_blog_main.log',
    'app_blog_main.log.20261122120300',
    'app_blog_main.log.20261122120400',
    'small.log',
  ])
  assert.equal(statSync(join(directory, 'small.log')).size, 5)
})

test('a log that is old enough is rotated however small, but not while it is empty', async () => {
  const rules = { maxBytes: 0, maxAgeMs: 60_000, files: 3 }
  const path = join(directory, 'nginx_access.log')
  const writer = openSync(path, 'a')
  writeSync(writer, 'one line')
  await rotateLogs(directory, () => rules, new Date())
  assert.equal(readdirSync(directory).length, 1)
  await rotateLogs(directory, () => rules, new Date(Date.now() + 120_000))
  assert.equal(readdirSync(directory).length, 2)
  await rotateLogs(directory, () => rules, new Date(Date.now() + 300_000))
  assert.equal(readdirSync(directory).length, 2)
  closeSync(writer)
})

test('what is no file, or cannot be rotated, is left alone, and every other log is rotated all the same', async () => {
  const at = (name: string): string => join(directory, name)
  const large = 'a'.repeat(1200)
  const outside = mkdtempSync(join(tmpdir(), 'logs'))
  writeFileSync(join(outside, 'victim'), large)
  mkdirSync(at('aa.log'))
  execFileSync('mkfifo', [at('ab.log')])
  symlinkSync(join(outside, 'victim'), at('ac.log'))
  writeFileSync(at('ad.log'), large)
  mkdirSync(at('ad.log.20261122120000'))
  const socket = createServer().listen(at('ae.log'))
  writeFileSync(at('zz.log'), large)
  const failed = await rotateLogs(directory, () => ({ maxBytes: 1000, maxAgeMs: 1, files: 3 }), noon)
  socket.close()
  assert.deepEqual([...failed.keys()], [at('ad.log')])
  assert.match(failed.get(at('ad.log')) ?? '', /EISDIR|EEXIST|directory/)
  assert.deepEqual([statSync(at('zz.log')).size, readFileSync(at('zz.log.20261122120000'), 'utf8')], [0, large])
  assert.equal(readFileSync(join(outside, 'victim'), 'utf8'), large)
  assert.equal(statSync(at('ad.log')).size, 1200)
  rmSync(outside, { recursive: true })
})

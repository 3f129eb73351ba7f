import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  closeSync,
  existsSync,
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
import { after, beforeEach, type TestContext, test } from 'node:test'
import { finishRotations, rotateLogs } from './log-rotation.ts'

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
  mkdirSync(at('ad.log.20261122120000.part'))
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

test('two rotations within a second, or after the clock was set back, are two copies in the order of their names', async () => {
  const path = join(directory, 'app_blog_main.log')
  for (const [index, at] of [noon, noon, later(-60)].entries()) {
    appendFileSync(path, `${index}`.repeat(1200))
    await rotateLogs(directory, () => ({ ...RULES, files: 9 }), at)
  }
  const copies = readdirSync(directory).filter((name) => name !== 'app_blog_main.log')
  assert.deepEqual(
    copies.sort().map((name) => readFileSync(join(directory, name), 'utf8')[0]),
    ['0', '1', '2'],
  )
})

/** A directory whose file system takes out the beginning of a file, as ext4 and xfs do; one in memory does not. */
const able = [tmpdir(), '/tmp', '/var/tmp'].find(canCollapse)
test('no line is lost, and none is twice, however fast it is written while the log is rotated', {
  skip: able === undefined,
}, async (context) => {
  const directory = ownDirectory(context)
  const path = join(directory, 'app_blog_main.log')
  // It writes until it is told to end, and says how many lines that were.
  const code = `const fs = require("fs"); const f = fs.openSync(process.argv[1], "a"); let n = 0
    process.on("SIGTERM", () => { process.stdout.write(String(n)); process.exitCode = 0; clearInterval(going) })
    const going = setInterval(() => { for (const end = n + 5000; n < end; n += 1) fs.writeSync(f, "line " + n + " of many\\n") })`
  const writer = spawn(process.execPath, ['-e', code, path])
  let said = ''
  writer.stdout.on('data', (data) => {
    said += String(data)
  })
  const ended = once(writer, 'close')
  const copies = (): readonly string[] => readdirSync(directory).filter((name) => name !== 'app_blog_main.log')
  const rules = { maxBytes: 500_000, maxAgeMs: 0, files: 1000 }
  for (let minute = 0; copies().length < 5 && writer.exitCode === null; minute += 1) {
    if (existsSync(path)) await rotateLogs(directory, () => rules, later(minute))
    await new Promise((resolve) => setImmediate(resolve))
  }
  writer.kill('SIGTERM')
  await ended
  const files = [...copies()].sort()
  const text = [...files, 'app_blog_main.log'].map((name) => readFileSync(join(directory, name), 'utf8')).join('')
  const numbers = text
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.split(' ')[1]))
  assert.ok(numbers.length > 5000)
  assert.equal(numbers.length, Number(said))
  assert.ok(numbers.every((number, index) => number === index))
})

test('a rotation that a power cut interrupted is finished: nothing is in the copy and in the log', {
  skip: able === undefined,
}, async (context) => {
  const directory = ownDirectory(context)
  const path = join(directory, 'app_blog_main.log')
  const text = Array.from({ length: 3000 }, (_, index) => `line ${index}\n`).join('')
  writeFileSync(path, text)
  writeFileSync(`${path}.20261122120000`, text.slice(0, 8192))
  writeFileSync(`${path}.20261122130000.part`, text.slice(0, 100))
  await finishRotations(directory)
  assert.equal(readFileSync(path, 'utf8'), text.slice(8192))
  await finishRotations(directory)
  assert.equal(readFileSync(path, 'utf8'), text.slice(8192))
  assert.equal(readdirSync(directory).length, 2)
})

function ownDirectory(context: TestContext): string {
  const own = mkdtempSync(join(able ?? tmpdir(), 'logs'))
  context.after(() => rmSync(own, { recursive: true }))
  return own
}

function canCollapse(place: string): boolean {
  const file = join(mkdtempSync(join(place, 'logs')), 'probe')
  writeFileSync(file, Buffer.alloc(20_000))
  try {
    execFileSync('fallocate', ['--collapse-range', '--offset', '0', '--length', '4096', file], { stdio: 'ignore' })
    return true
  } catch {
    // Another file system: there a log is emptied.
    return false
  } finally {
    rmSync(join(file, '..'), { recursive: true })
  }
}

import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import type { LogRecord } from '../../log/record.ts'
import type { Millis } from '../../time.ts'
import { linesBack, piecesBack, sizeOf } from './log-bytes.ts'
import { LogFollower } from './log-follower.ts'
import { rotateLogs } from './log-rotation.ts'
import { lastRecords, recordsOfRequest, recordsSince } from './read-logs.ts'

const START = Date.parse('2026-01-29T10:00:00Z')
const RULES = { maxBytes: 1, maxAgeMs: 0, files: 5 }
const NOW = 0 as Millis

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mf-logs-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const stamp = (second: number): string => new Date(START + second * 1000).toISOString()
const line = (second: number, text: string): string => `${stamp(second)} [INFO] ${text}\n`
const write = (name: string, text: string): void => appendFileSync(join(directory, name), text)
const texts = (records: Iterable<LogRecord>): string =>
  [...records].map(({ lines: [first = ''] }) => first.replace(/^.*\] /, '')).join(' ')
const at = (second: number): Millis => (START + second * 1000) as Millis

test('the last records of several logs and of their copies, in order of time', () => {
  write('app_blog_main.log.20260129100010', line(1, 'a') + line(5, 'b'))
  write('app_blog_main.log', line(20, 'f'))
  write('extra_blog_clock.log', line(3, 'c') + line(21, 'g'))
  write('nothing.txt', line(4, 'x'))
  assert.equal(texts(lastRecords(directory, {}, 10)), 'a c b f g')
  assert.equal(texts(lastRecords(directory, {}, 2)), 'f g')
  assert.equal(texts(lastRecords(directory, { since: at(5) }, 10)), 'b f g')
  assert.equal(texts(lastRecords(directory, { plugin: 'shop' }, 10)), '')
})

test('a directory without logs, and one that is not there, hold no record', () => {
  assert.equal(texts(lastRecords(directory, {}, 10)), '')
  assert.equal(texts(lastRecords(join(directory, 'none'), {}, 10)), '')
})

test('from a moment on, in a log of several pieces, each record is there once and in order', () => {
  const lines = Array.from({ length: 20_000 }, (_, second) => line(second, `n${second}`))
  write('app_blog_main.log.20260129110000', lines.slice(0, 5000).join(''))
  write('app_blog_main.log', lines.slice(5000).join(''))
  for (const first of [0, 1, 4999, 5000, 12_345, 19_999]) {
    const found = [...recordsSince(directory, { since: at(first) }, at(first))]
    assert.equal(found.length, 20_000 - first)
    assert.ok(found.every((record, index) => record.at === at(first + index)))
  }
})

test('lines of a program that names no moment have that of the last change of its log', () => {
  write('app_blog_main.log', 'one\ntwo\n  below two\n')
  utimesSync(join(directory, 'app_blog_main.log'), START / 1000, START / 1000)
  for (const records of [lastRecords(directory, {}, 10), [...recordsSince(directory, {}, at(-10))]])
    assert.deepEqual(
      records.map(({ at: moment, lines }) => [moment, lines.length]),
      [
        [START, 1],
        [START, 2],
      ],
    )
  assert.deepEqual([...recordsSince(directory, {}, at(10))], [])
})

test('lines of the access log that nginx wrote late are in order', () => {
  const asked = (second: number): string =>
    `{ "time": ${START / 1000 + second}, "plugin": "blog", "status": 200, "duration": 0 }\n`
  write('nginx_access.log', [3, 1, 2, 4, 5.5, 5, 9].map(asked).join(''))
  for (const records of [lastRecords(directory, {}, 10), [...recordsSince(directory, {}, at(0))]])
    assert.deepEqual(
      records.map((record) => (record.at - START) / 1000),
      [1, 2, 3, 4, 5, 5.5, 9],
    )
})

test('a file is read backwards over its pieces, also when a line is longer than one', () => {
  const lines = ['first', 'x'.repeat(600_000), '', 'é'.repeat(300_000), 'last']
  const file = join(directory, 'a')
  writeFileSync(file, `${lines.join('\n')}\n`)
  assert.deepEqual([...linesBack(piecesBack(file, sizeOf(file)))].reverse(), lines)
})

test('what is written is followed over rotations, and into new files', async () => {
  write('app_blog_main.log', line(0, 'old'))
  const follower = new LogFollower(directory, {})
  const look = (): string => texts(follower.look(NOW).records)
  write('app_blog_main.log', line(1, 'a'))
  const first = look()
  write('app_blog_main.log', line(2, 'b'))
  await rotateLogs(directory, () => RULES, new Date(START))
  write('app_blog_main.log', line(3, 'c'))
  write('extra_blog_clock.log', line(4, 'd') + line(5, 'e'))
  // A record is shown once nothing more goes on with it.
  const seen = [first, look(), look(), look()].join(' ').split(' ').filter(Boolean)
  assert.deepEqual(seen.sort(), ['a', 'b', 'c', 'd', 'e'])
})

test('a log that was emptied is followed from its beginning', () => {
  write('app_blog_main.log', line(0, 'a long line that was there before'))
  const follower = new LogFollower(directory, {})
  follower.look(NOW)
  truncateSync(join(directory, 'app_blog_main.log'))
  write('app_blog_main.log', line(1, 'b'))
  follower.look(NOW)
  assert.equal(texts(follower.look(NOW).records), 'b')
})

test('who lies too far behind is told how much was left out, and goes on with the end', () => {
  write('app_blog_main.log', '')
  const follower = new LogFollower(directory, {})
  const filler = 'x'.repeat(1000)
  for (let part = 0; part < 40; part += 1)
    write('app_blog_main.log', Array.from({ length: 1000 }, (_, n) => line(part * 1000 + n, filler)).join(''))
  write('app_blog_main.log', line(50_000, 'the end'))
  const { leftOut, records } = follower.look(NOW)
  assert.equal(leftOut.length, 1)
  assert.ok((leftOut[0]?.bytes ?? 0) > 40_000_000)
  assert.ok(records.length > 100 && records.every(({ lines }) => lines.length === 1))
  assert.equal(texts(follower.look(NOW).records), 'the end')
})

test('of a request all lines are found in files of several pieces, each once', () => {
  const filler = line(0, 'x'.repeat(500)).repeat(5000)
  write('app_blog_main.log', `${filler}${line(1, 'asked {request_id=5c0d}')}  below\n${filler}done {request_id=5c0d}\n`)
  write(
    'nginx_access.log',
    `{ "time": ${START / 1000 + 2}, "plugin": "blog", "method": "GET", "uri": "/blog", "status": 502, "duration": 2, "request_id": "5c0d", "connection": 5 }\n`,
  )
  write('nginx_error.log', '')
  const records = recordsOfRequest(directory, '5c0d', {})
  assert.deepEqual(
    records.map((record) => [(record.at - START) / 1000, record.source.is, record.lines.length]),
    [
      [0, 'app', 1],
      [1, 'app', 2],
      [2, 'access', 1],
    ],
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SETTINGS } from '../config/settings.ts'
import type { Millis } from '../time.ts'
import { readLine } from './line.ts'
import { jsonText, prioritizedText, sendTo, syslogText } from './out.ts'
import { type LogRecord, recordOf } from './record.ts'
import type { LocalTime } from './stamp.ts'

const local: LocalTime = ([y, mo, d, h, mi, s, ms]) => Date.UTC(y, mo - 1, d, h, mi, s, ms) as Millis
const SOURCE = { is: 'app', plugin: 'blog', name: 'main' } as const

function record(...lines: readonly [string, ...string[]]): LogRecord {
  const [first, ...rest] = lines.map((text) => ({ text, facts: readLine(text, local) }))
  assert.ok(first !== undefined)
  return recordOf(SOURCE, [first, ...rest], 0 as Millis)
}

const FAILED = record(
  '2026-01-28T07:52:42.903067Z    [ERROR] (shop.cart#71) it failed {request_id=5c0d}',
  'Traceback (most recent call last):',
  'KeyError: 1',
)

test('a record is JSON with the members that the original wrote', () => {
  assert.deepEqual(JSON.parse(jsonText(FAILED)), {
    timestamp: '2026-01-28T07:52:42.903Z',
    level: 'error',
    event: 'it failed {request_id=5c0d}',
    name: 'shop.cart',
    pid: 71,
    plugin: 'blog',
    kind: 'app',
    source: 'blog/main',
    request_id: '5c0d',
    exception: 'Traceback (most recent call last):\nKeyError: 1',
  })
  assert.deepEqual(JSON.parse(jsonText(record('only printed'))), {
    timestamp: '1970-01-01T00:00:00.000Z',
    level: 'info',
    event: 'only printed',
    plugin: 'blog',
    kind: 'app',
    source: 'blog/main',
  })
})

test('a record is a message of RFC 5424 with its priority, its part and its request', () => {
  assert.match(
    syslogText(FAILED, 'web1'),
    /^<27>1 2026-01-28T07:52:42\.903Z web1 mfserv - blog\/main \[request@32473 id="5c0d"\] 2026-\S+ +\[ERROR\] .*\nTraceback .*\nKeyError: 1$/s,
  )
  assert.match(syslogText(record('x'), 'web1'), /^<30>1 1970-01-01T00:00:00\.000Z web1 mfserv - blog\/main - x$/)
})

test('each line has its priority where a program reads lines', () => {
  assert.equal(prioritizedText(record('a', '  b'), 'severity alone'), '<6>blog/main: a\n<6>blog/main:   b\n')
  assert.equal(prioritizedText(record('a'), 'with facility'), '<30>blog/main: a\n')
})

const TARGETS: readonly (readonly [string, object | undefined])[] = [
  ['journald', { is: 'journald' }],
  ['syslog:/dev/log', { is: 'socket', path: '/dev/log' }],
  ['syslog:logs.example.com:514', { is: 'address', host: 'logs.example.com', port: 514 }],
  ['syslog:10.0.0.1:5514', { is: 'address', host: '10.0.0.1', port: 5514 }],
  ['syslog:[::1]:514', { is: 'address', host: '::1', port: 514 }],
  ['', undefined],
  ['syslog', undefined],
  ['syslog:', undefined],
  ['syslog:host', undefined],
  ['kafka:host:1', undefined],
]
for (const [text, target] of TARGETS)
  test(`"${text}" is ${target === undefined ? 'no target' : 'a target'}`, () => {
    const read = SETTINGS.log.send_to.read(text)
    assert.equal('expected' in read, target === undefined && text !== '')
    assert.deepEqual(sendTo(text), target)
  })

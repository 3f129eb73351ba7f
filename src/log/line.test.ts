import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LineFacts, looksLikeFailure, readLine } from './line.ts'
import type { LocalTime } from './stamp.ts'

/** A clock that is one hour ahead of UTC. */
const local: LocalTime = ([y, mo, d, h, mi, s, ms]) => (Date.UTC(y, mo - 1, d, h, mi, s, ms) - 3_600_000) as ReturnType<LocalTime>
const read = (line: string): LineFacts => readLine(line, local)

/** What wrote it, the line, its moment in UTC, its level, and its request. */
const LINES: readonly (readonly [string, string, string, (string | undefined)?, string?])[] = [
  [
    'mflog',
    '2026-01-28T07:52:42.903067Z     [INFO] (shop#7) out {items=3 request_id=5c0d}',
    '2026-01-28T07:52:42.903Z',
    'INFO',
    '5c0d',
  ],
  ['mfserv', '2026-01-28T07:52:42.903000Z  [WARNING] (mfserv#7) a failed', '2026-01-28T07:52:42.903Z', 'WARNING'],
  ['nginx', '2026/11/29 10:00:01 [error] 12#12: *5 upstream, client: 1.1.1.1', '2026-11-29T09:00:01.000Z', 'ERROR'],
  ['nginx', '2026/11/29 10:00:01 [crit] 12#12: open() failed', '2026-11-29T09:00:01.000Z', 'CRITICAL'],
  ['Python', '2026-11-29 10:00:01,123 - shop - WARNING - low', '2026-11-29T09:00:01.123Z', 'WARNING'],
  ['gunicorn', '[2026-11-29 10:00:01 +0000] [12] [ERROR] bad', '2026-11-29T10:00:01.000Z', 'ERROR'],
  ['Spring', '2026-11-29T10:00:01.123+02:00  INFO 1 --- [main] o.s', '2026-11-29T08:00:01.123Z', 'INFO'],
  ['Go', '2026/11/29 10:00:01 listening', '2026-11-29T09:00:01.000Z'],
  ['PHP', '[29-Nov-2026 10:00:01 UTC] PHP Warning:  x', '2026-11-29T10:00:01.000Z', 'WARNING'],
  ['PHP', '[29-Nov-2026 10:00:01 Europe/Paris] PHP Fatal error:  Uncaught', '2026-11-29T09:00:01.000Z', 'ERROR'],
  ['PHP', '[29-Nov-2026 10:00:01] PHP Parse error:  x', '2026-11-29T09:00:01.000Z', 'ERROR'],
  ['Redis', '12:M 29 Nov 2026 10:00:01.250 * Ready', '2026-11-29T09:00:01.250Z'],
  ['Django', '[29/Nov/2026 10:00:01] "GET / HTTP/1.1" 200', '2026-11-29T09:00:01.000Z'],
  ['Werkzeug', '127.0.0.1 - - [29/Nov/2026:10:00:01 +0100] "GET / HTTP/1.1" 200 -', '2026-11-29T09:00:01.000Z'],
  ['pino', '{"level":50,"time":1795946401123,"reqId":"5c0d","msg":"x"}', '2026-11-29T10:00:01.123Z', 'ERROR', '5c0d'],
  [
    'pino-http',
    '{"level":30,"time":1795946401123,"req":{"id":7,"headers":{"x-request-id":"5c0d"}}}',
    '2026-11-29T10:00:01.123Z',
    'INFO',
    '5c0d',
  ],
  [
    'bunyan',
    '{"level":60,"time":"2026-11-29T10:00:01.123Z","req":{"id":"5c0d"}}',
    '2026-11-29T10:00:01.123Z',
    'CRITICAL',
    '5c0d',
  ],
  ['zap', '{"level":"warn","ts":1795946401.5}', '2026-11-29T10:00:01.500Z', 'WARNING'],
  ['nanoseconds', '{"ts":1795946401500000000}', '2026-11-29T10:00:01.500Z'],
  ['microseconds', '{"ts":1795946401500000}', '2026-11-29T10:00:01.500Z'],
  [
    'nginx access',
    '{ "@timestamp": "2026-11-29T10:00:01+00:00", "time": 1795946401.123, "request_id": "5c0d" }',
    '2026-11-29T10:00:01.123Z',
    undefined,
    '5c0d',
  ],
]

for (const [who, line, at, level, id] of LINES)
  test(`${who} wrote at ${at}: ${line.slice(0, 40)}`, () => {
    const facts = read(line)
    assert.equal(facts.at === undefined ? undefined : new Date(facts.at).toISOString(), at)
    assert.deepEqual([facts.level, facts.requestId, facts.begins], [level, id, true])
  })

test('a line without a moment goes on with what stands above it, unless it names a request', () => {
  for (const line of [
    '',
    'Traceback (most recent call last):',
    '  File "a"',
    '  out {request_id=5c0d}',
    '2026-13-45 10:00:00 x',
    '{half a record',
    '{ not: json }',
  ])
    assert.deepEqual(read(line), { at: undefined, level: undefined, requestId: undefined, textFrom: 0, begins: false }, line)
  assert.deepEqual([read('out {request_id=5c0d}').requestId, read('out {request_id=5c0d}').begins], ['5c0d', true])
})

test('the text begins behind the moment', () => {
  const line = '2026-01-28T07:52:42.903067Z     [INFO] (shop#7) out'
  assert.equal(line.slice(read(line).textFrom), '[INFO] (shop#7) out')
})

test('a level is a word of its own near the beginning', () => {
  assert.equal(read('2026-11-29 10:00:01 terrors of errorless information').level, undefined)
  assert.equal(read(`2026-11-29 10:00:01 ${'x'.repeat(130)} ERROR`).level, undefined)
})

test('what looks like a failure is told from what does not', () => {
  for (const line of ['Traceback (most recent call last):', 'TypeError: x', 'Uncaught Exception'])
    assert.ok(looksLikeFailure(line), line)
  assert.ok(!looksLikeFailure('no Errors here'))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../time.ts'
import { accessText, answeredBy, parseAccessLine } from './access.ts'
import { readLine } from './line.ts'
import { type LogRecord, recordOf } from './record.ts'
import { sourceOf } from './source.ts'
import type { LocalTime } from './stamp.ts'
import { concerns, isWanted, levelOf, type Wanted } from './wanted.ts'

const local: LocalTime = ([y, mo, d, h, mi, s, ms]) => Date.UTC(y, mo - 1, d, h, mi, s, ms) as Millis
const ACCESS =
  '{ "@timestamp": "2026-11-29T10:00:01+00:00", "time": 1795946401.500, "method": "GET", "uri": "/blog/x", "duration": 0.250, "status": 502, "plugin": "blog", "request_id": "5c0d", "app": "main", "upstream_addr": "unix:/r/blog.main.2.sock", "upstream_response_time": "0.010, 0.200", "connection": 5 }'
const ERROR =
  '2026/11/29 10:00:01 [error] 9#9: *5 upstream closed, client: 127.0.0.1, request: "GET /blog/x HTTP/1.1", upstream: "http://unix:/r/blog.main.2.sock:/x"'

function record(file: string, line: string): LogRecord {
  const source = sourceOf(file)
  assert.ok(source !== undefined)
  return recordOf(source, [{ text: line, facts: readLine(line, local) }], 0 as Millis)
}

test('a request has its level by its status, and its time by what each server took', () => {
  const line = parseAccessLine(ACCESS)
  assert.ok(line !== undefined)
  assert.deepEqual([line.upstreamMs, line.connection, line.uri, line.requestId], [210, 5, '/blog/x', '5c0d'])
  assert.equal(accessText(line), 'GET /blog/x 502 in 0.250 s by blog/main #2 {request_id=5c0d}')
  const levels = [200, 404, 502, 0].map((status) => levelOf(record('nginx_access.log', ACCESS.replace('502', String(status)))))
  assert.deepEqual(levels, ['INFO', 'WARNING', 'ERROR', 'INFO'])
  assert.deepEqual(['blog.main.hold.sock', 'x', undefined].map(answeredBy), ['the hold', 'x', '-'])
})

const CASES: readonly (readonly [string, Wanted, string, string, boolean])[] = [
  ['its own output', { plugin: 'blog' }, 'app_blog_main.log', 'x', true],
  ['a request of it', { plugin: 'blog' }, 'nginx_access.log', ACCESS, true],
  ['a request of another', { plugin: 'shop' }, 'nginx_access.log', ACCESS, false],
  ['an error of nginx about its worker', { plugin: 'blog' }, 'nginx_error.log', ERROR, true],
  ['an error of nginx about its URL', { plugin: 'blog' }, 'nginx_error.log', ERROR.replace(/, upstream.*/, ''), true],
  ['an error of nginx about another', { plugin: 'log' }, 'nginx_error.log', ERROR, false],
  ['what mfserv says of it', { plugin: 'blog' }, 'mfserv.log', '2026-11-29T10:00:01Z [INFO] blog/main#1.g2 is ready', true],
  [
    'what mfserv says of one that is called nearly so',
    { plugin: 'blog' },
    'mfserv.log',
    '2026-11-29T10:00:01Z blog-2/main',
    false,
  ],
  ['what a plugin with a strange name says', { plugin: 'a(b' }, 'mfserv.log', '2026-11-29T10:00:01Z plugin a(b is refused', true],
  ['the level', { level: 'ERROR' }, 'nginx_access.log', ACCESS, true],
  ['a lower level', { level: 'CRITICAL' }, 'nginx_access.log', ACCESS, false],
  ['no level', { level: 'INFO' }, 'app_blog_main.log', 'x', false],
  ['a text', { grep: /up.*closed/ }, 'nginx_error.log', ERROR, true],
  ['another text', { grep: /down/ }, 'nginx_error.log', ERROR, false],
  ['what is older', { since: 1 as Millis }, 'app_blog_main.log', 'x', false],
]
for (const [what, wanted, file, line, is] of CASES)
  test(`${what} is ${is ? '' : 'not '}wanted by ${Object.keys(wanted)}`, () => {
    assert.equal(isWanted(record(file, line), wanted), is)
  })

test('of a request are the lines with its id, and the errors of its connection while it was under way', () => {
  const known = parseAccessLine(ACCESS)
  assert.ok(known !== undefined)
  const wanted = { request: { id: '5c0d', known: [known] } }
  const is = (file: string, line: string): boolean => isWanted(record(file, line), wanted)
  assert.ok(is('nginx_access.log', ACCESS))
  assert.ok(is('app_blog_main.log', 'x {request_id=5c0d}'))
  assert.ok(!is('app_blog_main.log', 'x {request_id=5c0d1}'))
  assert.ok(is('mfserv.log', '2026-11-29T10:00:01Z [ERROR] (mfserv#6) blog/main: request 5c0d, GET /x, ended two workers'))
  assert.ok(!is('mfserv.log', '2026-11-29T10:00:01Z [ERROR] (mfserv#6) blog/main: request 5c0d1, GET /x, ended two workers'))
  assert.ok(is('nginx_error.log', ERROR))
  assert.ok(!is('nginx_error.log', ERROR.replace('*5', '*55')))
  assert.ok(!is('nginx_error.log', ERROR.replace('GET /blog/x', 'GET /blog/y')))
  assert.ok(!is('nginx_error.log', ERROR.replace('10:00:01', '10:01:01')))
})

test('logs that can hold nothing of what is wanted are not read', () => {
  const read = (file: string, wanted: Wanted): boolean => {
    const source = sourceOf(file)
    return source !== undefined && concerns(source, wanted)
  }
  assert.ok(read('nginx_error.log', { plugin: 'blog' }))
  assert.ok(!read('app_shop_main.log', { plugin: 'blog' }))
  assert.ok(read('cron_blog_1a2b3c4d.log', { plugin: 'blog', job: '1a2b' }))
  assert.ok(!read('cron_blog_1a2b3c4d.log', { job: '2b' }))
  assert.ok(!read('nginx_error.log', { job: '1a2b' }))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRequestLine } from './request-line.ts'

const LINE =
  '{ "@timestamp": "2026-11-25T16:44:14+00:00", "time": 1795625054.123, "from": "127.0.0.1", "method": "POST", "uri": "/blog?\\u0022", "duration": 0.042, "status": 200, "plugin": "blog", "request_id": "5c0d", "app": "main", "upstream_addr": "unix:/h/var/run/blog.main.1.sock", "upstream_status": "200" }'

test('a line of the access log is read with its time in milliseconds and the slot that answered', () => {
  assert.deepEqual(parseRequestLine(LINE), {
    at: 1795625054123,
    plugin: 'blog',
    app: 'main',
    method: 'POST',
    status: 200,
    durationMs: 42,
    link: 'blog.main.1.sock',
  })
})

test('of several servers that nginx tried, the last one answered', () => {
  const tried = LINE.replace('blog.main.1.sock"', 'blog.main.1.sock, unix:/h/a b/var/run/blog.main.hold.sock"')
  assert.equal(parseRequestLine(tried)?.link, 'blog.main.hold.sock')
  assert.equal(parseRequestLine(LINE.replace(/"upstream_addr": "[^"]*"/, '"upstream_addr": ""'))?.link, undefined)
})

test('a line without milliseconds counts for the whole second', () => {
  assert.equal(parseRequestLine(LINE.replace('"time": 1795625054.123, ', ''))?.at, Date.parse('2026-11-25T16:44:14Z'))
})

test('what is no whole line is none', () => {
  for (const text of ['', LINE.slice(1), LINE.slice(0, -20), '[]', '{"plugin":"blog"}', 'null'])
    assert.equal(parseRequestLine(text), undefined)
})

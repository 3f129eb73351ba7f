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

test('a worker that a cookie named is the slot that it stands in', () => {
  const named = LINE.replace('blog.main.1.sock', 'blog.main.12.g345.sock')
  assert.equal(parseRequestLine(named)?.link, 'blog.main.12.sock')
  assert.equal(parseRequestLine(named.replace('.sock"', '.sock:"'))?.link, 'blog.main.12.sock')
})

test('a line without milliseconds counts for the whole second', () => {
  assert.equal(parseRequestLine(LINE.replace('"time": 1795625054.123, ', ''))?.at, Date.parse('2026-11-25T16:44:14Z'))
})

test('what is no whole line is none', () => {
  for (const text of ['', LINE.slice(1), LINE.slice(0, -20), '[]', '{"plugin":"blog"}', 'null'])
    assert.equal(parseRequestLine(text), undefined)
  const whole = JSON.parse(LINE)
  for (const part of [
    { plugin: 1 },
    { status: '200' },
    { duration: undefined },
    { time: undefined, '@timestamp': undefined },
    { time: '1', '@timestamp': 5 },
    { time: null, '@timestamp': 'never' },
  ])
    assert.equal(parseRequestLine(JSON.stringify({ ...whole, ...part })), undefined, JSON.stringify(part))
})

test('what a line does not tell of the app is empty, and its seconds are read to the millisecond', () => {
  const whole = JSON.parse(LINE)
  const bare = parseRequestLine(JSON.stringify({ ...whole, app: null, method: 7, upstream_addr: 1, duration: 2.5 }))
  assert.deepEqual(bare, {
    at: 1795625054123,
    plugin: 'blog',
    app: '',
    method: '',
    status: 200,
    durationMs: 2500,
    link: undefined,
  })
})

test('of a try after an internal redirect the last one answered too, and a server that is no socket is no slot', () => {
  const link = (upstream: string) =>
    parseRequestLine(LINE.replace(/"upstream_addr": "[^"]*"/, `"upstream_addr": "${upstream}"`))?.link
  assert.equal(link('unix:/h/a.sock : unix:/h/b.sock'), 'b.sock')
  assert.equal(link('unix:/h/a.sock, unix:/h/b.sock, unix:/h/c.sock'), 'c.sock')
  assert.equal(link('unix:/h/a.sock, 127.0.0.1:8000'), undefined)
  assert.equal(link('127.0.0.1:8000, unix:/h/a.sock'), 'a.sock')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LineReader } from './line-reader.ts'

interface Told {
  readonly uri?: string
  readonly plugin?: string
  readonly app?: string
  readonly status?: number
  readonly ms?: number
  readonly upstream?: string
  readonly extra?: string
}

function line({ uri = '/', plugin = 'blog', app = 'main', status = 200, ms = 42, upstream = '', extra = '' }: Told): string {
  const seconds = (ms / 1000).toFixed(3)
  return `{ "@timestamp": "2026-11-25T16:44:14+00:00", "time": 1795625054.123, "from": "::1", "uri": ${JSON.stringify(uri)}, "duration": ${seconds}, "status": ${status}, "request_length": 80, "reply_length": 300, "plugin": "${plugin}", "request_id": "5c0d", "app": "${app}", "upstream_addr": "${upstream}", "connection": 7${extra} }`
}

test('a line read at the places of the one before says what JSON says, whatever a client put into its URL', () => {
  const told = fc.record({
    uri: fc.oneof(fc.string(), fc.constant('", "status": 500, "plugin": "other'), fc.constant('\\", "duration": 9.000')),
    plugin: fc.constantFrom('blog', '#unknown#', 'a-b_c'),
    app: fc.constantFrom('', 'main'),
    status: fc.constantFrom(0, 200, 404, 502, 999),
    ms: fc.nat(10_000_000),
    upstream: fc.constantFrom('', 'unix:/h/blog.main.1.sock', 'unix:/h/blog.main.1.sock, unix:/h/blog.main.hold.sock'),
  })
  const warm = new LineReader()
  warm.read(line({}))
  fc.assert(
    fc.property(told, (one) => {
      const text = line(one)
      assert.deepEqual(warm.read(text), new LineReader().read(text))
      assert.deepEqual(warm.read(text)?.durationMs, one.ms)
    }),
  )
})

test('a request is held when the hold answered, of the app when a worker did, and else static or refused by its status', () => {
  const reader = new LineReader()
  const kind = (told: Told): string | undefined => reader.read(line(told))?.kind
  assert.equal(kind({ upstream: 'unix:/h/blog.main.1.sock', status: 404 }), 'app')
  assert.equal(kind({ upstream: 'unix:/h/blog.main.1.sock, unix:/h/blog.main.hold.sock' }), 'held')
  // The daemon shows a developer why a plugin is not served.
  assert.equal(kind({ app: '', upstream: 'unix:/h/developer.sock', status: 404 }), 'static')
  assert.equal(kind({ upstream: 'unix:/h/blog.main.1.sock : unix:/h/developer.sock', status: 502 }), 'refused')
  assert.equal(kind({ upstream: 'unix:/h/paused.sock : unix:/h/blog.main.1.sock' }), 'held')
  assert.deepEqual(
    [200, 304, 404].map((status) => kind({ status })),
    ['static', 'static', 'static'],
  )
  assert.deepEqual(
    [400, 413, 429, 502, 503].map((status) => kind({ status })),
    Array(5).fill('refused'),
  )
})

test('members in another order, more of them, and fewer, are read by their names', () => {
  const reader = new LineReader()
  const forward = line({ plugin: 'one' })
  const backward = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line({ plugin: 'two' }))).reverse()))
  const spaced = backward.replaceAll('":', '": ').replaceAll(',"', ', "')
  const few = '{ "plugin": "three", "time": 1795625054.123, "status": 200, "duration": 0.001 }'
  const read = [forward, spaced, forward, few, spaced, backward].map((text) => reader.read(text)?.plugin)
  assert.deepEqual(read, ['one', 'two', 'one', 'three', 'two', 'two'])
  assert.deepEqual([reader.read(few)?.app, reader.read(few)?.sentBytes, reader.read(few)?.at], ['', 0, 1_795_625_054_123])
})

test('what a fragment adds to its lines cannot count for another plugin', () => {
  const reader = new LineReader()
  reader.read(line({}))
  const forged = line({ extra: ', "plugin": "other", "app": "x", "status": 500' })
  assert.deepEqual([reader.read(forged)?.plugin, reader.read(forged)?.status], ['blog', 200])
})

test('a torn line, and what is none, is no request', () => {
  const reader = new LineReader()
  const whole = line({})
  reader.read(whole)
  for (const text of ['', '{', whole.slice(3), whole.slice(0, -3), 'null', '{ }'])
    assert.equal(reader.read(text), undefined, text)
})

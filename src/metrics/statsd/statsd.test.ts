import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../../time.ts'
import type { CountedRequest } from '../requests/request.ts'
import { Statsd } from './statsd.ts'

function request(told: Partial<CountedRequest> = {}): CountedRequest {
  const sizes = { receivedBytes: 80, sentBytes: 300 }
  return { at: 0 as Millis, plugin: 'blog', app: 'main', kind: 'app', status: 200, durationMs: 4, ...sizes, ...told }
}

test('requests are told by the names and tags of MFSERV, equal ones together', () => {
  const statsd = new Statsd()
  for (const durationMs of [4, 4, 7]) statsd.add(request({ durationMs }))
  statsd.add(request({ plugin: '#unknown#', app: '', kind: 'refused', status: 400 }))
  assert.deepEqual(statsd.flush(), [
    [
      'request_counter,plugin=blog,app=main,type=dynamic,status_code=200:3|c',
      'request_counter,plugin=#unknown#,type=static,status_code=400:1|c',
      'request_timer,plugin=blog,app=main,type=dynamic,status_code=200:4|ms|@0.5',
      'request_timer,plugin=blog,app=main,type=dynamic,status_code=200:7|ms',
      'request_timer,plugin=#unknown#,type=static,status_code=400:4|ms',
    ].join('\n'),
  ])
  assert.deepEqual(statsd.flush(), [])
})

test('no datagram is larger than what every network carries, and what is kept between two flushes is bounded', () => {
  const statsd = new Statsd()
  for (let durationMs = 0; durationMs < 20_000; durationMs += 1) statsd.add(request({ durationMs }))
  const datagrams = statsd.flush()
  assert.ok(datagrams.every(({ length }) => length <= 1400))
  const lines = datagrams.join('\n').split('\n')
  assert.equal(lines.length, 5001)
  assert.ok(lines.includes('request_counter,plugin=blog,app=main,type=dynamic,status_code=200:20000|c'))
})

test('a name that would be another line of statsd is not told', () => {
  const statsd = new Statsd()
  statsd.add(request({ plugin: 'a:1|c\nb' }))
  statsd.add(request({ app: 'x,status_code=500' }))
  assert.deepEqual(statsd.flush()[0]?.split('\n')[0], 'request_counter,plugin=blog,type=dynamic,status_code=200:1|c')
})

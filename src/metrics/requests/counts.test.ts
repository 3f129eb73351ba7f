import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Millis } from '../../time.ts'
import { BUCKETS, Counts, OTHER } from './counts.ts'
import { type CountedRequest, KINDS } from './request.ts'

function request(told: Partial<CountedRequest> = {}): CountedRequest {
  const sizes = { receivedBytes: 80, sentBytes: 300 }
  return { at: 0 as Millis, plugin: 'blog', app: 'main', kind: 'app', status: 200, durationMs: 4, ...sizes, ...told }
}

test('requests are counted by kind and status, with their sizes and how long they took', () => {
  const counts = new Counts()
  for (const status of [200, 200, 404]) counts.add(request({ status }))
  counts.add(request({ kind: 'held', durationMs: 70_000 }))
  const [only, ...others] = counts.all()
  assert.deepEqual(others, [])
  assert.deepEqual(only?.requests, { 'app 200': 2, 'app 404': 1, 'held 200': 1 })
  assert.deepEqual([only?.receivedBytes, only?.sentBytes, only?.durationMs], [320, 1200, 70_012])
  assert.deepEqual([only?.buckets[1], only?.buckets[BUCKETS.length]], [3, 1])
})

test('a duration on the bound of a bucket belongs to it', () => {
  for (const [index, bound] of BUCKETS.entries()) {
    const counts = new Counts()
    counts.add(request({ durationMs: bound * 1000 }))
    assert.equal(counts.all()[0]?.buckets[index], 1)
  }
})

test('a websocket is counted, but not how long it was open', () => {
  const counts = new Counts()
  counts.add(request({ status: 101, durationMs: 60_000 }))
  const [only] = counts.all()
  assert.deepEqual([only?.requests, only?.durationMs], [{ 'app 101': 1 }, 0])
  assert.equal(
    only?.buckets.reduce((sum, one) => sum + one, 0),
    0,
  )
})

test('a status that nobody knows counts by its class, and a client that went away as none', () => {
  const counts = new Counts()
  for (const status of [299, 298, 777, 999, 0]) counts.add(request({ status }))
  assert.deepEqual(counts.all()[0]?.requests, { 'app 2xx': 2, 'app 7xx': 1, 'app 9xx': 1, 'app none': 1 })
})

test('names that are too many, or that no plugin has, go into one place', () => {
  const counts = new Counts()
  for (let index = 0; index < 12_000; index += 1) counts.add(request({ plugin: `p${index}` }))
  counts.add(request({ plugin: 'a"b\n' }))
  counts.add(request({ app: 'x'.repeat(200) }))
  const all = counts.all()
  assert.equal(all.length, 10_001)
  assert.equal(all.find(({ plugin }) => plugin === OTHER)?.requests['app 200'], 2002)
})

test('counts that were kept as JSON go on as if nothing had been', () => {
  const requests = fc.array(
    fc.record({
      plugin: fc.constantFrom('blog', 'shop', '#unknown#'),
      app: fc.constantFrom('', 'main'),
      kind: fc.constantFrom(...KINDS),
      status: fc.constantFrom(0, 101, 200, 299, 404, 502, 999),
      durationMs: fc.nat(100_000),
    }),
  )
  fc.assert(
    fc.property(requests, requests, (first, second) => {
      const [whole, before] = [new Counts(), new Counts()]
      for (const one of [...first, ...second]) whole.add(request(one))
      for (const one of first) before.add(request(one))
      const after = Counts.from(JSON.parse(JSON.stringify(before.all())))
      for (const one of second) after.add(request(one))
      assert.deepEqual(after.all(), whole.all())
    }),
  )
})

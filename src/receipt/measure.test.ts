import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { measure, observe } from '../../test/support/receipt-fixture.ts'

test('requests are counted, failures by status, and clients that went away apart', () => {
  const statuses = [200, 404, 500, 502, 502, 499, 0]
  assert.deepEqual(
    measure(
      statuses.map((status) => ({ status, durationMs: 5 })),
      2,
    ),
    {
      seconds: 2,
      requests: 7,
      failed: 3,
      failedByStatus: { 500: 1, 502: 2 },
      clientGone: 2,
      p50Ms: 5,
      p99Ms: 5,
      maxMs: 5,
    },
  )
})

test('nothing measured has no duration, and a websocket says nothing about durations', () => {
  const socket = { status: 101, durationMs: 60_000 }
  assert.deepEqual(
    [measure([]), measure([socket])].map(({ requests, p50Ms, maxMs }) => [requests, p50Ms, maxMs]),
    [
      [0, null, null],
      [1, null, null],
    ],
  )
})

test('p50 and p99 are exact below a second, in whatever order the requests come', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(999), { minLength: 1, maxLength: 300 }), (durations) => {
      const sorted = durations.toSorted((one, other) => one - other)
      const { p50Ms, p99Ms, maxMs } = measure(durations.map((durationMs) => ({ status: 200, durationMs })))
      const at = (share: number): number | undefined => sorted[Math.ceil(sorted.length * share) - 1]
      assert.deepEqual([p50Ms, p99Ms, maxMs], [at(0.5), at(0.99), sorted.at(-1)])
    }),
  )
})

test('longer durations are kept to three digits', () => {
  assert.equal(measure([{ status: 200, durationMs: 61_234 }]).maxMs, 61_200)
  assert.equal(measure([{ status: 200, durationMs: 1234 }]).maxMs, 1230)
})

test('how many took longer than a time is told with of how many, and a websocket is none of them', () => {
  const { tally } = observe(
    [5, 10, 10, 20].map((durationMs) => ({ status: 200, durationMs })).concat({ status: 101, durationMs: 900 }),
  )
  assert.deepEqual(
    [0, 5, 9, 10, 20].map((ms) => tally.longerThan(ms)),
    [4, 3, 3, 1, 0].map((some) => ({ some, of: 4 })),
  )
  assert.deepEqual(observe([]).tally.longerThan(0), { some: 0, of: 0 })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measure } from '../../test/support/receipt-fixture.ts'
import type { Millis } from '../time.ts'
import type { Receipt } from './receipt.ts'
import { isReceipt } from './receipt.ts'
import { receiptLine, receiptText } from './receipt-text.ts'

const fine = measure(
  Array.from({ length: 2000 }, () => ({ status: 200, durationMs: 4 })),
  10,
)
const RECEIPT: Receipt = {
  plugin: 'blog',
  what: 'hotswap',
  from: '1.0-1-aaaaaaaa',
  to: '1.1-1-bbbbbbbb',
  at: 1_795_625_054_123 as Millis,
  phases: [
    { name: 'start', ms: 640 },
    { name: 'drain', ms: 1200 },
  ],
  before: fine,
  during: measure(
    Array.from({ length: 368 }, (_, index) => ({ status: 200, durationMs: 3 + (index % 5) })),
    1.84,
  ),
  after: fine,
  accessLog: 'on',
  memoryBeforeBytes: 41_200_000,
  memoryPeakBytes: 83_000_000,
  outcome: { is: 'done' },
}

test('a receipt says first what was done and what it cost, then the numbers side by side', () => {
  assert.equal(
    receiptText(RECEIPT),
    `hotswap of blog from 1.0-1-aaaaaaaa to 1.1-1-bbbbbbbb: done
No request failed: 368 were answered meanwhile.

               before  meanwhile  after
  seconds        10.0        1.8   10.0
  requests      2,000        368  2,000
  failed            0          0      0
  client gone       0          0      0
  p50            4 ms       5 ms   4 ms
  p99            4 ms       7 ms   4 ms
  slowest        4 ms       7 ms   4 ms

Phases, together 1.8 s:
  start  640 ms
  drain   1.2 s

Memory: 41.2 MB before, 83.0 MB at the peak.`,
  )
})

test('failures are named by their status, and a client that did not wait apart', () => {
  const during = measure([502, 502, 504, 499, 200].map((status) => ({ status, durationMs: 1 })))
  const text = receiptText({ ...RECEIPT, during, outcome: { is: 'went-back', because: 'it was slow' } })
  assert.match(text, /: taken back, the old version serves again: it was slow\n/)
  assert.match(text, /\n3 of 5 requests FAILED meanwhile: 2 with 502, 1 with 504\. 1 client did not wait for an answer\.\n/)
})

test('without an access log nothing is claimed about requests', () => {
  const text = receiptText({ ...RECEIPT, accessLog: 'off' })
  assert.match(text, /Requests were not counted/)
  assert.doesNotMatch(text, /No request failed|p99/)
  assert.match(receiptText({ ...RECEIPT, during: measure([]) }), /No request came meanwhile/)
})

test('in a history a receipt is one line', () => {
  const restart: Receipt = { ...RECEIPT, what: 'restart', to: RECEIPT.from }
  assert.equal(receiptLine(restart, 'now'), 'now  restart of blog 1.0-1-aaaaaaaa  0 of 368 failed  1.8 s  done')
  const failed: Receipt = { ...restart, outcome: { is: 'failed', because: 'a worker failed. Its last output:\n  Traceback' } }
  assert.match(receiptLine(failed, 'now'), / {2}failed, the old version goes on serving: a worker failed\. Its last output:$/)
})

test('a canary has a column of its own', () => {
  assert.match(receiptText({ ...RECEIPT, canary: measure([], 3) }), /before {2}meanwhile {2}canary {2}after\n/)
})

test('a receipt is known again after a round through JSON', () => {
  assert.ok(isReceipt(JSON.parse(JSON.stringify(RECEIPT))))
  assert.equal(isReceipt({ plugin: 'blog' }), false)
})

test('phases stand below each other, and where there are none nothing is said of them', () => {
  const phases = [
    { name: 'a', ms: 999 },
    { name: 'warm up', ms: 1000 },
    { name: 'drain', ms: 120_000.4 },
  ]
  assert.deepEqual(
    receiptText({ ...RECEIPT, phases })
      .split('\n')
      .slice(-7),
    [
      '',
      'Phases, together 122.0 s:',
      '  a         999 ms',
      '  warm up    1.0 s',
      '  drain    120.0 s',
      '',
      'Memory: 41.2 MB before, 83.0 MB at the peak.',
    ],
  )
  const none = { ...RECEIPT, phases: [] }
  assert.match(receiptText(none), /slowest.*ms\n\nMemory: /)
  assert.equal(
    receiptLine(none, 'now'),
    'now  hotswap of blog from 1.0-1-aaaaaaaa to 1.1-1-bbbbbbbb  0 of 368 failed  0 ms  done',
  )
})

test('in a history of requests that were not counted nothing is claimed of them', () => {
  assert.match(receiptLine({ ...RECEIPT, accessLog: 'off' }, 'now'), / {2}not counted {2}1\.8 s {2}done$/)
})

test('one client that went away is one client, and several are several', () => {
  const gone = (count: number) => receiptText({ ...RECEIPT, during: { ...fine, clientGone: count } }).split('\n')[1]
  assert.equal(gone(0), 'No request failed: 2,000 were answered meanwhile.')
  assert.equal(gone(1), 'No request failed: 2,000 were answered meanwhile. 1 client did not wait for an answer.')
  assert.equal(gone(1200), 'No request failed: 2,000 were answered meanwhile. 1,200 clients did not wait for an answer.')
})

test('columns are as wide as the widest of them needs, and what was not measured is a dash', () => {
  const wide = { ...fine, requests: 123_456_789_000, p50Ms: null, p99Ms: null, maxMs: null }
  const lines = receiptText({ ...RECEIPT, before: wide, memoryBeforeBytes: 200_000_000_000 }).split('\n')
  assert.deepEqual(lines.slice(3, 10), [
    '                        before  meanwhile  after',
    '  seconds                 10.0        1.8   10.0',
    '  requests     123,456,789,000        368  2,000',
    '  failed                     0          0      0',
    '  client gone                0          0      0',
    '  p50                        -       5 ms   4 ms',
    '  p99                        -       7 ms   4 ms',
  ])
  assert.equal(lines.at(-1), 'Memory: 200000.0 MB before, 83.0 MB at the peak.')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../time.ts'
import { merged, straightened } from './merge.ts'

interface One {
  readonly at: Millis
  readonly of: string
}

const list = (of: string, ...times: number[]): One[] => times.map((at) => ({ at: at as Millis, of }))
const shown = (values: Iterable<One>): string => [...values].map(({ at, of }) => `${of}${at}`).join(' ')

test('several logs are one in order; what was written at once stays in the order of the logs', () => {
  const logs = [list('a', 1, 4, 4, 9), list('b', 2, 4, 5), list('c'), list('d', 0)]
  assert.equal(
    shown(
      merged(
        logs.map((log) => log[Symbol.iterator]()),
        'oldest first',
      ),
    ),
    'd0 a1 b2 a4 a4 b4 b5 a9',
  )
})

test('the same backwards', () => {
  const logs = [list('a', 9, 4, 1), list('b', 5, 4)]
  assert.equal(
    shown(
      merged(
        logs.map((log) => log[Symbol.iterator]()),
        'newest first',
      ),
    ),
    'a9 b5 a4 b4 a1',
  )
})

test('no more of a log is read than one line ahead', () => {
  let read = 0
  function* endless(): Generator<One> {
    for (;;) {
      read += 1
      yield { at: read as Millis, of: 'a' }
    }
  }
  const values = merged([endless(), list('b', 1, 2)[Symbol.iterator]()], 'oldest first')
  for (let count = 0; count < 4; count += 1) values.next()
  assert.ok(read <= 4, `${read}`)
})

test('lines that are out of order by less than a bound are put in order, and nothing is lost', () => {
  const within = { withinMs: 10, most: 100 }
  assert.equal(shown(straightened(list('a', 5, 3, 8, 1, 20, 19, 40), 'oldest first', within)), 'a1 a3 a5 a8 a19 a20 a40')
  assert.equal(shown(straightened(list('a', 40, 19, 20, 1, 8), 'newest first', within)), 'a40 a20 a19 a8 a1')
  assert.equal(shown(straightened(list('a', 3, 2, 1), 'oldest first', { withinMs: 10, most: 1 })), 'a2 a1 a3')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Kept } from './kept.ts'

test('an answer is made again when one of the things it is made from is another, or one more, or one less', () => {
  const kept = new Kept<number>()
  let made = 0
  const of = (...from: readonly unknown[]): number => kept.of(from, () => ++made)
  const worker = { state: 'ready' }
  assert.equal(of(worker, 1), 1)
  assert.equal(of(worker, 1), 1)
  assert.equal(of({ ...worker }, 1), 2)
  assert.equal(of(worker, 1, undefined), 3)
  assert.equal(of(worker, 1), 4)
})

test('an answer that could not be made is asked for again', () => {
  const kept = new Kept<number>()
  const fail = (): number => {
    throw new Error('the disk is full')
  }
  assert.throws(() => kept.of([1], fail))
  assert.equal(
    kept.of([1], () => 5),
    5,
  )
})

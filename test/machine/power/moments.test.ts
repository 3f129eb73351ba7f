import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomFrom } from '../../soak/random.ts'
import { momentsOf } from './moments.ts'

test('the same seed gives the same numbers, another seed others', () => {
  const three = (seed: number): readonly number[] => {
    const random = randomFrom(seed)
    return [random(), random(), random()]
  }
  assert.deepEqual(three(7), three(7))
  assert.notDeepEqual(three(7), three(8))
  for (const value of three(7)) assert.ok(value >= 0 && value < 1)
})

test('each part of an operation has one moment, whatever the seed', () => {
  for (const seed of [1, 2, 99_999]) {
    const moments = momentsOf('install', { seed, rounds: 30, lengthMs: 3000 })
    const parts = moments.map((moment) => Math.min(29, Math.floor(moment / 105)))
    assert.deepEqual(
      parts.toSorted((one, other) => one - other),
      Array.from({ length: 30 }, (_, index) => index),
    )
  }
})

test('the moments of an operation follow from the seed and its name, and come in no order', () => {
  const draw = { seed: 5, rounds: 10, lengthMs: 1000 }
  assert.deepEqual(momentsOf('hotswap', draw), momentsOf('hotswap', draw))
  assert.notDeepEqual(momentsOf('hotswap', draw), momentsOf('install', draw))
  const moments = momentsOf('hotswap', draw)
  assert.notDeepEqual(
    moments,
    moments.toSorted((one, other) => one - other),
  )
})

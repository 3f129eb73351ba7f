import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomFrom } from '../../soak/random.ts'
import { cutAtEnd, cutsOf, type Timeline } from './moments.ts'

test('the same seed gives the same numbers, another seed others', () => {
  const three = (seed: number): readonly number[] => {
    const random = randomFrom(seed)
    return [random(), random(), random()]
  }
  assert.deepEqual(three(7), three(7))
  assert.notDeepEqual(three(7), three(8))
  for (const value of three(7)) assert.ok(value >= 0 && value < 1)
})

/** It computes for a second, and writes a megabyte in the tenth of a second after that. */
const TIMELINE: Timeline = {
  lengthMs: 1100,
  growth: [[0, 500], ...Array.from({ length: 10 }, (_, index): [number, number] => [1000 + 10 * index, 100_000 * (index + 1)])],
}

test('half of the cuts come at random times, half at random writes, and each part of both has one', () => {
  for (const seed of [1, 2, 99_999]) {
    const cuts = cutsOf('install', TIMELINE, { seed, rounds: 30 })
    assert.equal(cuts.length, 30)
    const [early, late] = [cuts.filter(({ at }) => at === 500), cuts.filter(({ at }) => at > 500)]
    // Of 1155 ms the first 1000 are 13 of 15 parts.
    assert.ok(early.length >= 12 && early.length <= 13, `${early.length} before anything is written`)
    for (let part = 0; part < 5; part += 1) assert.ok(late.some(({ at }) => at > part * 200_000 && at <= (part + 1) * 200_000))
  }
})

test('the cuts in an operation follow from the seed and its name, and come in no order', () => {
  const draw = { seed: 5, rounds: 10 }
  assert.deepEqual(cutsOf('hotswap', TIMELINE, draw), cutsOf('hotswap', TIMELINE, draw))
  assert.notDeepEqual(cutsOf('hotswap', TIMELINE, draw), cutsOf('install', TIMELINE, draw))
  const moments = cutsOf('hotswap', TIMELINE, draw).map(({ ms }) => ms)
  assert.notDeepEqual(
    moments,
    moments.toSorted((one, other) => one - other),
  )
})

test('the cut at the end of an operation has all that was written until then', () => {
  assert.deepEqual(cutAtEnd({ ...TIMELINE, lengthMs: 1035 }, 3), { ms: 1035, at: 400_000, seed: 3 })
})

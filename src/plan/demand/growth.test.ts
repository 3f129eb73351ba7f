import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Scale } from '../../desired/scale/bounds.ts'
import { type Growth, grow, grown, type Load, lacksRoom } from './growth.ts'

const BOUNDS: Scale = { least: 1, most: 4, sleepAfterMs: 0, isDeveloped: false }
const IDLE: Load = { queued: 0, busy: 0, hasRoom: true }
const BUSY: Load = { ...IDLE, busy: 0.95 }
const QUEUE: Load = { ...IDLE, queued: 1 }

/** The numbers of workers after so many looks of each kind. */
function follow(from: number, looks: readonly (readonly [times: number, load: Load])[], bounds = BOUNDS): readonly number[] {
  let growth = grown(from)
  return looks.map(([times, load]) => {
    for (let time = 0; time < times; time += 1) growth = grow(growth, load, bounds)
    return growth.workers
  })
}

test('an app gets one worker more when requests wait or its workers are busy at three looks, up to its most', () => {
  assert.deepEqual(
    follow(1, [
      [2, QUEUE],
      [1, QUEUE],
      [3, QUEUE],
      [99, QUEUE],
    ]),
    [1, 2, 3, 4],
  )
  assert.deepEqual(
    follow(1, [
      [2, BUSY],
      [1, BUSY],
      [2, BUSY],
      [1, QUEUE],
    ]),
    [1, 2, 2, 3],
  )
})

test('a moment of load makes no worker, and a queue that is there most of the time does', () => {
  const moment = [
    [2, QUEUE],
    [1, IDLE],
    [1, QUEUE],
    [2, IDLE],
  ] as const
  assert.deepEqual(follow(1, [...moment, ...moment]).at(-1), 1)
  assert.deepEqual(
    follow(1, [
      [2, QUEUE],
      [1, IDLE],
      [2, QUEUE],
    ]).at(-1),
    2,
  )
})

test('an app loses one worker when one less would have done for sixty looks in a row, down to its least', () => {
  assert.deepEqual(
    follow(3, [
      [59, IDLE],
      [1, IDLE],
      [60, IDLE],
      [600, IDLE],
    ]),
    [3, 2, 1, 1],
  )
  assert.deepEqual(
    follow(3, [
      [59, IDLE],
      [1, QUEUE],
      [59, IDLE],
      [1, IDLE],
    ]),
    [3, 3, 3, 2],
  )
  const half: Load = { ...IDLE, busy: 0.35 }
  assert.deepEqual(follow(3, [[600, half]]), [3], 'two workers would have more than half a processor each')
})

test('no worker is added while the machine has no memory for it, and it is when there is some', () => {
  const tight = { ...QUEUE, hasRoom: false }
  assert.deepEqual(
    follow(1, [
      [99, tight],
      [1, QUEUE],
    ]),
    [1, 2],
  )
  const waiting: Growth = { workers: 1, pressed: 3, eased: 0 }
  assert.deepEqual([lacksRoom(waiting, BOUNDS), lacksRoom({ ...waiting, workers: 4 }, BOUNDS)], [true, false])
})

test('other bounds count at once', () => {
  assert.deepEqual(follow(4, [[1, QUEUE]], { ...BOUNDS, most: 2 }), [2])
  assert.deepEqual(follow(1, [[1, IDLE]], { ...BOUNDS, least: 3 }), [3])
})

test('whatever the load, the workers stay within the bounds, change by one, and are not taken back within sixty looks', () => {
  const load = fc.record({ queued: fc.nat(2), busy: fc.double({ min: 0, max: 1.2, noNaN: true }), hasRoom: fc.boolean() })
  const runs = fc.array(fc.tuple(fc.integer({ min: 1, max: 80 }), load), { maxLength: 20 })
  fc.assert(
    fc.property(runs, fc.nat(3), fc.nat(3), (all, least, more) => {
      const bounds = { ...BOUNDS, least, most: Math.max(1, least + more) }
      let growth = grow(grown(1), IDLE, bounds)
      let sinceGrown = 60
      for (const [times, seen] of all) {
        for (let time = 0; time < times; time += 1) {
          const { workers } = growth
          growth = grow(growth, seen, bounds)
          assert.ok(growth.workers <= bounds.most && growth.workers >= Math.max(1, least))
          assert.ok(Math.abs(growth.workers - workers) <= 1)
          sinceGrown += 1
          if (growth.workers < workers) assert.ok(sinceGrown >= 60)
          if (growth.workers > workers) sinceGrown = 0
        }
      }
    }),
  )
})

test('a steady load is met by one number of workers, which then stays', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 3.9, noNaN: true }), (processors) => {
      let growth = grown(1)
      const numbers: number[] = []
      for (let look = 0; look < 600; look += 1) {
        const busy = Math.min(1, processors / growth.workers)
        growth = grow(growth, { queued: processors > growth.workers ? 3 : 0, busy, hasRoom: true }, BOUNDS)
        numbers.push(growth.workers)
      }
      assert.equal(new Set(numbers.slice(300)).size, 1)
    }),
  )
})

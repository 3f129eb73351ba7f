import assert from 'node:assert/strict'
import test from 'node:test'
import type { Millis } from '../../time.ts'
import { Pace } from './pace.ts'

const at = (ms: number): Millis => ms as Millis

test('rounds are short only for the sake of workers, where whole ones take long, and soon after a whole one', () => {
  const pace = new Pace()
  assert.equal(pace.isShort('workers', at(1000)), false, 'the first one is whole')
  pace.whole(at(1000), at(1009))
  assert.equal(pace.isShort('workers', at(1010)), false, 'whole rounds take no time')
  pace.whole(at(2000), at(2040))
  assert.deepEqual(
    [pace.isShort('workers', at(2041)), pace.isShort('anything', at(2041)), pace.isShort('workers', at(2290))],
    [true, false, false],
  )
  assert.deepEqual([pace.restMs(at(2100)), pace.restMs(at(9000))], [190, 0])
})

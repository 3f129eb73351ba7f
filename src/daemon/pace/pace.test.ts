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
  assert.deepEqual([pace.isShort('time', at(2289)), pace.isShort('time', at(2290))], [true, false], 'the change is to be told')
})

test('at rest whole rounds take a fiftieth of the time, and are at most three seconds apart', () => {
  const pace = new Pace()
  pace.whole(at(1000), at(1030))
  assert.deepEqual([pace.isShort('time', at(2529)), pace.isShort('time', at(2530))], [true, false])
  pace.whole(at(3000), at(4000))
  assert.deepEqual([pace.isShort('time', at(6999)), pace.isShort('time', at(7000))], [true, false])
  assert.equal(pace.isShort('anything', at(4001)), false)
})

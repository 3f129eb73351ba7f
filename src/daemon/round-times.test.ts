import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../time.ts'
import { RoundTimes } from './round-times.ts'

const at = (ms: number): Millis => ms as Millis

test('of the last 16 rounds the median and the longest are told, and of all of them how many there were', () => {
  const times = new RoundTimes()
  assert.deepEqual(times.report(), { count: 0, medianMs: 0, longestMs: 0 })
  times.took(at(0), at(900))
  for (let round = 0; round < 15; round += 1) times.took(at(100), at(102.04))
  assert.deepEqual(times.report(), { count: 16, medianMs: 2, longestMs: 900 })
  times.took(at(0), at(5))
  assert.deepEqual(times.report(), { count: 17, medianMs: 2, longestMs: 5 })
})

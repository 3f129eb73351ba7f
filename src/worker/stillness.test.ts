import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../time.ts'
import { look, type Stillness } from './stillness.ts'

/** How still it is after looks at these moments. */
function stillMs(looks: readonly (readonly [atMs: number, movement: string])[]): number {
  let seen: Stillness | undefined
  for (const [atMs, movement] of looks) seen = look(seen, movement, atMs as Millis)
  return seen?.stillMs ?? Number.NaN
}

const CASES: Readonly<Record<string, readonly [number, readonly (readonly [number, string])[]]>> = {
  'the first look waits for nothing yet': [0, [[5_000, 'a']]],
  'time counts while nothing moves': [
    3_000,
    [
      [0, 'a'],
      [1_000, 'a'],
      [3_000, 'a'],
    ],
  ],
  'whatever moves begins the wait anew': [
    500,
    [
      [0, 'a'],
      [1_000, 'a'],
      [2_000, 'b'],
      [2_500, 'b'],
    ],
  ],
  'something slow that goes on moving is waited for without an end': [
    0,
    [
      [0, 'a'],
      [60_000, 'b'],
      [120_000, 'c'],
      [180_000, 'd'],
    ],
  ],
  'what moved back and forth has moved': [
    0,
    [
      [0, 'a'],
      [1_000, 'b'],
      [2_000, 'a'],
    ],
  ],
  'a waiter that was itself stopped for an hour does not take that for stillness': [
    3_000,
    [
      [0, 'a'],
      [1_000, 'a'],
      [3_601_000, 'a'],
    ],
  ],
  'a clock that went back takes nothing away': [
    1_000,
    [
      [0, 'a'],
      [1_000, 'a'],
      [200, 'a'],
    ],
  ],
}

for (const [promise, [expected, looks]] of Object.entries(CASES)) {
  test(promise, () => assert.equal(stillMs(looks), expected))
}

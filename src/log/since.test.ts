import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../time.ts'
import { momentWritten } from './since.ts'
import type { Clock, LocalTime } from './stamp.ts'

const HOUR = 3_600_000
/** A clock one hour ahead of UTC. */
const local: LocalTime = ([y, mo, d, h, mi, s, ms]) => (Date.UTC(y, mo - 1, d, h, mi, s, ms) - HOUR) as Millis
const clockOf = (at: Millis): Clock => {
  const date = new Date(at + HOUR)
  return [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    0,
  ]
}
const NOW = Date.parse('2026-11-29T13:30:00Z') as Millis

const WRITTEN: readonly (readonly [string, string | undefined])[] = [
  ['90s', '2026-11-29T13:28:30.000Z'],
  ['10m', '2026-11-29T13:20:00.000Z'],
  ['1.5h', '2026-11-29T12:00:00.000Z'],
  ['2d', '2026-11-27T13:30:00.000Z'],
  ['1w', '2026-11-22T13:30:00.000Z'],
  ['14:02', '2026-11-29T13:02:00.000Z'],
  ['14:30', '2026-11-29T13:30:00.000Z'],
  ['9:05:07', '2026-11-29T08:05:07.000Z'],
  // It is still to come today.
  ['14:31', '2026-11-28T13:31:00.000Z'],
  ['23:59', '2026-11-28T22:59:00.000Z'],
  ['2026-11-28', '2026-11-27T23:00:00.000Z'],
  ['2026-11-28 09:00', '2026-11-28T08:00:00.000Z'],
  ['2026-11-28T09:00', '2026-11-28T08:00:00.000Z'],
  ['2026-11-28T09:00Z', '2026-11-28T09:00:00.000Z'],
  ['2026-11-28T09:00:30.5+02:00', '2026-11-28T07:00:30.500Z'],
  ['', undefined],
  ['10', undefined],
  ['10 minutes', undefined],
  ['25:00', undefined],
  ['14:60', undefined],
  ['2026-13-01', undefined],
  ['2026-11-28 09:00 x', undefined],
  ['yesterday', undefined],
]

for (const [text, at] of WRITTEN)
  test(`"${text}" is ${at ?? 'no moment'}`, () => {
    const found = momentWritten(text, NOW, local, clockOf)
    assert.equal(found === undefined ? undefined : new Date(found).toISOString(), at)
  })

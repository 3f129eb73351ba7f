import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../time.ts'
import { readLine } from './line.ts'
import { Grouper, type LogRecord, looseGroups, MOST_LINES, type PlacedLine } from './record.ts'
import type { LocalTime } from './stamp.ts'

const SOURCE = { is: 'app', plugin: 'blog', name: 'main' } as const
const local: LocalTime = ([y, mo, d, h, mi, s, ms]) => Date.UTC(y, mo - 1, d, h, mi, s, ms) as Millis
const placed = (text: string): PlacedLine => ({ text, facts: readLine(text, local) })

function grouped(lines: readonly string[]): readonly LogRecord[] {
  const grouper = new Grouper(SOURCE, 7 as Millis)
  return [...lines.flatMap((line) => grouper.take(placed(line))), ...grouper.flush()]
}

test('a traceback belongs to the line above it, whose moment and request it shares', () => {
  const records = grouped([
    '2026-11-29T10:00:00Z [ERROR] failed {request_id=5c0d}',
    'Traceback (most recent call last):',
    'LookupError: x',
    '2026-11-29T10:00:01Z [INFO] fine',
  ])
  assert.deepEqual(
    records.map(({ lines, level, requestId }) => [lines.length, level, requestId]),
    [
      [3, 'ERROR', '5c0d'],
      [1, 'INFO', undefined],
    ],
  )
})

test('what a program prints without moments is one record a line, and what hangs together is one', () => {
  const lines = [
    'a',
    'b {',
    '  c',
    '}',
    'Traceback (most recent call last):',
    '  File "x"',
    'ValueError: y',
    'd',
    'Stack trace:',
    '#0 {main}',
  ]
  assert.deepEqual(
    looseGroups(lines.map(placed)).map((group) => group.map(({ text }) => text).join('|')),
    ['a', 'b {|  c|}', 'Traceback (most recent call last):|  File "x"|ValueError: y', 'd|Stack trace:|#0 {main}'],
  )
})

test('a failure without a level is an error, and its moment is that of the record before it', () => {
  const [first, second] = grouped(['a', 'Traceback (most recent call last):', '  File', 'KeyError: 1'])
  assert.deepEqual([first?.level, first?.at, second?.level, second?.at], [undefined, 7, 'ERROR', 7])
})

test('an endless text is no endless record', () => {
  const records = grouped(['2026-11-29T10:00:00Z x', ...Array.from({ length: MOST_LINES * 2 }, (_, n) => `line ${n}`)])
  assert.ok(records.every(({ lines }) => lines.length <= MOST_LINES))
  assert.equal(
    records.reduce((sum, { lines }) => sum + lines.length, 0),
    MOST_LINES * 2 + 1,
  )
  assert.ok(records.every(({ at }) => at === Date.parse('2026-11-29T10:00:00Z')))
})

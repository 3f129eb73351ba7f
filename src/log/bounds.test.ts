import assert from 'node:assert/strict'
import { test } from 'node:test'
import { floodOf, type LogFile, surplusOf } from './bounds.ts'

const MB = 1 << 20

/** `blog 1 100`: a copy of the first day with 100 bytes; without a day the file in use. */
function files(...all: readonly string[]): readonly LogFile[] {
  return all.map((text) => {
    const [owner = '', day = '', bytes] = text.split(' ')
    return { name: text, owner, bytes: Number(bytes), copied: day === '-' ? undefined : day }
  })
}
const names = (all: readonly LogFile[]): string => all.map(({ name }) => name).join(', ')

const ALL = files('blog 2 100', 'blog 1 100', 'blog - 50', 'shop 0 10', 'shop - 10', ' 1 30', ' - 30')

const CASES: readonly (readonly [string, number, number, string])[] = [
  ['no bound', 0, 0, ''],
  ['bounds that are kept', 250, 330, ''],
  ['the oldest copy of a plugin with too much', 249, 0, 'blog 1 100'],
  ['all copies of it, and never the file in use', 10, 0, 'blog 1 100, blog 2 100, shop 0 10,  1 30'],
  ['in total, from who has most', 0, 329, 'blog 1 100'],
  ['in total, from who has most then', 0, 131, 'blog 1 100, blog 2 100'],
  ['all copies where nothing else helps', 0, 1, 'blog 1 100, blog 2 100,  1 30, shop 0 10'],
]
for (const [what, perOwner, inTotal, gone] of CASES)
  test(`what goes: ${what}`, () => assert.equal(names(surplusOf(ALL, { perOwner, inTotal })), gone))

test('the log that fills a full disk is the largest one, if it is large, or a smaller one that still grows', () => {
  const flooding = (sizes: Readonly<Record<string, number>>, before: Readonly<Record<string, number>> = {}): string | undefined =>
    floodOf(
      Object.entries(sizes).map(([name, bytes]) => ({ name, bytes })),
      new Map(Object.entries(before)),
      6 * MB,
    )?.name
  assert.equal(flooding({ a: 7 * MB, b: 9 * MB }), 'b')
  assert.equal(flooding({ a: 6 * MB }), 'a')
  assert.equal(flooding({ a: 6 * MB - 1 }), undefined, 'something else filled it')
  assert.equal(flooding({ a: 5 * MB, b: 2 * MB }, { a: 5 * MB, b: MB }), 'b', 'it takes what becomes free')
  assert.equal(flooding({ b: MB }, { b: 0.75 * MB }), 'b')
  assert.equal(flooding({ b: MB }, { b: 0.75 * MB + 1 }), undefined, 'an ordinary log, too, grows where there is room')
  assert.equal(flooding({ b: MB - 1 }, { b: 0 }), undefined, 'a few lines are worth more than the room they take')
  assert.equal(flooding({ b: 2 * MB }, { b: 3 * MB }), undefined, 'it was emptied a moment ago')
  assert.equal(flooding({ b: 2 * MB }), undefined, 'whether it grows is not known')
})

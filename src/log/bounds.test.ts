import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LogFile, surplusOf } from './bounds.ts'

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

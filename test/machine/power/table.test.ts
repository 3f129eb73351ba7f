import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Where } from './cut.ts'
import { isGood, type Tried, tableOf } from './table.ts'

const cut = (
  operation: string,
  where: Where,
  momentMs: number,
  served: 'old' | 'new' | undefined,
  ...failures: string[]
): Tried => ({
  operation,
  where,
  momentMs,
  verdict: { served, failures },
})

test('the table has a row for each operation, with the least, the middle and the last moment', () => {
  const tried = [
    cut('hotswap', 'machine', 900, 'new'),
    cut('hotswap', 'container', 5, 'old'),
    cut('hotswap', 'container', 300, undefined, 'nothing serves'),
  ]
  assert.deepEqual(tableOf(['install', 'hotswap'], tried).split('\n').slice(1, -1), [
    '│ operation │ in a machine │ in a container │ ms after it began │ old serves │ new serves │ failed │',
    '├───────────┼──────────────┼────────────────┼───────────────────┼────────────┼────────────┼────────┤',
    '│ install   │ 0            │ 0              │                   │ 0          │ 0          │ 0      │',
    '│ hotswap   │ 1            │ 2              │ 5 / 300 / 900     │ 1          │ 1          │ 1      │',
  ])
})

test('a run is good when nothing failed and nothing is missing', () => {
  const good = [cut('install', 'machine', 1, 'old'), cut('install', 'container', 2, 'new')]
  assert.equal(isGood(['install'], good, 2), true)
  assert.equal(isGood(['install'], good, 3), false)
  assert.equal(isGood(['install', 'cron'], good, 2), false)
  assert.equal(isGood(['install'], [...good, cut('install', 'container', 3, 'new', 'damaged')], 2), false)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Cut, isGood, tableOf } from './table.ts'

const cut = (operation: string, momentMs: number, served: 'old' | 'new' | undefined, ...failures: string[]): Cut => ({
  operation,
  momentMs,
  verdict: { served, failures },
})

test('the table has a row for each operation, with the least, the middle and the last moment', () => {
  const cuts = [cut('hotswap', 900, 'new'), cut('hotswap', 5, 'old'), cut('hotswap', 300, undefined, 'nothing serves')]
  assert.deepEqual(tableOf(['install', 'hotswap'], cuts).split('\n').slice(1, -1), [
    '│ operation │ cuts │ ms after it began │ old serves │ new serves │ failed │',
    '├───────────┼──────┼───────────────────┼────────────┼────────────┼────────┤',
    '│ install   │ 0    │                   │ 0          │ 0          │ 0      │',
    '│ hotswap   │ 3    │ 5 / 300 / 900     │ 1          │ 1          │ 1      │',
  ])
})

test('a run is good when nothing failed and nothing is missing', () => {
  const good = [cut('install', 1, 'old'), cut('install', 2, 'new')]
  assert.equal(isGood(['install'], good, 2), true)
  assert.equal(isGood(['install'], good, 3), false)
  assert.equal(isGood(['install', 'cron'], good, 2), false)
  assert.equal(isGood(['install'], [...good, cut('install', 3, 'new', 'damaged')], 2), false)
})

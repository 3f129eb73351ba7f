import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { measure } from '../../../test/support/receipt-fixture.ts'
import type { Receipt } from '../../receipt/receipt.ts'
import type { Millis } from '../../time.ts'
import { pathsOf } from '../home/paths.ts'
import { appendHistory, readHistory } from './history.ts'

const home = mkdtempSync(join(tmpdir(), 'history'))
const paths = pathsOf(home)
after(() => rmSync(home, { recursive: true }))

test('the newest receipts of a plugin are kept, oldest first', () => {
  for (let number = 1; number <= 5; number += 1) appendHistory(receipt('blog', number), 3, paths)
  appendHistory(receipt('shop', 9), 3, paths)
  assert.deepEqual(
    readHistory('blog', paths).map(({ at }) => at),
    [3, 4, 5],
  )
  assert.deepEqual(readHistory('none', paths), [])
})

test('a line torn by a power cut is passed over, and does not spoil the next one', () => {
  const file = join(paths.history, 'torn.jsonl')
  appendHistory(receipt('torn', 1), 100, paths)
  appendFileSync(file, readFileSync(file, 'utf8').slice(0, 50))
  assert.deepEqual(
    readHistory('torn', paths).map(({ at }) => at),
    [1],
  )
  appendHistory(receipt('torn', 2), 100, paths)
  assert.deepEqual(
    readHistory('torn', paths).map(({ at }) => at),
    [1, 2],
  )
})

function receipt(plugin: string, at: number): Receipt {
  const nothing = measure([])
  return {
    plugin,
    what: 'restart',
    from: 'a',
    to: 'a',
    at: at as Millis,
    phases: [],
    before: nothing,
    during: nothing,
    after: nothing,
    accessLog: 'on',
    memoryBeforeBytes: 0,
    memoryPeakBytes: 0,
    outcome: { is: 'done' },
  }
}

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { measure } from '../../../test/support/receipt-fixture.ts'
import type { Receipt } from '../../receipt/receipt.ts'
import type { Millis } from '../../time.ts'
import { pathsOf } from '../home/paths.ts'
import { appendHistory, historyFile } from '../receipts/history.ts'
import { Changes } from './changes.ts'

const RECEIPT: Omit<Receipt, 'at' | 'outcome'> = {
  plugin: 'blog',
  what: 'hotswap',
  from: 'one',
  to: 'two',
  phases: [],
  before: measure([]),
  during: measure([]),
  after: measure([]),
  accessLog: 'on',
  memoryBeforeBytes: 0,
  memoryPeakBytes: 0,
}

let home: string
before(() => {
  home = mkdtempSync(join(tmpdir(), 'mf-changes-'))
})
after(() => rmSync(home, { recursive: true, force: true }))

test('each change counts once, also when its receipt is kept no longer, and when what counts is started anew', () => {
  const paths = pathsOf(home)
  const changed = (at: number, outcome: 'done' | 'failed'): void => {
    appendHistory(
      { ...RECEIPT, at: at as Millis, outcome: outcome === 'done' ? { is: outcome } : { is: outcome, because: 'x' } },
      2,
      paths,
    )
    utimesSync(historyFile('blog', paths), at, at)
  }
  const first = new Changes({})
  assert.equal(first.look(paths), false)
  changed(1, 'done')
  changed(2, 'failed')
  assert.equal(first.look(paths), true)
  assert.equal(first.look(paths), false)
  changed(3, 'done')
  const second = new Changes(JSON.parse(JSON.stringify(first.kept())))
  second.look(paths)
  assert.deepEqual(second.kept(), { blog: { last: 3, counts: { 'hotswap done': 2, 'hotswap failed': 1 } } })
})

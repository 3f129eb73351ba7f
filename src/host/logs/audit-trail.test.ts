import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import type { Ended } from '../../log/audit.ts'
import type { Millis } from '../../time.ts'
import { appendAudit, auditBack } from './audit-trail.ts'

let directory: string
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'mf-audit-')), 'audit')
})
afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }))

const line = (number: number): Ended => ({
  is: 'ended',
  id: `n${number}`,
  at: (1_000_000_000_000 + number) as Millis,
  outcome: 'ok',
  exitCode: 0,
  problems: [],
})
const ids = (): string => [...auditBack(directory)].map(({ id }) => id).join(' ')

test('lines are appended, read newest first, and for nobody else', () => {
  for (const number of [1, 2, 3]) appendAudit(directory, line(number))
  assert.equal(ids(), 'n3 n2 n1')
  assert.equal(statSync(join(directory, 'trail.jsonl')).mode & 0o777, 0o600)
  assert.equal(statSync(directory).mode & 0o777, 0o700)
})

test('a line that a power cut tore is none, and the next one is whole', () => {
  appendAudit(directory, line(1))
  appendFileSync(join(directory, 'trail.jsonl'), '{"is":"ended","id":"torn')
  appendAudit(directory, line(2))
  assert.equal(ids(), 'n2 n1')
})

test('a full file is put aside, and of many the oldest go', () => {
  for (let number = 0; number < 100; number += 1) appendAudit(directory, line(number), 500)
  assert.ok(readdirSync(directory).length <= 10)
  const kept = ids().split(' ')
  assert.equal(kept[0], 'n99')
  assert.ok(kept.length > 20 && kept.length < 100)
  assert.deepEqual(
    kept,
    kept.map((_, index) => `n${99 - index}`),
  )
})

test('a trail that is not there is an empty one', () => assert.equal(ids(), ''))

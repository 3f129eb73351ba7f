import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dueAt, type Failed, type Issued } from './due.ts'

const DAY = 86_400_000
const MINUTE = 60_000
const WANTED = { names: ['a.org', 'b.org'], directory: 'https://ca/dir' }
const ISSUED: Issued = { ...WANTED, from: 0, until: 90 * DAY }
const failed = (failures: number): Failed => ({ ...WANTED, at: 1000, failures, because: 'x' })

test('a certificate is renewed when a third of its life is left', () => {
  assert.equal(dueAt(WANTED, ISSUED, undefined), 60 * DAY)
  assert.equal(dueAt(WANTED, { ...ISSUED, until: 6 * DAY }, undefined), 4 * DAY)
  assert.equal(dueAt({ ...WANTED, names: ['b.org', 'a.org'] }, ISSUED, undefined), 60 * DAY)
})

test('it is fetched at once when there is none, when other names are wanted, and from another authority', () => {
  assert.equal(dueAt(WANTED, undefined, undefined), 0)
  assert.equal(dueAt({ ...WANTED, names: ['a.org'] }, ISSUED, undefined), 0)
  assert.equal(dueAt({ ...WANTED, directory: 'https://other/dir' }, ISSUED, undefined), 0)
})

test('after each failure the wait is longer, up to half a day, and it begins anew with what is wanted', () => {
  const waits = [1, 2, 3, 4, 5, 6, 100].map((failures) => (dueAt(WANTED, undefined, failed(failures)) - 1000) / MINUTE)
  assert.deepEqual(waits, [5, 15, 45, 135, 405, 720, 720])
  assert.equal(dueAt({ ...WANTED, names: ['c.org'] }, undefined, failed(5)), 0)
  assert.equal(dueAt(WANTED, ISSUED, failed(1)), 60 * DAY)
})

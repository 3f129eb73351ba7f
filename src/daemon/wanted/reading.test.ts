import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reading, type Scope } from './reading.ts'

/** Reads with these stamps, and fails if it is told to; answers what was to be read. */
async function scopeOf(reading: Reading, stamps: string, work: () => void = () => undefined): Promise<Scope | undefined> {
  let seen: Scope | undefined
  const run = reading.run(stamps, async (scope) => {
    seen = scope
    work()
  })
  await run.catch((error: unknown) => assert.match(String(error), /disk/))
  return seen
}

const fails = (): never => {
  throw new Error('the disk is full')
}

test('a change whose reading failed is read again, although the files have changed no more since', async () => {
  const reading = new Reading()
  assert.equal(await scopeOf(reading, 'one'), 'all')
  assert.equal(await scopeOf(reading, 'one'), 'stale')
  assert.equal(await scopeOf(reading, 'two', fails), 'changed')
  assert.equal(await scopeOf(reading, 'two', fails), 'changed')
  assert.equal(await scopeOf(reading, 'two'), 'changed')
  assert.equal(await scopeOf(reading, 'two'), 'stale')
})

test('what changed without the files telling leads to a new desired state also when the first try failed', async () => {
  const reading = new Reading()
  await scopeOf(reading, 'one')
  assert.equal(await scopeOf(reading, 'one', fails), 'stale')
  assert.equal(await scopeOf(reading, 'one', fails), 'again')
  assert.equal(await scopeOf(reading, 'one'), 'again')
  assert.equal(await scopeOf(reading, 'one'), 'stale')
})

test('who asks for everything while something is read gets it the next time, whatever comes of that reading', async () => {
  for (const outcome of [() => undefined, fails]) {
    const reading = new Reading()
    await scopeOf(reading, 'one')
    await scopeOf(reading, 'one', () => {
      reading.askForAll()
      outcome()
    })
    assert.equal(await scopeOf(reading, 'one'), 'all')
  }
})

test('who asks for what changed gets it although no file tells of a change, and everything where somebody asked for that', async () => {
  const reading = new Reading()
  reading.askForChanges()
  assert.equal(await scopeOf(reading, 'one'), 'all')
  reading.askForChanges()
  assert.equal(await scopeOf(reading, 'one'), 'changed')
  reading.askForAll()
  reading.askForChanges()
  assert.equal(await scopeOf(reading, 'one', fails), 'all')
  reading.askForChanges()
  assert.equal(await scopeOf(reading, 'two'), 'all')
  assert.equal(await scopeOf(reading, 'two'), 'stale')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Alarm } from './alarm.ts'

test('a loop that is rung in each of its rounds lets everything else have its turn', async () => {
  const alarm = new Alarm()
  let hadItsTurn = false
  setTimeout(() => {
    hadItsTurn = true
  }, 5)
  for (let rounds = 0; !hadItsTurn && rounds < 1_000_000; rounds += 1) {
    alarm.ring()
    await alarm.wait(1000)
  }
  assert.ok(hadItsTurn)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcomeText } from './outcome.ts'

test('the end of a run is told with its code, its signal, or why there is neither', () => {
  const exited = (code: number | null, signal: NodeJS.Signals | null) => outcomeText({ is: 'exited', exit: { code, signal } })
  assert.equal(exited(0, null), 'exit code 0')
  assert.equal(exited(3, null), 'exit code 3')
  assert.equal(exited(143, 'SIGTERM'), 'exit code 143 (SIGTERM)')
  assert.equal(exited(null, 'SIGKILL'), 'ended by SIGKILL')
  assert.equal(exited(null, null), 'ended by a signal')
  assert.equal(outcomeText({ is: 'not-started', message: 'no bash' }), 'not started: no bash')
  assert.equal(outcomeText({ is: 'unseen' }), 'ended while no daemon ran, exit code unknown')
})

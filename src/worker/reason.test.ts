import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reasonText } from './reason.ts'

test('a failure is told with its code or its signal, or with how many seconds passed', () => {
  const exited = (code: number | null, signal: NodeJS.Signals | null) => reasonText({ kind: 'exited', exit: { code, signal } })
  assert.equal(exited(0, null), 'it exited with code 0')
  assert.equal(exited(3, null), 'it exited with code 3')
  assert.equal(exited(null, 'SIGKILL'), 'it was ended by SIGKILL')
  assert.equal(exited(null, null), 'it ended')
  for (const [afterMs, seconds] of [
    [600_000, 600],
    [1499, 1],
    [1500, 2],
  ] as const) {
    assert.equal(reasonText({ kind: 'not-ready', afterMs }), `it did not answer on its socket within ${seconds} s`)
    assert.equal(
      reasonText({ kind: 'hung', afterMs }),
      `it did not answer any more for ${seconds} s while requests waited, and was killed`,
    )
  }
  assert.equal(reasonText({ kind: 'not-started', message: 'no memory' }), 'it could not be started: no memory')
})

test('who had too much is told how much it had, whose limit that is over, and the key that sets it', () => {
  const over = { kind: 'over-limit', what: 'memory', of: 'worker', limit: 300 << 20, used: 312 << 20, outcome: 'killed' } as const
  assert.equal(reasonText(over), 'it was killed: it had 312 MB of memory, over its limit of 300 MB (memory_max)')
  assert.equal(reasonText({ ...over, used: undefined }), 'it was killed: over its limit of 300 MB of memory (memory_max)')
  assert.equal(
    reasonText({ ...over, outcome: 'replaced' }),
    'it was replaced: it had 312 MB of memory, over its limit of 300 MB (memory_high)',
  )
  assert.equal(
    reasonText({ ...over, of: 'plugin' }),
    "it was killed: all of its plugin together had 312 MB of memory, over the plugin's limit of 300 MB (memory_max)",
  )
  assert.equal(
    reasonText({ ...over, what: 'tasks', limit: 1000, used: 1204 }),
    'it was killed: it had 1204 processes and threads, over its limit of 1000 (tasks_max)',
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../time.ts'
import { nextTryMs, type Prospect } from './prospects.ts'
import type { WorkerState } from './state.ts'

const NOW = 1000 as Millis
const process = { pid: 1, startTime: 1 }
const READY: WorkerState = { is: 'ready', process, since: NOW, renewAt: null, failures: 0 }
const STARTING: WorkerState = { is: 'starting', process, since: NOW, readyBy: NOW, failures: 5 }
const KILLED: WorkerState = { is: 'killed', process }

function failed(failures: number, inMs: number): WorkerState {
  const failure = { reason: { kind: 'not-started', message: '' }, at: NOW, output: '' } as const
  return { is: 'failed', failures, retryAt: (NOW + inMs) as Millis, failure }
}

function start(state: WorkerState): Prospect {
  return { state, failedToStart: true }
}

const CASES: readonly (readonly [string, readonly Prospect[], number | undefined])[] = [
  ['no worker is there yet', [], undefined],
  ['it failed again and again', [start(failed(3, 500))], 500],
  ['the next of several attempts counts', [start(failed(4, 900)), start(failed(3, 200))], 200],
  ['an attempt is due', [start(failed(3, -20))], 0],
  ['it failed for the first time', [start(failed(1, 0))], undefined],
  ['one starts', [start(failed(5, 500)), start(STARTING)], undefined],
  ['one is ready', [start(failed(5, 500)), start(READY)], undefined],
  ['one of an older version is being killed', [start(failed(5, 500)), start(KILLED)], 500],
  ['it served before it ended', [{ state: failed(5, 500), failedToStart: false }], undefined],
]

for (const [when, workers, expected] of CASES) {
  const what = expected === undefined ? 'who asks waits' : `who asks is told to come back in ${expected} ms`
  test(`${what} when ${when}`, () => assert.equal(nextTryMs(workers, NOW), expected))
}

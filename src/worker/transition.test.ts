import assert from 'node:assert/strict'
import test from 'node:test'
import { at, CRASH, EVENTS, KILL, OVER, POLICY, PROCESS, START, STATES } from '../../test/support/worker-fixture.ts'
import { later, type Millis } from '../time.ts'
import type { WorkerState } from './state.ts'
import { backOff, isDue, notStarted, processOf, started, step, type WorkerEvent, wakeAt } from './transition.ts'

type Row = { readonly [Type in WorkerEvent['type']]: string }
/** What each event makes of each state before any of its deadlines; `=` is the same state and nothing done. */
const TABLE: { readonly [Name in WorkerState['is']]: Row } = {
  starting: {
    answered: 'ready',
    exited: 'failed',
    drain: 'stopping SIGTERM',
    stop: 'stopping SIGTERM',
    counted: '=',
    hung: '=',
    'over-limit': 'failed SIGKILL',
    'time-passed': '=',
  },
  ready: {
    answered: '=',
    exited: 'failed',
    drain: 'draining',
    stop: 'stopping SIGTERM',
    counted: '=',
    hung: 'failed SIGKILL',
    'over-limit': 'failed SIGKILL',
    'time-passed': '=',
  },
  draining: {
    answered: '=',
    exited: 'gone',
    drain: '=',
    stop: 'stopping SIGTERM',
    counted: '=',
    hung: '=',
    'over-limit': 'killed SIGKILL',
    'time-passed': '=',
  },
  stopping: {
    answered: '=',
    exited: 'gone',
    drain: '=',
    stop: '=',
    counted: '=',
    hung: '=',
    'over-limit': 'killed SIGKILL',
    'time-passed': '=',
  },
  killed: {
    answered: '=',
    exited: 'gone',
    drain: '=',
    stop: '=',
    counted: '=',
    hung: '=',
    'over-limit': '=',
    'time-passed': '=',
  },
  failed: {
    answered: '=',
    exited: '=',
    drain: 'gone',
    stop: 'gone',
    counted: '=',
    hung: '=',
    'over-limit': '=',
    'time-passed': '=',
  },
  gone: { answered: '=', exited: '=', drain: '=', stop: '=', counted: '=', hung: '=', 'over-limit': '=', 'time-passed': '=' },
}

for (const state of Object.values(STATES)) {
  test(`a ${state.is} worker does with every event what its row of the table says`, () => {
    const row = Object.values(EVENTS).map((event) => {
      const [after, effects] = step(state, event, START, POLICY)
      const isSame = effects.length === 0 && JSON.stringify(after) === JSON.stringify(state)
      return [event.type, isSame ? '=' : [after.is, ...effects.map(({ signal }) => signal)].join(' ')]
    })
    assert.deepEqual(Object.fromEntries(row), TABLE[state.is])
  })
}

test('a new worker is starting, and has the time of its app to become ready', () => {
  assert.deepEqual(started(PROCESS, 2, START, POLICY), STATES.starting)
})

test('a worker that answers is ready from that moment on', () => {
  assert.deepEqual(step(STATES.starting, EVENTS.answered, at(10_999), POLICY), [
    { is: 'ready', process: PROCESS, since: 10_999, renewAt: 160_999, failures: 2 },
    [],
  ])
})

test('a worker is renewed between max_age and twice max_age after it became ready, and never when max_age is 0', () => {
  const renewAt = (jitter: number, maxAgeMs: number): Millis | null => {
    const [ready] = step(STATES.starting, { type: 'answered', jitter }, START, { ...POLICY, maxAgeMs })
    return ready.is === 'ready' ? ready.renewAt : assert.fail('not ready')
  }
  assert.deepEqual([renewAt(0, 60_000), renewAt(0.25, 60_000), renewAt(1, 60_000)], [61_000, 76_000, 121_000])
  assert.equal(renewAt(0.5, 0), null)
})

test('a worker that does not answer in time is killed, and the failure tells how long it was waited and what it wrote', () => {
  assert.deepEqual(step(STATES.starting, EVENTS['time-passed'], at(10_999), POLICY), [STATES.starting, []])
  const [failed, effects] = step(STATES.starting, EVENTS['time-passed'], at(11_000), POLICY)
  assert.deepEqual(failed, {
    is: 'failed',
    failures: 3,
    retryAt: 11_500,
    failure: { reason: { kind: 'not-ready', afterMs: 10_000 }, at: 11_000, output: 'boom' },
  })
  assert.deepEqual(effects, KILL)
})

test('a worker that answers nothing any more is killed and counts as one that crashed', () => {
  const [failed, effects] = step(STATES.ready, EVENTS.hung, at(20_000), POLICY)
  assert.deepEqual(failed, {
    is: 'failed',
    failures: 1,
    retryAt: 20_000,
    failure: { reason: { kind: 'hung', afterMs: 7_000 }, at: 20_000, output: 'boom' },
  })
  assert.deepEqual(effects, KILL)
})

test('a worker over its hard limit is killed and counts as one that crashed, whatever it was doing', () => {
  const [failed, effects] = step(STATES.ready, EVENTS['over-limit'], at(20_000), POLICY)
  const failure = { reason: OVER, at: 20_000, output: 'boom' }
  assert.deepEqual([failed, effects], [{ is: 'failed', failures: 1, retryAt: 20_000, failure }, KILL])
  const [young] = step(STATES.starting, EVENTS['over-limit'], START, POLICY)
  assert.equal(young.is === 'failed' && young.failures, 3)
})

test('a worker over its soft limit serves until another one does, which begins no sooner than ten seconds after it was ready', () => {
  const over = { ...OVER, outcome: 'replaced' } as const
  const event = { type: 'over-limit', over, output: '' } as const
  assert.deepEqual(step(STATES.ready, event, at(1_500), POLICY), [{ ...STATES.ready, renewAt: 11_000, renewFor: over }, []])
  const [renewed] = step(STATES.ready, event, at(90_000), POLICY)
  assert.deepEqual(renewed, { ...STATES.ready, renewAt: 90_000, renewFor: over })
  assert.deepEqual(step(renewed, event, at(95_000), POLICY), [renewed, []])
  for (const state of [STATES.starting, STATES.draining]) assert.deepEqual(step(state, event, START, POLICY), [state, []])
})

test('the end of a worker that was killed for not answering changes nothing', () => {
  const [failed] = step(STATES.starting, EVENTS['time-passed'], at(11_000), POLICY)
  assert.deepEqual(step(failed, EVENTS.exited, at(11_001), POLICY), [failed, []])
})

test('a worker that exits before it answered is a failed attempt more, with its exit and its last lines', () => {
  assert.deepEqual(step(STATES.starting, EVENTS.exited, at(1_200), POLICY), [
    {
      is: 'failed',
      failures: 3,
      retryAt: 1_700,
      failure: { reason: { kind: 'exited', exit: CRASH }, at: 1_200, output: 'boom' },
    },
    [],
  ])
})

test('a worker that could not be started at all is a failed attempt more, with the message', () => {
  assert.deepEqual(notStarted('no such file', 0, START), {
    is: 'failed',
    failures: 1,
    retryAt: 1_000,
    failure: { reason: { kind: 'not-started', message: 'no such file' }, at: 1_000, output: '' },
  })
})

test('a crash after ten sound seconds is restarted at once, whatever happened before; a sooner one counts on', () => {
  const after = (ms: number): readonly unknown[] => {
    const [failed] = step(STATES.ready, EVENTS.exited, later(START, ms), POLICY)
    return failed.is === 'failed' ? [failed.failures, failed.retryAt - later(START, ms)] : assert.fail('not failed')
  }
  assert.deepEqual(after(9_999), [3, 500])
  assert.deepEqual(after(10_000), [1, 0])
})

test('back-off: at once after the first failure, then a quarter second that doubles up to a minute', () => {
  const waits = Array.from({ length: 12 }, (_, index) => backOff(index))
  assert.deepEqual(waits, [0, 0, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  assert.equal(backOff(1_000_000), 60_000)
})

test('a worker that crashes as soon as it is ready waits longer before each new attempt', () => {
  const waits: number[] = []
  let failures = 0
  for (let attempt = 0; attempt < 5; attempt++) {
    const [ready] = step(started(PROCESS, failures, START, POLICY), EVENTS.answered, START, POLICY)
    const [failed] = step(ready, EVENTS.exited, later(START, 100), POLICY)
    if (failed.is !== 'failed') return assert.fail('not failed')
    waits.push(failed.retryAt - failed.failure.at)
    failures = failed.failures
  }
  assert.deepEqual(waits, [0, 250, 500, 1_000, 2_000])
})

test('a worker consists of its process until it has failed or is gone', () => {
  const having = Object.values(STATES).filter((state) => processOf(state) === PROCESS)
  assert.deepEqual(having.map((state) => state.is).sort(), ['draining', 'killed', 'ready', 'starting', 'stopping'])
  assert.deepEqual([processOf(STATES.failed), processOf(STATES.gone)], [undefined, undefined])
})

test('the loop is woken for each deadline, and not for a renewal or a retry that the last plan has seen due', () => {
  const wakes = (planned: number): unknown => Object.values(STATES).map((state) => wakeAt(state, at(planned)))
  assert.deepEqual(wakes(1_000), [11_000, 101_000, 31_000, 6_000, null, 2_000, null])
  assert.deepEqual(wakes(1_999), [11_000, 101_000, 31_000, 6_000, null, 2_000, null])
  assert.deepEqual(wakes(2_000), [11_000, 101_000, 31_000, 6_000, null, null, null])
  assert.deepEqual(wakes(101_000), [11_000, null, 31_000, 6_000, null, null, null])
  assert.equal(wakeAt({ ...STATES.ready, renewAt: null }, START), null)
})

test('a deadline is over from its millisecond on, and what waits for nothing has none', () => {
  const deadlines = { starting: 11_000, draining: 31_000, stopping: 6_000 } as const
  for (const [name, deadline] of Object.entries(deadlines) as [keyof typeof deadlines, number][]) {
    assert.equal(isDue(STATES[name], at(deadline - 1)), false, name)
    assert.equal(isDue(STATES[name], at(deadline)), true, name)
  }
  for (const name of ['ready', 'failed', 'killed', 'gone'] as const) assert.equal(isDue(STATES[name], at(1_000_000)), false, name)
})

test('a worker that listens somewhere else is told from one that does not listen', () => {
  const late = at(11_000)
  const [failed] = step(STATES.starting, { ...EVENTS['time-passed'], listensOn: ['0.0.0.0:8080'] }, late, POLICY)
  assert.deepEqual('failure' in failed && failed.failure.reason, {
    kind: 'not-ready',
    afterMs: 10_000,
    listensOn: ['0.0.0.0:8080'],
  })
  const [silent] = step(STATES.starting, { ...EVENTS['time-passed'], listensOn: [] }, late, POLICY)
  assert.deepEqual('failure' in silent && silent.failure.reason, { kind: 'not-ready', afterMs: 10_000 })
})

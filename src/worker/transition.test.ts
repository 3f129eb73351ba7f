import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { later, type Millis } from '../time.ts'
import type { Exit, ProcessId, WorkerState } from './state.ts'
import { backOff, notStarted, type Policy, processOf, started, step, type WorkerEvent, wakeAt } from './transition.ts'

const POLICY: Policy = { readyMs: 10_000, drainMs: 30_000, graceMs: 5_000, maxAgeMs: 100_000 }
const PROCESS: ProcessId = { pid: 7, startTime: 99 }
const CRASH: Exit = { code: 1, signal: null }
const START = at(1_000)

const TERM = [{ do: 'signal', process: PROCESS, signal: 'SIGTERM' }]
const KILL = [{ do: 'signal', process: PROCESS, signal: 'SIGKILL' }]

const STATES: { readonly [Name in WorkerState['is']]: Extract<WorkerState, { is: Name }> } = {
  starting: { is: 'starting', process: PROCESS, since: START, readyBy: at(11_000), failures: 2 },
  ready: { is: 'ready', process: PROCESS, since: START, renewAt: at(101_000), failures: 2 },
  draining: { is: 'draining', process: PROCESS, lookFrom: START, emptyLooks: 0, until: at(31_000) },
  stopping: { is: 'stopping', process: PROCESS, killAt: at(6_000) },
  killed: { is: 'killed', process: PROCESS },
  failed: {
    is: 'failed',
    failures: 2,
    retryAt: at(2_000),
    failure: { reason: { kind: 'exited', exit: CRASH }, at: START, output: '' },
  },
  gone: { is: 'gone' },
}

const EVENTS: { readonly [Type in WorkerEvent['type']]: Extract<WorkerEvent, { type: Type }> } = {
  answered: { type: 'answered', jitter: 0.5 },
  exited: { type: 'exited', exit: CRASH, output: 'boom' },
  drain: { type: 'drain' },
  stop: { type: 'stop' },
  counted: { type: 'counted', connections: 1 },
  hung: { type: 'hung', afterMs: 7_000, output: 'boom' },
  'time-passed': { type: 'time-passed', output: 'boom' },
}

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
    'time-passed': '=',
  },
  ready: {
    answered: '=',
    exited: 'failed',
    drain: 'draining',
    stop: 'stopping SIGTERM',
    counted: '=',
    hung: 'failed SIGKILL',
    'time-passed': '=',
  },
  draining: { answered: '=', exited: 'gone', drain: '=', stop: 'stopping SIGTERM', counted: '=', hung: '=', 'time-passed': '=' },
  stopping: { answered: '=', exited: 'gone', drain: '=', stop: '=', counted: '=', hung: '=', 'time-passed': '=' },
  killed: { answered: '=', exited: 'gone', drain: '=', stop: '=', counted: '=', hung: '=', 'time-passed': '=' },
  failed: { answered: '=', exited: '=', drain: 'gone', stop: 'gone', counted: '=', hung: '=', 'time-passed': '=' },
  gone: { answered: '=', exited: '=', drain: '=', stop: '=', counted: '=', hung: '=', 'time-passed': '=' },
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

test('a worker told to drain is stopped only after two empty looks, the first not before 50 ms', () => {
  const empty: WorkerEvent = { type: 'counted', connections: 0 }
  const [draining, none] = step(STATES.ready, EVENTS.drain, START, POLICY)
  assert.deepEqual(draining, { is: 'draining', process: PROCESS, lookFrom: 1_050, emptyLooks: 0, until: 31_000 })
  assert.deepEqual(none, [])
  assert.deepEqual(step(draining, empty, at(1_049), POLICY), [draining, []])
  const [looked, still] = step(draining, empty, at(1_050), POLICY)
  assert.deepEqual([looked, still], [{ ...draining, emptyLooks: 1 }, []])
  assert.deepEqual(step(looked, empty, at(1_100), POLICY), [{ is: 'stopping', process: PROCESS, killAt: 6_100 }, TERM])
})

test('a connection seen between two empty looks starts the count again', () => {
  const looked = { ...STATES.draining, emptyLooks: 1 }
  assert.deepEqual(step(looked, EVENTS.counted, at(2_000), POLICY), [{ ...looked, emptyLooks: 0 }, []])
})

test('a worker to which clients come back is stopped only when none was connected for a while', () => {
  const policy = { ...POLICY, quietMs: 5_000 }
  const empty: WorkerEvent = { type: 'counted', connections: 0 }
  const [draining] = step(STATES.ready, EVENTS.drain, START, policy)
  assert.deepEqual(step(draining, empty, at(5_999), policy), [draining, []])
  const [busy] = step(draining, EVENTS.counted, at(5_999), policy)
  assert.deepEqual(busy, { ...draining, lookFrom: 10_999 })
  assert.deepEqual(step(busy, empty, at(10_998), policy), [busy, []])
  const [looked] = step(busy, empty, at(10_999), policy)
  assert.deepEqual(step(looked, empty, at(11_000), policy)[1], TERM)
  assert.deepEqual(step(busy, EVENTS['time-passed'], at(31_000), policy)[1], TERM)
})

test('being told to drain a second time does not cut off the connections that are still open', () => {
  assert.deepEqual(step(STATES.draining, EVENTS.drain, at(2_000), POLICY), [STATES.draining, []])
})

test('open connections hold up the end of a worker only for the drain time of its app', () => {
  assert.deepEqual(step(STATES.draining, EVENTS['time-passed'], at(30_999), POLICY), [STATES.draining, []])
  assert.deepEqual(step(STATES.draining, EVENTS['time-passed'], at(31_000), POLICY), [
    { is: 'stopping', process: PROCESS, killAt: 36_000 },
    TERM,
  ])
})

test('a worker that ignores SIGTERM gets SIGKILL when its grace is over, once', () => {
  const [stopping, term] = step(STATES.ready, EVENTS.stop, START, POLICY)
  assert.deepEqual([stopping, term], [STATES.stopping, TERM])
  assert.deepEqual(step(stopping, EVENTS['time-passed'], at(5_999), POLICY), [stopping, []])
  assert.deepEqual(step(stopping, EVENTS['time-passed'], at(6_000), POLICY), [STATES.killed, KILL])
  assert.deepEqual(step(STATES.killed, EVENTS['time-passed'], at(600_000), POLICY), [STATES.killed, []])
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

test('whatever happens, a worker signals only its own living process, asks once and kills once, and gone is final', () => {
  fc.assert(
    fc.property(life(), (events) => {
      const signals: string[] = []
      let state = started(PROCESS, 0, START, POLICY)
      for (const [event, now] of events) {
        const [after, effects] = step(state, event, now, POLICY)
        for (const { process, signal } of effects) {
          assert.equal(process, processOf(state), `${signal} from ${state.is}`)
          signals.push(signal)
        }
        if (state.is === 'gone') assert.equal(after.is, 'gone')
        state = after
      }
      assert.ok(['', 'SIGTERM', 'SIGKILL', 'SIGTERM SIGKILL'].includes(signals.join(' ')), signals.join(' '))
    }),
  )
})

test('waking at a deadline changes the worker or leaves none to wake for, and waking before it changes nothing', () => {
  fc.assert(
    fc.property(life(), fc.double({ min: 0, max: 1, noNaN: true }), (events, part) => {
      const [state, now] = live(events)
      const wake = wakeAt(state, now)
      if (wake === null) return
      const [after] = step(state, EVENTS['time-passed'], at(Math.max(now, wake)), POLICY)
      const next = wakeAt(after, at(Math.max(now, wake)))
      assert.ok(next === null || next > Math.max(now, wake), `${state.is} would wake again at once`)
      const before = at(Math.floor(now + (wake - 1 - now) * part))
      if (before >= now && before < wake) assert.deepEqual(step(state, EVENTS['time-passed'], before, POLICY), [state, []])
    }),
  )
})

test('a worker told to drain has been asked to end, and killed, when its drain time and its grace are over', () => {
  fc.assert(
    fc.property(life(), (events) => {
      const [state, now] = live(events)
      let [ending] = step(state, EVENTS.drain, now, POLICY)
      let clock = now
      for (let wake = wakeAt(ending, clock); wake !== null; wake = wakeAt(ending, clock)) {
        clock = at(Math.max(clock, wake))
        ending = step(ending, EVENTS['time-passed'], clock, POLICY)[0]
      }
      assert.ok(ending.is === 'killed' || ending.is === 'gone', `${state.is} told to drain stays ${ending.is}`)
      assert.ok(clock - now <= POLICY.drainMs + POLICY.graceMs, 'too late')
    }),
  )
})

function at(ms: number): Millis {
  return ms as Millis
}

/** Events of one worker with their moments, in order. */
function life(): fc.Arbitrary<readonly (readonly [WorkerEvent, Millis])[]> {
  const event = fc.oneof(
    fc.constantFrom<WorkerEvent>(...Object.values(EVENTS)),
    fc.constant<WorkerEvent>({ type: 'counted', connections: 0 }),
  )
  const pause = fc.constantFrom(0, 1, 50, 5_000, 10_000, 30_000, 150_000)
  return fc.array(fc.tuple(event, pause), { maxLength: 12 }).map((steps) => {
    let now = START
    return steps.map(([one, ms]) => {
      now = later(now, ms)
      return [one, now] as const
    })
  })
}

function live(events: readonly (readonly [WorkerEvent, Millis])[]): readonly [WorkerState, Millis] {
  const state = events.reduce<WorkerState>(
    (before, [event, now]) => step(before, event, now, POLICY)[0],
    started(PROCESS, 0, START, POLICY),
  )
  return [state, events.at(-1)?.[1] ?? START]
}

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { at, EVENTS, KILL, POLICY, PROCESS, START, STATES } from '../../test/support/worker-fixture.ts'
import { later, type Millis } from '../time.ts'
import type { WorkerState } from './state.ts'
import { processOf, started, step, type WorkerEvent, wakeAt } from './transition.ts'

const TERM = [{ do: 'signal', process: PROCESS, signal: 'SIGTERM' }]

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

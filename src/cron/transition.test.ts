import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { later, type Millis } from '../time.ts'
import type { ProcessId } from '../worker/state.ts'
import type { NextTime } from './schedule.ts'
import type { CronEffect, CronEvent, CronMemory, CronOutcome } from './state.ts'
import { newMemory, step, wakeAt } from './transition.ts'

const MINUTE = 60_000
const T0 = (1000 * MINUTE) as Millis
/** Due at every whole ten minutes. */
const next: NextTime = (after) => ((Math.floor(after / (10 * MINUTE)) + 1) * 10 * MINUTE) as Millis
const PROCESS: ProcessId = { pid: 7, startTime: 1 }
const GOOD: CronOutcome = { is: 'exited', exit: { code: 0, signal: null } }
const BAD: CronOutcome = { is: 'exited', exit: { code: 3, signal: null } }
const SPAWNED: CronEvent = { type: 'spawned', process: PROCESS, outputFrom: 0 }

test('a job starts at its due time and is due again at the next', () => {
  const early = step(newMemory(T0), { type: 'time-passed' }, plus(9.99), next)
  assert.deepEqual(early[1], [])
  const [memory, effects] = step(early[0], { type: 'time-passed' }, plus(10), next)
  assert.deepEqual(effects, [{ do: 'start', run: { due: plus(10), startedAt: plus(10) } }])
  assert.equal(memory.handled, plus(10))
  assert.equal(wakeAt(memory, next), plus(20))
  assert.deepEqual(step(memory, { type: 'time-passed' }, plus(10), next)[1], [])
})

test('what a run left is its history', () => {
  const memory = walk([
    [10, { type: 'time-passed' }],
    [10, SPAWNED],
    [11, { type: 'ended', at: plus(11), outcome: BAD, output: 'no\nspace' }],
  ])
  assert.deepEqual(memory.history, [
    { is: 'ran', run: { due: plus(10), startedAt: plus(10) }, endedAt: plus(11), outcome: BAD, output: 'no\nspace' },
  ])
  assert.deepEqual([memory.runs, memory.failed, memory.state], [1, 1, { is: 'waiting' }])
})

test('a due time during a run is skipped and counted, and the run goes on', () => {
  const memory = walk([
    [10, { type: 'time-passed' }],
    [10, SPAWNED],
    [20, { type: 'time-passed' }],
    [30, { type: 'time-passed' }],
  ])
  assert.equal(memory.state.is, 'running')
  assert.equal(memory.skipped, 2)
  assert.deepEqual(memory.history, [{ is: 'skipped', count: 2, first: plus(20), last: plus(30) }])
})

test('a due time within the last minute is run late, and those before it are missed', () => {
  const [memory, effects] = step(newMemory(T0), { type: 'time-passed' }, later(plus(40), MINUTE), next)
  assert.deepEqual(effects, [{ do: 'start', run: { due: plus(40), startedAt: plus(41) } }])
  assert.deepEqual(memory.history, [{ is: 'missed', count: 3, first: plus(10), last: plus(30) }])
})

test('later than a minute nothing is run any more, and everything is missed', () => {
  const [memory, effects] = step(newMemory(T0), { type: 'time-passed' }, later(plus(40), MINUTE + 1), next)
  assert.deepEqual(effects, [])
  assert.deepEqual([memory.missed, memory.runs, memory.state.is], [4, 0, 'waiting'])
})

test('a long absence is counted in portions, exactly', () => {
  let memory = newMemory(T0)
  for (let look = 0; look < 4; look += 1) [memory] = step(memory, { type: 'time-passed' }, plus(2505), next)
  assert.deepEqual([memory.missed, memory.history.length], [250, 1])
})

test('a person starts a run now, but not beside another one', () => {
  const [memory, effects] = step(newMemory(T0), { type: 'asked' }, plus(3), next)
  assert.deepEqual(effects, [{ do: 'start', run: { due: null, startedAt: plus(3) } }])
  assert.deepEqual(step(memory, { type: 'asked' }, plus(4), next), [memory, []])
  assert.equal(memory.handled, T0)
})

test('at the end of the module a run is asked to end, and killed if it does not', () => {
  const running = walk([
    [10, { type: 'time-passed' }],
    [10, SPAWNED],
  ])
  const [stopping, asked] = step(running, { type: 'stop' }, plus(11), next)
  assert.deepEqual(asked, [{ do: 'signal', process: PROCESS, signal: 'SIGTERM' }])
  const killAt = wakeAt(stopping, next)
  assert.equal(killAt, later(plus(11), 10_000))
  const [, killed] = step(stopping, { type: 'time-passed' }, killAt ?? T0, next)
  assert.deepEqual(killed, [{ do: 'signal', process: PROCESS, signal: 'SIGKILL' }])
})

test('a run that is asked to end is not killed before its time, and is looked at when a due time comes first', () => {
  const stopping: CronMemory = {
    ...newMemory(T0),
    state: { is: 'stopping', run: { due: null, startedAt: T0 }, process: PROCESS, outputFrom: 0, killAt: plus(10) },
  }
  assert.deepEqual(step(stopping, { type: 'time-passed' }, later(plus(10), -1), next), [stopping, []])
  assert.deepEqual(step(stopping, { type: 'stop' }, plus(1), next), [stopping, []])
  const [killed, effects] = step(stopping, { type: 'time-passed' }, plus(10), next)
  assert.deepEqual(effects, [{ do: 'signal', process: PROCESS, signal: 'SIGKILL' }])
  assert.deepEqual([killed.skipped, killed.state], [1, { ...stopping.state, killAt: later(plus(10), 10_000) }])
  assert.equal(wakeAt({ ...stopping, handled: plus(-5) }, next), T0)
  assert.equal(
    wakeAt(stopping, () => null),
    plus(10),
  )
})

test('a job that is never due again waits for an event only', () => {
  assert.equal(
    wakeAt(newMemory(T0), () => null),
    null,
  )
})

test('news of a run that is not there, and the end of the module without a run, change nothing', () => {
  const waiting = newMemory(T0)
  const ended: CronEvent = { type: 'ended', at: plus(1), outcome: GOOD, output: '' }
  for (const event of [SPAWNED, ended, { type: 'stop' }] as const) {
    assert.deepEqual(step(waiting, event, plus(1), next), [waiting, []], event.type)
  }
})

test('a run that was not started, was killed or ended with another code than 0 has failed, and one that nobody saw end has not', () => {
  const failed = (outcome: CronOutcome) =>
    walk([
      [10, { type: 'time-passed' }],
      [10, SPAWNED],
      [11, { type: 'ended', at: plus(11), outcome, output: '' }],
    ]).failed
  assert.deepEqual([failed(GOOD), failed({ is: 'unseen' })], [0, 0])
  assert.deepEqual([failed(BAD), failed({ is: 'not-started', message: 'no' })], [1, 1])
  assert.deepEqual(
    [1, null].map((code) => failed({ is: 'exited', exit: { code, signal: null } })),
    [1, 1],
  )
})

test('each run that takes too long, and each absence, is an entry of its own, in order', () => {
  const { history } = walk([
    [35, { type: 'time-passed' }],
    [40, { type: 'time-passed' }],
    [40, SPAWNED],
    [50, { type: 'time-passed' }],
    [60, { type: 'time-passed' }],
    [61, { type: 'ended', at: plus(61), outcome: GOOD, output: 'a' }],
    [75, { type: 'time-passed' }],
    [85, { type: 'time-passed' }],
  ])
  assert.deepEqual(history, [
    { is: 'missed', count: 3, first: plus(10), last: plus(30) },
    { is: 'skipped', count: 2, first: plus(50), last: plus(60) },
    { is: 'ran', run: { due: plus(40), startedAt: plus(40) }, endedAt: plus(61), outcome: GOOD, output: 'a' },
    { is: 'missed', count: 2, first: plus(70), last: plus(80) },
  ])
})

test('what was missed between the runs takes no output from them, and gets none', () => {
  const runs = Array.from({ length: 11 }, (_, index): readonly (readonly [number, CronEvent])[] => [
    [index * 20 + 20, { type: 'time-passed' }],
    [index * 20 + 21, { type: 'ended', at: plus(index * 20 + 21), outcome: GOOD, output: `run ${index}` }],
  ])
  const { history } = walk(runs.flat())
  assert.deepEqual(history[0], { is: 'missed', count: 1, first: plus(10), last: plus(10) })
  const outputs = history.map((entry) => (entry.is === 'ran' ? entry.output : entry.is))
  const kept = Array.from({ length: 10 }, (_, index) => ['missed', `run ${index + 1}`])
  assert.deepEqual(outputs, ['missed', '', ...kept.flat()])
})

test('a clock that goes back three hours is waited for, and one that goes back further is followed', () => {
  const memory = newMemory(T0)
  assert.deepEqual(step(memory, { type: 'time-passed' }, plus(-180), next), [memory, []])
  const corrected = later(plus(-180), -1)
  assert.deepEqual(step(memory, { type: 'time-passed' }, corrected, next), [{ ...memory, handled: corrected }, []])
})

test('a clock that goes back an hour repeats nothing; one that was corrected by more is followed', () => {
  const ran = walk([
    [10, { type: 'time-passed' }],
    [10, SPAWNED],
    [11, { type: 'ended', at: plus(11), outcome: GOOD, output: '' }],
  ])
  assert.deepEqual(step(ran, { type: 'time-passed' }, plus(-50), next), [ran, []])
  const [corrected] = step(ran, { type: 'time-passed' }, plus(-300), next)
  assert.equal(wakeAt(corrected, next), plus(-290))
})

test('the history keeps fifty entries, and the output of the ten newest runs', () => {
  const steps = Array.from({ length: 60 }, (_, index): readonly (readonly [number, CronEvent])[] => [
    [index * 10 + 10, { type: 'time-passed' }],
    [index * 10 + 10, SPAWNED],
    [index * 10 + 11, { type: 'ended', at: plus(index * 10 + 11), outcome: GOOD, output: `run ${index}` }],
  ])
  const { history, runs } = walk(steps.flat())
  assert.deepEqual([history.length, runs], [50, 60])
  const outputs = history.flatMap((entry) => (entry.is === 'ran' && entry.output !== '' ? [entry.output] : []))
  assert.deepEqual([outputs.length, outputs[0], outputs.at(-1)], [10, 'run 50', 'run 59'])
})

test('whatever happens, no due time is started twice, never two runs at once, and each is counted once', () => {
  const events = fc.array(
    fc.record({
      ms: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 * MINUTE }), fc.integer({ min: -5 * MINUTE, max: 0 })),
      type: fc.constantFrom('time-passed', 'ended', 'asked'),
    }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(events, (walkEvents) => {
      let memory = newMemory(T0)
      let now = T0
      const started: number[] = []
      for (const { ms, type } of walkEvents) {
        now = later(now, ms)
        const before = memory.state.is
        const event: CronEvent = type === 'ended' ? { type, at: now, outcome: GOOD, output: '' } : { type }
        const [after, effects] = step(memory, event, now, next)
        memory = after
        for (const { run } of effects.filter(isStart)) {
          assert.equal(before, 'waiting')
          if (run.due !== null) started.push(run.due)
        }
      }
      assert.equal(new Set(started).size, started.length)
      const passed = (memory.handled - T0) / (10 * MINUTE)
      assert.equal(started.length + memory.skipped + memory.missed, Math.floor(passed))
    }),
  )
})

function isStart(effect: CronEffect): effect is Extract<CronEffect, { do: 'start' }> {
  return effect.do === 'start'
}

function walk(events: readonly (readonly [minutes: number, event: CronEvent])[]): CronMemory {
  return events.reduce((memory, [minutes, event]) => step(memory, event, plus(minutes), next)[0], newMemory(T0))
}

function plus(minutes: number): Millis {
  return later(T0, minutes * MINUTE)
}

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { SpecHash } from '../../desired/ids.ts'
import type { Scale } from '../../desired/scale/bounds.ts'
import type { Millis } from '../../time.ts'
import { type Demand, firstDemand, goesOn, type LookAtWorkers, wakes, workersFor } from './demand.ts'

const SLEEPY: Scale = { least: 0, most: 4, sleepAfterMs: 10_000, isDeveloped: false }
const NEVER: Scale = { ...SLEEPY, sleepAfterMs: 0 }
const QUIET: LookAtWorkers = {
  hash: 'v1' as SpecHash,
  held: 0,
  open: 0,
  isVisited: false,
  isAskedFor: false,
  isSettled: true,
  running: 1,
  load: { queued: 0, busy: 0, hasRoom: true },
}
const NEW = 'v2' as SpecHash

function at(ms: number): Millis {
  return ms as Millis
}

function step(before: Demand, look: LookAtWorkers, scale: Scale, now: Millis): Demand {
  return before.is === 'asleep' ? wakes(before, look, scale, now) : goesOn(before, look, scale, now)
}

/** Follows an app that was awake at 0 through looks at moments; answers when it fell asleep. */
function asleepAt(looks: readonly (readonly [ms: number, look: Partial<LookAtWorkers>])[], scale = SLEEPY): number | undefined {
  let demand: Demand = firstDemand(QUIET, scale, at(0), 'later')
  for (const [ms, look] of looks) {
    demand = step(demand, { ...QUIET, ...look }, scale, at(ms))
    if (demand.is === 'asleep') return ms
  }
  return undefined
}

test('an app falls asleep when nobody has asked for it for its time, and no sooner', () => {
  assert.equal(
    asleepAt([
      [9_999, {}],
      [10_000, {}],
    ]),
    10_000,
  )
  assert.equal(
    asleepAt([
      [9_000, { isVisited: true }],
      [18_999, {}],
      [19_000, {}],
    ]),
    19_000,
  )
  assert.equal(asleepAt([[10_000, { held: 1 }]]), undefined)
})

test('one with an open connection, such as a websocket, is not asleep', () => {
  assert.equal(
    asleepAt([
      [10_000, { open: 1 }],
      [900_000, { open: 1 }],
      [909_999, {}],
    ]),
    undefined,
  )
})

test('while a version is tried, or a worker is not ready, nothing falls asleep: whoever changed it is to see the outcome', () => {
  assert.equal(
    asleepAt([
      [60_000, { isSettled: false }],
      [69_999, {}],
      [70_000, {}],
    ]),
    70_000,
  )
})

test('a plugin or a module may forbid it', () => {
  assert.equal(asleepAt([[1e12, {}]], NEVER), undefined)
  const asleep: Demand = { is: 'asleep', hash: QUIET.hash }
  assert.equal(workersFor(step(asleep, QUIET, NEVER, at(0))), 1)
})

test('one request wakes it up, here or in a daemon before this one; nothing else does but an edit of its files', () => {
  const asleep: Demand = { is: 'asleep', hash: QUIET.hash }
  const after = (look: Partial<LookAtWorkers>, scale = SLEEPY): number =>
    workersFor(step(asleep, { ...QUIET, ...look }, scale, at(5)))
  assert.deepEqual([after({}), after({ held: 1 }), after({ isAskedFor: true })], [0, 1, 1])
  assert.deepEqual([after({ hash: NEW }), after({ hash: NEW }, { ...SLEEPY, isDeveloped: true })], [0, 1])
  // The change of its settings is known by then, and wakes it up no later.
  const changed = step(asleep, { ...QUIET, hash: NEW }, SLEEPY, at(5))
  assert.equal(workersFor(step(changed, { ...QUIET, hash: NEW }, { ...SLEEPY, isDeveloped: true }, at(6))), 0)
})

test('a daemon that starts wakes nobody, and goes on with what it finds; what is installed later is started', () => {
  const first = (look: Partial<LookAtWorkers>, scale = SLEEPY, when: 'at the start' | 'later' = 'at the start'): number =>
    workersFor(firstDemand({ ...QUIET, running: 0, ...look }, scale, at(0), when))
  assert.deepEqual([first({}), first({ running: 3 }), first({ held: 2 })], [0, 3, 1])
  assert.deepEqual([first({}, NEVER), first({}, SLEEPY, 'later'), first({ running: 9 })], [1, 1, 4])
})

test('whatever is seen, the workers stay within the bounds, and an app whose requests wait is awake', () => {
  const look = fc.record({
    held: fc.nat(3),
    open: fc.nat(3),
    isVisited: fc.boolean(),
    isAskedFor: fc.boolean(),
    isSettled: fc.boolean(),
    running: fc.nat(9),
  })
  const scale = fc.record({ least: fc.nat(3), more: fc.integer({ min: 1, max: 3 }), sleepAfterMs: fc.constantFrom(0, 1000) })
  const steps = fc.array(fc.tuple(fc.nat(2000), look, scale), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(steps, (all) => {
      let demand: Demand | undefined
      let now = 0
      for (const [ms, seen, { least, more, sleepAfterMs }] of all) {
        now += ms
        const bounds = { least, most: least + more, sleepAfterMs: least === 0 ? sleepAfterMs : 0, isDeveloped: false }
        const full = { ...QUIET, ...seen }
        demand = demand === undefined ? firstDemand(full, bounds, at(now), 'later') : step(demand, full, bounds, at(now))
        const workers = workersFor(demand)
        assert.ok(workers <= bounds.most && workers >= (bounds.sleepAfterMs > 0 ? 0 : Math.max(1, least)))
        if (seen.held > 0) assert.ok(workers > 0)
      }
    }),
  )
})

import assert from 'node:assert/strict'
import test from 'node:test'
import { at, desire, observe, READY } from '../../test/plan/examples.ts'
import type { ObservedState } from './observed.ts'
import { plan } from './plan.ts'

/** How often a plan for so many apps of two workers, all in order, reads which app a worker belongs to. */
function readsFor(apps: number): number {
  const names = Array.from({ length: apps }, (_, index) => `plugin${index}/web`)
  const desired = desire(Object.fromEntries(names.map((name) => [name, { slots: 2, version: 'v1' }])))
  const slots = names.flatMap((name) => [`${name}#1`, `${name}#2`])
  const observed = observe(desired, {
    workers: Object.fromEntries(slots.map((slot) => [`${slot}.g1`, ['v1', READY] as const])),
    links: Object.fromEntries(slots.map((slot) => [slot, `${slot}.g1`])),
  })
  let reads = 0
  const counted = observed.workers.map((worker) => ({
    ...worker,
    get app() {
      reads += 1
      return worker.app
    },
  }))
  const state: ObservedState = { ...observed, workers: counted }
  assert.deepEqual(plan(desired, state, { starting: 8 }, at(0)), [])
  return reads
}

test('ten times as many apps take a plan ten times as many looks at their workers, not a hundred times', () => {
  assert.equal(readsFor(300), 10 * readsFor(30))
})

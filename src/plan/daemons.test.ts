import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OVER } from '../../test/support/worker-fixture.ts'
import type { DesiredApp } from '../desired/desired.ts'
import type { AppId, SlotId, SpecHash } from '../desired/ids.ts'
import type { Millis } from '../time.ts'
import type { WorkerState } from '../worker/state.ts'
import { planDaemon } from './daemons.ts'
import { type ObservedState, workerId } from './observed.ts'
import { plan } from './plan.ts'

const NOW = 100_000 as Millis
const ID = 'blog/@mail' as AppId
const daemon = { id: ID, plugin: 'blog', app: '@mail', kind: 'daemon', slots: 2, spec: { hash: 'new' as SpecHash } } as DesiredApp

const process = { pid: 7, startTime: 1 }
const failure = { reason: { kind: 'not-started', message: '' }, at: NOW, output: '' } as const
const STATES = {
  ready: { is: 'ready', process, since: NOW, renewAt: null, failures: 0 },
  aged: { is: 'ready', process, since: NOW, renewAt: NOW, failures: 0 },
  large: { is: 'ready', process, since: NOW, renewAt: NOW, renewFor: OVER, failures: 0 },
  starting: { is: 'starting', process, since: NOW, readyBy: NOW, failures: 0 },
  stopping: { is: 'stopping', process, killAt: NOW },
  waiting: { is: 'failed', failures: 3, retryAt: (NOW + 1) as Millis, failure },
  due: { is: 'failed', failures: 3, retryAt: NOW, failure },
} as const satisfies Record<string, WorkerState>

/** `slot@hash`: state. */
function planned(workers: Readonly<Record<string, keyof typeof STATES>>): readonly string[] {
  const observed: ObservedState = {
    workers: Object.entries(workers).map(([name, state], index) => {
      const [number, hash] = name.split('@')
      const slot = `${ID}#${number}` as SlotId
      return { id: workerId(slot, index), app: ID, slot, generation: index, hash: hash as SpecHash, state: STATES[state] }
    }),
    links: new Map(),
    holds: new Set(),
    nginx: { is: 'stopped' },
  }
  return planDaemon(daemon, observed.workers, NOW).map((action) => {
    if (action.kind === 'start-worker') return `start ${action.slot} ${action.cause} after ${action.failures}`
    if (action.kind === 'stop-worker') return `stop ${action.worker} ${action.because ?? ''}`.trim()
    return action.kind
  })
}

const CASES = [
  ['every slot gets one process', {}, ['start blog/@mail#1 first after 0', 'start blog/@mail#2 first after 0']],
  ['what runs as wanted is left alone', { '1@new': 'ready', '2@new': 'starting' }, []],
  [
    'a changed daemon ends first, and nothing is started beside it',
    { '1@old': 'ready', '2@old': 'ready' },
    ['stop blog/@mail#1.g0 changed', 'stop blog/@mail#2.g1 changed'],
  ],
  ['while the old process is on its way out no new one is started', { '1@old': 'stopping', '2@new': 'ready' }, []],
  ['one that is too old is renewed, one at a time', { '1@new': 'aged', '2@new': 'aged' }, ['stop blog/@mail#1.g0 max_age']],
  ['so is one that has too much memory', { '1@new': 'large', '2@new': 'ready' }, ['stop blog/@mail#1.g0 memory']],
  ['none is renewed while another is away', { '1@new': 'aged', '2@new': 'stopping' }, []],
  ['a crash loop waits for its time', { '1@new': 'waiting', '2@new': 'ready' }, []],
  [
    'and is tried again then, with its failures counted',
    { '1@new': 'due', '2@new': 'ready' },
    ['start blog/@mail#1 failed after 3', 'stop blog/@mail#1.g0'],
  ],
  [
    'a changed daemon does not wait for what its old version did badly',
    { '1@old': 'waiting', '2@new': 'ready' },
    ['start blog/@mail#1 first after 0', 'stop blog/@mail#1.g0'],
  ],
  [
    'fewer processes end those beyond',
    { '1@new': 'ready', '2@new': 'ready', '3@new': 'ready' },
    ['stop blog/@mail#3.g2 changed'],
  ],
] as const

for (const [promise, workers, actions] of CASES) {
  test(promise, () => assert.deepEqual(planned(workers), actions))
}

test('the workers of an app wait for the daemon that it needs while that is coming, and no longer', () => {
  const spec = { hash: 'new' as SpecHash }
  const app = { id: 'blog/main' as AppId, plugin: 'blog', app: 'main', kind: 'app', slots: 1, spec, after: ID } as DesiredApp
  const started = (state: keyof typeof STATES | undefined, slots = 1): boolean => {
    const slot = `${ID}#1` as SlotId
    const own = { id: workerId(slot, 1), app: ID, slot, generation: 1, hash: spec.hash }
    const workers = state === undefined ? [] : [{ ...own, state: STATES[state] }]
    const observed: ObservedState = { workers, links: new Map(), holds: new Set(), nginx: { is: 'stopped' } }
    const apps = new Map([app, { ...daemon, slots }].map((one) => [one.id, one]))
    const actions = plan({ apps, candidates: new Map(), routesKey: '' }, observed, { starting: 9 }, NOW)
    return actions.some((action) => action.kind === 'start-worker' && action.app.id === app.id)
  }
  assert.deepEqual([started(undefined), started('starting'), started('stopping')], [false, false, false])
  assert.deepEqual([started('ready'), started('waiting'), started('due')], [true, true, true])
  // A plugin that rests has no such daemon.
  assert.equal(started(undefined, 0), true)
})

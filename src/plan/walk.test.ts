import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { at, desire, type WantedApp } from '../../test/plan/examples.ts'
import {
  apply,
  emptyMachine,
  LIMITS,
  type Machine,
  nextWake,
  passTime,
  restartDaemon,
  tellWorker,
} from '../../test/plan/machine.ts'
import { checkAction, checkPlan, checkRest, checkVersions } from '../../test/plan/promises.ts'
import { processOf } from '../worker/transition.ts'
import type { ObservedWorker } from './observed.ts'
import { plan } from './plan.ts'

const RUNS = 300
/** More passes than any one moment can need; reaching it means the loop would spin. */
const MOST_PASSES = 40

test('whatever happens to a machine, no promise to its users is broken and it comes to rest as wanted', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.array(happening(), { maxLength: 60, size: 'max' }), (happenings) => {
      const end = happenings.reduce((machine, one) => turn(happen(machine, one), seen), turn(emptyMachine(desire({})), seen))
      settle({ ...end, broken: new Set() }, seen)
    }),
    { numRuns: RUNS },
  )
  assert.deepEqual([...seen].sort(), EVERYTHING, 'the walk has met every kind of action and every cause of a start')
})

const EVERYTHING = [
  'close-hold',
  'drain-worker',
  'link-slot',
  'open-hold',
  'publish-routes',
  'start-worker changed',
  'start-worker failed',
  'start-worker first',
  'start-worker max_age',
  'stop-worker',
  'unlink-slot',
]

type Happening =
  | { readonly what: 'answers'; readonly pick: number; readonly jitter: number }
  | { readonly what: 'exits'; readonly pick: number }
  | { readonly what: 'counted'; readonly pick: number; readonly connections: number }
  | { readonly what: 'wanted'; readonly app: string; readonly change: Partial<WantedApp> }
  | { readonly what: 'unwanted'; readonly app: string }
  | { readonly what: 'time passes'; readonly ms: number }
  | { readonly what: 'breaks' | 'mends'; readonly part: 'spawn' | 'nginx' }
  | { readonly what: 'sleeps' | 'nginx dies' | 'daemon restarts' }

function happening(): fc.Arbitrary<Happening> {
  const pick = fc.nat(20)
  const app = fc.constantFrom('blog/web', 'blog/api', 'shop/web', 'shop/@feed')
  const change = fc.record(
    { slots: fc.integer({ min: 1, max: 3 }), version: fc.constantFrom('v1', 'v2', 'v3') },
    { requiredKeys: [] },
  )
  const part = fc.constantFrom('spawn' as const, 'nginx' as const)
  return fc.oneof(
    { weight: 8, arbitrary: fc.record({ what: fc.constant('answers' as const), pick, jitter: fc.constantFrom(0, 0.5, 1) }) },
    { weight: 4, arbitrary: fc.record({ what: fc.constant('exits' as const), pick }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('counted' as const), pick, connections: fc.constantFrom(0, 0, 1) }) },
    { weight: 5, arbitrary: fc.record({ what: fc.constant('wanted' as const), app, change }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('unwanted' as const), app }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('time passes' as const), ms: fc.constantFrom(1, 50, 300, 20_000) }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('sleeps' as const) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('breaks' as const, 'mends' as const), part }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('nginx dies' as const, 'daemon restarts' as const) }) },
  )
}

function happen(machine: Machine, one: Happening): Machine {
  switch (one.what) {
    case 'answers':
      return tellOne(machine, one.pick, ({ state }) => state.is === 'starting', { type: 'answered', jitter: one.jitter })
    case 'exits': {
      const hasProcess = ({ state }: ObservedWorker): boolean => processOf(state) !== undefined
      return tellOne(machine, one.pick, hasProcess, { type: 'exited', exit: { code: 1, signal: null }, output: '' })
    }
    case 'counted':
      return tellOne(machine, one.pick, ({ state }) => state.is === 'draining', {
        type: 'counted',
        connections: one.connections,
      })
    case 'wanted':
      return want(machine, one.app, one.change)
    case 'unwanted':
      return want(machine, one.app, undefined)
    case 'time passes':
      return wait(machine, one.ms)
    case 'sleeps':
      return wait(machine, Number.POSITIVE_INFINITY)
    case 'breaks':
      return { ...machine, broken: new Set([...machine.broken, one.part]) }
    case 'mends':
      return { ...machine, broken: new Set([...machine.broken].filter((part) => part !== one.part)) }
    case 'nginx dies':
      return { ...machine, nginx: { is: 'stopped' } }
    case 'daemon restarts':
      return restartDaemon(machine)
    default:
      return one satisfies never
  }
}

function tellOne(
  machine: Machine,
  pick: number,
  isMeant: (worker: ObservedWorker) => boolean,
  event: Parameters<typeof tellWorker>[2],
): Machine {
  const meant = machine.workers.filter(isMeant)
  const worker = meant[pick % meant.length]
  return worker === undefined ? machine : tellWorker(machine, worker.id, event)
}

function want(machine: Machine, name: string, change: Partial<WantedApp> | undefined): Machine {
  const wanted = [...machine.desired.apps.values()].map((app): [string, WantedApp] => [
    app.id,
    { slots: app.slots, version: app.spec.hash },
  ])
  const before = new Map(wanted).get(name) ?? { slots: 2, version: 'v1' }
  const others = wanted.filter(([app]) => app !== name)
  const apps = change === undefined ? others : [...others, [name, { ...before, ...change }] as const]
  return { ...machine, desired: desire(Object.fromEntries(apps)) }
}

/** The loop sleeps until its next deadline at the most, and misses nothing meanwhile. */
function wait(machine: Machine, ms: number): Machine {
  const next = nextWake(machine)
  if (next === null) return Number.isFinite(ms) ? passTime(machine, at(machine.now + ms)) : machine
  assert.ok(next > machine.now, 'the loop would wake again at once, for ever')
  const justBefore = passTime(machine, at(Math.min(machine.now + ms, next - 1)))
  assert.deepEqual(plan(justBefore.desired, justBefore, LIMITS, justBefore.now), [], 'the loop sleeps past something to do')
  return machine.now + ms < next ? justBefore : passTime(machine, next)
}

/** Plans and applies until nothing is left to do at this moment. */
function turn(begin: Machine, seen: Set<string>): Machine {
  let machine = begin
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const actions = plan(machine.desired, machine, LIMITS, machine.now)
    assert.deepEqual(plan(machine.desired, machine, LIMITS, machine.now), actions, 'the same observation, another plan')
    if (actions.length === 0) return machine
    checkPlan(machine, actions)
    for (const action of actions) {
      const after = apply(machine, action)
      checkAction(machine, action, after)
      seen.add(action.kind === 'start-worker' ? `start-worker ${action.cause}` : action.kind)
      machine = after
    }
    checkVersions(machine)
  }
  return assert.fail('the loop does not come to rest')
}

/** Goes on without further trouble until nothing is left to wait for; then everything must be as wanted. */
function settle(begin: Machine, seen: Set<string>): void {
  let machine = turn(begin, seen)
  for (let round = 0; round < 500; round++) {
    const busy = machine.workers.find(({ state }) => state.is !== 'ready' && state.is !== 'failed')
    if (busy !== undefined) {
      machine = turn(finish(machine, busy), seen)
    } else if (waits(machine)) {
      machine = turn(wait(machine, Number.POSITIVE_INFINITY), seen)
    } else {
      checkRest(machine)
      return
    }
  }
  assert.fail('the machine does not come to rest')
}

function waits({ workers, nginx, now }: Machine): boolean {
  const isLater = workers.some(({ state }) => state.is === 'failed' && state.retryAt > now)
  return isLater || (nginx.is === 'failed' && nginx.retryAt > now)
}

function finish(machine: Machine, { id, state }: ObservedWorker): Machine {
  switch (state.is) {
    case 'starting':
      return tellWorker(machine, id, { type: 'answered', jitter: 0.5 })
    case 'draining': {
      const later = passTime(machine, at(Math.max(machine.now, state.lookFrom)))
      const look = { type: 'counted', connections: 0 } as const
      return tellWorker(tellWorker(later, id, look), id, look)
    }
    default:
      return tellWorker(machine, id, { type: 'exited', exit: { code: 0, signal: null }, output: '' })
  }
}

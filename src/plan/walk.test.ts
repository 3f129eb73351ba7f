import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { at, desire, type WantedApp, type WantedCandidate } from '../../test/plan/examples.ts'
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
import type { DesiredApp } from '../desired/desired.ts'
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
  'start-worker trial',
  'stop-worker',
  'unlink-slot',
]

type Happening =
  | { readonly what: 'answers'; readonly pick: number; readonly jitter: number }
  | { readonly what: 'exits'; readonly pick: number }
  | { readonly what: 'counted'; readonly pick: number; readonly connections: number }
  | { readonly what: 'wanted'; readonly app: string; readonly change: Partial<WantedApp> }
  | { readonly what: 'unwanted'; readonly app: string }
  | { readonly what: 'tries'; readonly app: string; readonly change: Partial<WantedApp>; readonly canarySlots: number }
  | { readonly what: 'commits' | 'gives up'; readonly pick: number }
  | { readonly what: 'time passes'; readonly ms: number }
  | { readonly what: 'breaks' | 'fixes'; readonly part: 'spawn' | 'nginx' }
  | { readonly what: 'sleeps' | 'nginx dies' | 'daemon restarts' }

function happening(): fc.Arbitrary<Happening> {
  const pick = fc.nat(20)
  const app = fc.constantFrom('blog/web', 'blog/api', 'shop/web', 'shop/@feed')
  const webApp = fc.constantFrom('blog/web', 'blog/api', 'shop/web')
  const change = fc.record(
    { slots: fc.integer({ min: 0, max: 3 }), version: fc.constantFrom('v1', 'v2', 'v3') },
    { requiredKeys: [] },
  )
  const part = fc.constantFrom('spawn' as const, 'nginx' as const)
  return fc.oneof(
    { weight: 8, arbitrary: fc.record({ what: fc.constant('answers' as const), pick, jitter: fc.constantFrom(0, 0.5, 1) }) },
    { weight: 4, arbitrary: fc.record({ what: fc.constant('exits' as const), pick }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('counted' as const), pick, connections: fc.constantFrom(0, 0, 1) }) },
    { weight: 5, arbitrary: fc.record({ what: fc.constant('wanted' as const), app, change }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('unwanted' as const), app }) },
    {
      weight: 3,
      arbitrary: fc.record({ what: fc.constant('tries' as const), app: webApp, change, canarySlots: fc.constantFrom(0, 0, 1) }),
    },
    { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('commits' as const, 'gives up' as const), pick }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('time passes' as const), ms: fc.constantFrom(1, 50, 300, 20_000) }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('sleeps' as const) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('breaks' as const, 'fixes' as const), part }) },
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
    case 'tries':
      return tries(machine, one.app, one.change, one.canarySlots)
    case 'commits':
      return endTrial(machine, one.pick, 'commit')
    case 'gives up':
      return endTrial(machine, one.pick, 'drop')
    case 'time passes':
      return wait(machine, one.ms)
    case 'sleeps':
      return wait(machine, Number.POSITIVE_INFINITY)
    case 'breaks':
      return { ...machine, broken: new Set([...machine.broken, one.part]) }
    case 'fixes':
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
  const { apps, candidates } = wishes(machine)
  const { [name]: before = { slots: 2, version: 'v1' }, ...others } = apps
  const after = change === undefined ? others : { ...others, [name]: scaled(name, { ...before, ...change }) }
  return { ...machine, desired: desire(after, candidates) }
}

function tries(machine: Machine, name: string, change: Partial<WantedApp>, canarySlots: number): Machine {
  const { apps, candidates } = wishes(machine)
  const before = apps[name] ?? { slots: 2, version: 'v1' }
  const tried = { ...before, ...change }
  // A version is tried with a worker, also of an app that sleeps.
  const slots = Math.max(1, tried.slots)
  return { ...machine, desired: desire(apps, { ...candidates, [name]: { ...scaled(name, { ...tried, slots }), canarySlots } }) }
}

/** A candidate becomes what is wanted, whether or not it is ready, or is wanted no longer. */
function endTrial(machine: Machine, pick: number, end: 'commit' | 'drop'): Machine {
  const { apps, candidates } = wishes(machine)
  const names = Object.keys(candidates)
  const name = names[pick % names.length]
  if (name === undefined) return machine
  const { [name]: tried, ...others } = candidates
  const after =
    end === 'drop' || tried === undefined
      ? apps
      : { ...apps, [name]: scaled(name, { slots: tried.slots, version: tried.version }) }
  return { ...machine, desired: desire(after, others) }
}

/** One of them may have up to three workers and none; the others have one at the least. */
function scaled(name: string, wanted: WantedApp): WantedApp {
  return name === SCALED ? { ...wanted, most: 3 } : { ...wanted, slots: Math.max(1, wanted.slots) }
}

const SCALED = 'blog/api'

function wishes({ desired }: Machine) {
  const wish = ({ id, slots, spec }: DesiredApp): WantedApp => scaled(id, { slots, version: spec.hash })
  const apps: Record<string, WantedApp> = Object.fromEntries([...desired.apps.values()].map((app) => [app.id, wish(app)]))
  const candidates: Record<string, WantedCandidate> = Object.fromEntries(
    [...desired.candidates.values()].map(({ app, canarySlots }) => [app.id, { ...wish(app), canarySlots }]),
  )
  return { apps, candidates }
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

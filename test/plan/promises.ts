import assert from 'node:assert/strict'
import type { DesiredApp } from '../../src/desired/desired.ts'
import type { AppId, SlotId } from '../../src/desired/ids.ts'
import { appOf, slotsOf } from '../../src/desired/slot.ts'
import type { Action, StartWorker } from '../../src/plan/action.ts'
import type { ObservedWorker } from '../../src/plan/observed.ts'
import type { Wanted } from '../../src/plan/plan.ts'
import { processOf } from '../../src/worker/transition.ts'
import { LIMITS, type Machine, readyBehind, wantedApps } from './machine.ts'

const ORDER: readonly (readonly Action['kind'][])[] = [
  ['open-hold'],
  ['start-worker'],
  ['link-slot'],
  ['publish-routes'],
  ['drain-worker', 'stop-worker'],
  ['unlink-slot', 'close-hold'],
]

/** The promises that a whole plan keeps. */
export function checkPlan(machine: Machine, actions: readonly Action[]): void {
  const daemons = new Set(machine.workers.filter(({ app }) => isDaemon(app)).map(({ id }) => id))
  const asleep = actions.filter((action) => action.kind === 'unlink-slot' && isAsleep(machine, appOf(action.slot)))
  checkOrder(
    actions.filter((action) => !isOfDaemon(action, daemons)),
    asleep,
  )
  checkRenewals(machine, actions)
}

/** The order matters to requests only. */
function isOfDaemon(action: Action, daemons: ReadonlySet<string>): boolean {
  return (action.kind === 'start-worker' && isDaemon(action.app.id)) || ('worker' in action && daemons.has(action.worker))
}

function isDaemon(app: AppId): boolean {
  return app.includes('/@')
}

/** `asleep`: of apps that sleep, which lose their links before a worker ends. */
function checkOrder(actions: readonly Action[], asleep: readonly Action[]): void {
  const ranks = actions.map((action) =>
    ORDER.findIndex((kinds) => kinds.includes(asleep.includes(action) ? 'link-slot' : action.kind)),
  )
  assert.deepEqual(
    ranks,
    ranks.toSorted((a, b) => a - b),
    'actions out of order',
  )
}

function checkRenewals(machine: Machine, actions: readonly Action[]): void {
  const renewals = actions.filter((action) => action.kind === 'start-worker' && action.cause === 'max_age')
  for (const { app } of renewals as readonly StartWorker[]) {
    const all = machine.workers.filter((worker) => worker.app === app.id)
    const ended = actions.filter((action) => action.kind === 'drain-worker' && all.some(({ id }) => id === action.worker))
    const starts = actions.filter((action) => action.kind === 'start-worker' && action.app.id === app.id)
    assert.ok(
      all.every(({ state }) => state.is === 'ready' || state.is === 'failed'),
      `${app.id} is renewed while a worker starts or ends`,
    )
    assert.deepEqual([starts.length, ended.length], [1, 0], `${app.id} is renewed while another worker is replaced`)
    for (const slot of slotsOf(app.id, app.slots)) {
      assert.ok(readyBehind(machine, slot), `${app.id} is renewed while ${slot} has no worker`)
    }
  }
}

/** The promises that every single action keeps. */
export function checkAction(before: Machine, action: Action, after: Machine): void {
  for (const app of before.desired.apps.keys()) {
    if (hasReadyRoute(before, app) && !isAsleep(before, app))
      assert.ok(hasReadyRoute(after, app), `${action.kind} took the last ready route of ${app}`)
  }
  switch (action.kind) {
    case 'start-worker':
      checkBackOff(before, action)
      if (action.app.kind === 'daemon') checkDaemonStart(before, action)
      else checkStart(before, action, after)
      return
    case 'link-slot':
      checkLink(before, action.slot, readyBehind(after, action.slot))
      return
    case 'publish-routes':
      for (const { id } of wantedApps(after)) assert.ok(after.holds.has(id), `${id} is routed before it can hold`)
      return
    case 'drain-worker':
    case 'stop-worker': {
      const reached = [...routedSlots(before), ...wantedSlots(before)].filter((slot) => before.links.get(slot) === action.worker)
      assert.deepEqual(reached, [], `${action.worker} is ended while requests reach it`)
      checkDaemonEnd(before, action.worker)
      return
    }
    case 'unlink-slot':
      if (isAsleep(before, appOf(action.slot))) return
      assert.ok(!routedSlots(before).includes(action.slot), `${action.slot} is unlinked while it is routed`)
      return
    case 'close-hold':
      assert.ok(!before.routed.has(action.app), `${action.app} is routed and cannot hold any more`)
      return
    case 'open-hold':
      return
    default:
      action satisfies never
  }
}

function checkLink(before: Machine, slot: SlotId, target: ObservedWorker | undefined): void {
  assert.ok(target !== undefined, `${slot} is linked to what is not ready`)
  const app = before.desired.apps.get(target.app)
  const present = readyBehind(before, slot)
  if (app === undefined || present === undefined || servingVersions(before, app.id).has(target.hash)) return
  const candidate = before.desired.candidates.get(target.app)?.app
  const isCandidate = target.hash !== app.spec.hash && target.hash === candidate?.spec.hash
  const { slots } = isCandidate ? candidate : app
  for (const other of slotsOf(app.id, slots)) {
    const isReady = before.workers.some((one) => one.slot === other && one.hash === target.hash && one.state.is === 'ready')
    assert.ok(isReady, `${app.id} changes its version before it is ready in ${other}`)
  }
}

/** Requests that come at the same time are answered by the same version, unless a canary is wanted. */
export function checkVersions(machine: Machine): void {
  for (const app of machine.desired.apps.keys()) {
    if ((machine.desired.candidates.get(app)?.canarySlots ?? 0) > 0) continue
    assert.ok(servingVersions(machine, app).size <= 1, `${app} answers in two versions at once`)
  }
}

function checkBackOff(before: Machine, { app, slot }: StartWorker): void {
  const last = lastTried(before, app, slot)
  if (last?.state.is === 'failed') assert.ok(last.state.retryAt <= before.now, `${slot} is tried again too early`)
}

function checkDaemonStart({ workers }: Machine, { slot }: StartWorker): void {
  const running = workers.filter((worker) => worker.slot === slot && processOf(worker.state) !== undefined)
  assert.deepEqual(running, [], `a daemon is started twice in ${slot}`)
}

/** A daemon that is ended for its age is the only one of its kind that does not run. */
function checkDaemonEnd({ desired, workers }: Machine, id: string): void {
  const worker = workers.find((one) => one.id === id)
  const daemon = worker === undefined ? undefined : desired.apps.get(worker.app)
  if (worker?.state.is !== 'ready' || daemon?.kind !== 'daemon' || worker.hash !== daemon.spec.hash) return
  const slots = slotsOf(daemon.id, daemon.slots)
  if (!slots.includes(worker.slot)) return
  const down = slots.filter((slot) => !workers.some((one) => one.slot === slot && one.state.is === 'ready'))
  assert.deepEqual(down, [], `${id} is ended for its age while another is down`)
}

function checkStart(before: Machine, { app, slot, cause }: StartWorker, after: Machine): void {
  const starting = after.workers.filter(({ state }) => state.is === 'starting')
  assert.ok(starting.length <= LIMITS.starting, 'too many workers start at once')
  const rivals = starting.filter((worker) => worker.slot === slot && worker.hash === app.spec.hash)
  assert.ok(rivals.length <= 1, `two workers start in ${slot}`)
  if (lastTried(before, app, slot)?.state.is === 'ready') assert.equal(cause, 'max_age')
  const isProven = before.workers.some((one) => one.app === app.id && one.hash === app.spec.hash && one.state.is === 'ready')
  const old = [...servingVersions(before, app.id)].filter((version) => version !== app.spec.hash)
  const wanted = slotsOf(app.id, app.slots)
  const tries = starting.filter((worker) => wanted.includes(worker.slot) && worker.hash === app.spec.hash)
  if (old.length > 0 && !isProven) assert.ok(tries.length <= 1, `${app.id} is tried more than once beside the old version`)
}

function lastTried({ workers }: Machine, app: DesiredApp, slot: SlotId): ObservedWorker | undefined {
  const tried = workers.filter((worker) => worker.slot === slot && worker.hash === app.spec.hash)
  return tried.toSorted((one, other) => other.generation - one.generation)[0]
}

/**
 * Exactly one ready worker of the wanted version in each wanted slot, one of each candidate, the link of an app's slot on the
 * one or for a canary on the other, and nothing else.
 */
export function checkRest(machine: Machine): void {
  const { desired, workers, links, holds, routed, nginx, alive } = machine
  const apps = wantedApps(machine)
  const slots = apps.flatMap(linkedSlots)
  assert.deepEqual(workers.map(placeOf).sort(), wantedPlaces(desired))
  for (const { id, state } of workers) assert.equal(state.is, 'ready', `${id} is ${state.is}`)
  for (const slot of slots) {
    const { app, hash } = workers.find(({ id }) => id === links.get(slot)) ?? assert.fail(`${slot} is linked nowhere`)
    assert.equal(hash, linkedVersion(desired, app, slot), `${slot} is linked elsewhere`)
  }
  assert.deepEqual([...links.keys()].sort(), slots.toSorted())
  assert.deepEqual([...holds].sort(), apps.map(({ id }) => id).sort())
  assert.deepEqual([...routed.keys()].sort(), apps.map(({ id }) => id).sort())
  assert.deepEqual(nginx, { is: 'running', routes: desired.routesKey })
  assert.deepEqual(
    [...alive],
    workers.flatMap(({ state }) => processOf(state)?.pid ?? []).sort((a, b) => a - b),
    'a process is left over',
  )
}

/** nginx knows the most slots that an app may have; one that sleeps has no link. */
function linkedSlots({ id, slots, scale }: DesiredApp): readonly SlotId[] {
  return slotsOf(id, slots === 0 ? 0 : (scale?.most ?? slots))
}

function isAsleep({ desired }: Machine, app: AppId): boolean {
  const { slots, scale } = desired.apps.get(app) ?? { slots: 1 }
  return scale !== undefined && slots === 0
}

function placeOf({ slot, hash }: ObservedWorker): string {
  return `${slot}@${hash}`
}

/** A candidate of the wanted version needs no workers of its own. */
function wantedPlaces({ apps, candidates }: Wanted): readonly string[] {
  const tried = [...candidates.values()].filter(({ app }) => app.spec.hash !== apps.get(app.id)?.spec.hash)
  const all = [...apps.values(), ...tried.map(({ app }) => app)]
  return all.flatMap((app) => slotsOf(app.id, app.slots).map((slot) => `${slot}@${app.spec.hash}`)).sort()
}

function linkedVersion({ apps, candidates }: Wanted, app: AppId, slot: SlotId): string | undefined {
  const candidate = candidates.get(app)
  const isCanary = candidate !== undefined && slotsOf(app, Math.min(candidate.canarySlots, candidate.app.slots)).includes(slot)
  return (isCanary ? candidate.app : apps.get(app))?.spec.hash
}

function hasReadyRoute(machine: Machine, app: AppId): boolean {
  return (machine.routed.get(app) ?? []).some((slot) => readyBehind(machine, slot) !== undefined)
}

function servingVersions(machine: Machine, app: AppId): ReadonlySet<string> {
  const wanted = slotsOf(app, machine.desired.apps.get(app)?.slots ?? 0)
  const slots = [...wanted, ...(machine.routed.get(app) ?? [])]
  return new Set(slots.flatMap((slot) => readyBehind(machine, slot)?.hash ?? []))
}

function routedSlots({ routed }: Machine): readonly SlotId[] {
  return [...routed.values()].flat()
}

function wantedSlots({ desired }: Machine): readonly SlotId[] {
  return [...desired.apps.values()].flatMap((app) => slotsOf(app.id, app.slots))
}

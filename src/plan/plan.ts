import type { DesiredApp, DesiredState } from '../desired/desired.ts'
import type { AppId, SlotId, SpecHash } from '../desired/ids.ts'
import { appOf, slotsOf } from '../desired/slot.ts'
import type { Millis } from '../time.ts'
import type { Action, LinkSlot, StartWorker } from './action.ts'
import { planDaemon } from './daemons.ts'
import type { ObservedState, ObservedWorker, WorkerId } from './observed.ts'
import { isPastAge } from './observed.ts'

/** What the plan needs of the desired state. */
export type Wanted = Pick<DesiredState, 'apps' | 'candidates' | 'routesKey'>

export interface PlanLimits {
  /** How many workers may be starting at once on this machine, so that none is late for want of a processor. */
  readonly starting: number
}

/**
 * The difference between what should be and what is, in an order that is safe to apply: start, link, route, then drain.
 *
 * A changed app is new workers to start and old ones to drain. The old ones keep their links until a new one is ready in
 * every slot; then all links change together. Until one new worker has been ready only one is tried, so a version that
 * does not start costs one worker and the old version stays up. A worker past its age is replaced in the same way, one at
 * a time in an app. What an app no longer wanted leaves behind is drained only after nginx serves the routes without it.
 */
export function plan(desired: Wanted, observed: ObservedState, limits: PlanLimits, now: Millis): readonly Action[] {
  const wanted = [...desired.apps.values()]
  const daemons = wanted.filter(({ kind }) => kind === 'daemon')
  const tried = [...desired.candidates.values()].filter(({ app }) => desired.apps.get(app.id)?.spec.hash !== app.spec.hash)
  const trials = new Map(tried.map(({ app }) => [app.id, app.spec.hash]))
  const machine = grouped(observed)
  const apps = wanted.filter(({ kind }) => kind !== 'daemon').map((app) => viewApp(app, machine, trials.get(app.id)))
  const candidates = tried.map(({ app, canarySlots }) => ({ view: viewApp(app, machine, app.spec.hash), canarySlots }))
  const starting = observed.workers.filter(({ state }) => state.is === 'starting').length
  const isPublished = observed.nginx.is === 'running' && observed.nginx.routes === desired.routesKey
  const canaries = new Map(candidates.flatMap(canarySlots))
  const links = apps.flatMap((app) => linksOf(app, canaries, machine, isPublished))
  const starts = [
    ...apps.flatMap((app) => startsOf(app, now)),
    ...candidates.flatMap(({ view }) => asTrial(trialStarts(view, now))),
  ].filter(({ app }) => !mustWait(app, desired, machine))
  return [
    ...apps.filter(({ app }) => !observed.holds.has(app.id)).map(({ app }): Action => ({ kind: 'open-hold', app: app.id })),
    ...soundestFirst(starts).slice(0, Math.max(0, limits.starting - starting)),
    ...daemons.flatMap((daemon) => planDaemon(daemon, machine.workers.get(daemon.id) ?? [], now)),
    ...links,
    ...(mustPublish(desired, observed, now) ? [{ kind: 'publish-routes' } satisfies Action] : []),
    ...endsOf(apps, keptBy([...apps, ...candidates.map(({ view }) => view)]), without(daemons, observed), links, isPublished),
    ...(isPublished ? leftovers(desired, observed) : []),
  ]
}

/** Whether the daemon that its workers need is only coming. One that fails keeps no app from being tried. */
function mustWait({ after }: DesiredApp, desired: Wanted, machine: Grouped): boolean {
  if (after === undefined || (desired.apps.get(after)?.slots ?? 0) === 0) return false
  const workers = machine.workers.get(after) ?? []
  return !workers.some(({ state }) => state.is === 'ready' || state.is === 'failed')
}

function without(daemons: readonly DesiredApp[], observed: ObservedState): ObservedState {
  const ids = new Set(daemons.map(({ id }) => id))
  return { ...observed, workers: observed.workers.filter(({ app }) => !ids.has(app)) }
}

interface AppView {
  readonly app: DesiredApp
  readonly slots: readonly SlotView[]
  /** Ready workers that get requests now. */
  readonly linked: readonly ObservedWorker[]
  /** Those of another version. */
  readonly old: readonly ObservedWorker[]
  /** Every worker of the app in any state. */
  readonly all: readonly ObservedWorker[]
  /** The version that is tried beside it, if there is one. */
  readonly trial: SpecHash | undefined
}

interface SlotView {
  readonly slot: SlotId
  /** The newest ready worker of the wanted version. */
  readonly ready: ObservedWorker | undefined
  /** A worker of the wanted version, newer than the ready one, that starts or waits for its next attempt. */
  readonly coming: ObservedWorker | undefined
  /** A worker of another version stood here. */
  readonly hadOther: boolean
}

interface CandidateView {
  readonly view: AppView
  readonly canarySlots: number
}

/** What is, put together by app once, so that a plan takes as long as there are workers and links, and not their square. */
interface Grouped {
  readonly workers: ReadonlyMap<AppId, readonly ObservedWorker[]>
  readonly links: ReadonlyMap<SlotId, WorkerId>
  readonly slots: ReadonlyMap<AppId, readonly SlotId[]>
  readonly pointedAt: ReadonlySet<WorkerId>
}

function grouped({ workers, links }: ObservedState): Grouped {
  return {
    workers: Map.groupBy(workers, ({ app }) => app),
    links,
    slots: Map.groupBy(links.keys(), appOf),
    pointedAt: new Set(links.values()),
  }
}

/** `trial`: the version that is only tried; as a canary it is linked, and still not what the app was before. */
function viewApp(app: DesiredApp, machine: Grouped, trial: SpecHash | undefined): AppView {
  const all = machine.workers.get(app.id) ?? []
  const isWanted = (worker: ObservedWorker): boolean => worker.hash === app.spec.hash
  const slots = slotsOf(app.id, app.slots).map((slot) => {
    const here = all.filter((worker) => worker.slot === slot)
    const ready = newest(here.filter((worker) => isWanted(worker) && worker.state.is === 'ready'))
    const isNewer = ({ generation }: ObservedWorker): boolean => ready === undefined || generation > ready.generation
    return {
      slot,
      ready,
      coming: newest(here.filter((worker) => isWanted(worker) && isComing(worker) && isNewer(worker))),
      hadOther: here.some((worker) => !isWanted(worker)),
    }
  })
  const linked = all.filter((worker) => worker.state.is === 'ready' && machine.pointedAt.has(worker.id))
  // A canary beside the wanted version is no version to keep; where it alone serves, it is.
  const isServing = linked.some(isWanted)
  const isOld = (worker: ObservedWorker): boolean => !isWanted(worker) && !(isServing && worker.hash === trial)
  return { app, slots, linked, old: ofOneVersion(linked.filter(isOld), slots, machine.links), all, trial }
}

/** A canary that is given up together with what it was tried beside leaves two: the version behind the last slot goes on. */
function ofOneVersion(old: readonly ObservedWorker[], slots: readonly SlotView[], links: Grouped['links']) {
  const behind = slots.toReversed().flatMap(({ slot }) => old.filter(({ id }) => id === links.get(slot)))
  const [last = old[0]] = behind
  return old.filter(({ hash }) => hash === last?.hash)
}

function startsOf(view: AppView, now: Millis): readonly StartWorker[] {
  const starts = trialStarts(view, now)
  return starts.length > 0 || isUnproven(view) ? starts : renewalsOf(view, now)
}

/** What a version lacks: one worker until one has been ready beside an old version, then all. */
function trialStarts(view: AppView, now: Millis): readonly StartWorker[] {
  const { app, slots } = view
  const missing = slots.filter(({ ready, coming }) => ready === undefined && isDue(coming, now))
  const starts = missing.map(({ slot, coming, hadOther }): StartWorker => {
    const cause = coming === undefined ? (hadOther ? 'changed' : 'first') : 'failed'
    return { kind: 'start-worker', app, slot, cause, failures: failuresOf(coming) }
  })
  if (!isUnproven(view)) return starts
  return slots.some(({ coming }) => coming?.state.is === 'starting') ? [] : firstTry(slots, starts)
}

function asTrial(starts: readonly StartWorker[]): readonly StartWorker[] {
  return starts.map((start) => ({ ...start, cause: 'trial' }))
}

function isUnproven({ slots, old }: AppView): boolean {
  return old.length > 0 && slots.every(({ ready }) => ready === undefined)
}

/** Slots that are to point at a worker of a candidate: the first ones, and only when the candidate is ready in every slot. */
function canarySlots({ view, canarySlots }: CandidateView): readonly (readonly [SlotId, ObservedWorker])[] {
  const ready = view.slots.flatMap(({ slot, ready }) => (ready === undefined ? [] : [[slot, ready] as const]))
  return ready.length === view.slots.length ? ready.slice(0, canarySlots) : []
}

/** An app that never becomes ready does not take the place of one that would. */
function soundestFirst(starts: readonly StartWorker[]): readonly StartWorker[] {
  return starts.toSorted((one, other) => one.failures - other.failures)
}

/** While an unproven version is tried beside the old one, only the slot that has tried before, or the first. */
function firstTry(slots: readonly SlotView[], starts: readonly StartWorker[]): readonly StartWorker[] {
  const waiting = slots.find(({ coming }) => coming !== undefined)
  return starts.filter(({ slot }) => slot === (waiting ?? slots[0])?.slot)
}

/** At most one worker of an app is replaced for its age, and only while nothing else happens in the app. */
function renewalsOf({ app, slots, all, linked, trial }: AppView, now: Millis): readonly StartWorker[] {
  const isIdle = (worker: ObservedWorker): boolean => worker.state.is === 'failed' || slots.some(({ ready }) => ready === worker)
  const isCalm = slots.every(({ ready }) => ready !== undefined && linked.includes(ready)) && all.every(isIdle)
  if (!isCalm || trial !== undefined) return []
  const due = slots.find(({ ready, coming }) => ready !== undefined && isPastAge(ready, now) && isDue(coming, now))
  return due === undefined
    ? []
    : [{ kind: 'start-worker', app, slot: due.slot, cause: 'max_age', failures: failuresOf(due.coming) }]
}

/**
 * Where each slot should point: at its own worker, else at a living sibling, so that nginx need not try a dead socket. A
 * slot no longer wanted follows while nginx may still serve routes that name it.
 */
function linksOf(
  view: AppView,
  canaries: ReadonlyMap<SlotId, ObservedWorker>,
  { slots, links }: Grouped,
  isPublished: boolean,
): readonly LinkSlot[] {
  const wanted = view.slots.map(({ slot }) => slot)
  const before = (slots.get(view.app.id) ?? []).filter((slot) => !wanted.includes(slot))
  const serving = servingOf(view)
  const sibling = serving[0]
  if (sibling === undefined) return []
  return [...wanted, ...(isPublished ? [] : before)].flatMap((slot) => {
    const present = links.get(slot)
    const own = canaries.get(slot) ?? newest(serving.filter((worker) => worker.slot === slot))
    const kept = own ?? serving.find((worker) => worker.id === present) ?? sibling
    return kept.id === present ? [] : [{ kind: 'link-slot' as const, slot, worker: kept.id }]
  })
}

/** The new version once it is ready in every slot, the old one before; a leftover of another slot before nothing at all. */
function servingOf({ slots, old, linked }: AppView): readonly ObservedWorker[] {
  const ready = slots.flatMap((slot) => slot.ready ?? [])
  const serving = ready.length === slots.length || old.length === 0 ? ready : old
  return serving.length > 0 ? serving : linked
}

function keptBy(views: readonly AppView[]): ReadonlySet<ObservedWorker> {
  const kept = views.flatMap(({ slots, trial }) =>
    slots.flatMap(({ ready, coming }) => {
      // A renewal that failed is begun anew when nothing is tried any more.
      const isPutOff = trial !== undefined && ready !== undefined && coming?.state.is === 'failed'
      return isPutOff ? [ready] : [ready, coming]
    }),
  )
  return new Set(kept.filter((worker) => worker !== undefined))
}

/** What need not run any longer. A worker that may still be linked by nginx's present routes stays. */
function endsOf(
  apps: readonly AppView[],
  kept: ReadonlySet<ObservedWorker>,
  observed: ObservedState,
  links: readonly LinkSlot[],
  isPublished: boolean,
): readonly Action[] {
  const wanted = new Set(apps.flatMap(({ slots }) => slots.map(({ slot }) => slot)))
  const pointing = new Map([...observed.links, ...links.map(({ slot, worker }) => [slot, worker] as const)])
  const linked = new Set([...pointing].filter(([slot]) => wanted.has(slot) || !isPublished).map(([, worker]) => worker))
  return observed.workers.flatMap((worker): readonly Action[] => {
    if (kept.has(worker) || linked.has(worker.id)) return []
    if (worker.state.is === 'ready') return [{ kind: 'drain-worker', worker: worker.id }]
    return isComing(worker) ? [{ kind: 'stop-worker', worker: worker.id }] : []
  })
}

/** Links and holds that no route names any more. */
function leftovers(desired: Wanted, observed: ObservedState): readonly Action[] {
  const slots = new Set([...desired.apps.values()].flatMap((app) => slotsOf(app.id, app.slots)))
  return [
    ...[...observed.links.keys()].filter((slot) => !slots.has(slot)).map((slot): Action => ({ kind: 'unlink-slot', slot })),
    ...[...observed.holds].filter((app) => !desired.apps.has(app)).map((app): Action => ({ kind: 'close-hold', app })),
  ]
}

function mustPublish({ routesKey }: Wanted, { nginx }: ObservedState, now: Millis): boolean {
  switch (nginx.is) {
    case 'running':
      return nginx.routes !== routesKey
    case 'stopped':
      return true
    case 'publishing':
      return false
    case 'failed':
      return nginx.routes !== routesKey || nginx.retryAt <= now
    default:
      return nginx satisfies never
  }
}

function isComing({ state }: ObservedWorker): boolean {
  return state.is === 'starting' || state.is === 'failed'
}

/** A new worker may be started: there is none, or the last attempt has waited long enough. */
function isDue(coming: ObservedWorker | undefined, now: Millis): boolean {
  return coming === undefined || (coming.state.is === 'failed' && coming.state.retryAt <= now)
}

function failuresOf(coming: ObservedWorker | undefined): number {
  return coming?.state.is === 'failed' ? coming.state.failures : 0
}

function newest(workers: readonly ObservedWorker[]): ObservedWorker | undefined {
  return workers.reduce<ObservedWorker | undefined>(
    (best, worker) => (best === undefined || worker.generation > best.generation ? worker : best),
    undefined,
  )
}

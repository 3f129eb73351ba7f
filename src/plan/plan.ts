import type { DesiredApp, DesiredState } from '../desired/desired.ts'
import type { SlotId } from '../desired/ids.ts'
import { routedSlots } from '../desired/scale/scale.ts'
import type { Millis } from '../time.ts'
import type { Action, LinkSlot, StartWorker, UnlinkSlot } from './action.ts'
import { planDaemon } from './daemons.ts'
import { leftovers, linksOf, unlinksOf } from './links.ts'
import type { ObservedState, ObservedWorker, WorkerId } from './observed.ts'
import { isPastAge, renewalCause } from './observed.ts'
import { type AppView, type Grouped, grouped, isComing, type SlotView, viewApp } from './view.ts'

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
 * a time in an app. An app that sleeps loses its links first, and then its workers. What an app no longer wanted leaves behind is drained only after nginx serves the routes without it.
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
  const unlinks = apps.flatMap((app) => unlinksOf(app, machine))
  const starts = [
    ...apps.flatMap((app) => startsOf(app, now)),
    ...candidates.flatMap(({ view }) => asTrial(trialStarts(view, now))),
  ].filter(({ app }) => !mustWait(app, desired, machine))
  return [
    ...apps.filter(({ app }) => !observed.holds.has(app.id)).map(({ app }): Action => ({ kind: 'open-hold', app: app.id })),
    ...soundestFirst(starts).slice(0, Math.max(0, limits.starting - starting)),
    ...daemons.flatMap((daemon) => planDaemon(daemon, machine.workers.get(daemon.id) ?? [], now)),
    ...links,
    ...unlinks,
    ...(mustPublish(desired, observed, now) ? [{ kind: 'publish-routes' } satisfies Action] : []),
    ...endsOf(
      apps,
      keptBy([...apps, ...candidates.map(({ view }) => view)]),
      without(daemons, observed),
      [...links, ...unlinks],
      isPublished,
    ),
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

interface CandidateView {
  readonly view: AppView
  readonly canarySlots: number
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
  if (due?.ready === undefined) return []
  return [{ kind: 'start-worker', app, slot: due.slot, cause: renewalCause(due.ready), failures: failuresOf(due.coming) }]
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
  links: readonly (LinkSlot | UnlinkSlot)[],
  isPublished: boolean,
): readonly Action[] {
  const wanted = new Set(apps.flatMap(({ app }) => routedSlots(app)))
  const changes = links.map((change) => [change.slot, change.kind === 'link-slot' ? change.worker : undefined] as const)
  const pointing = new Map<SlotId, WorkerId | undefined>([...observed.links, ...changes])
  const linked = new Set([...pointing].filter(([slot]) => wanted.has(slot) || !isPublished).map(([, worker]) => worker))
  return observed.workers.flatMap((worker): readonly Action[] => {
    if (kept.has(worker) || linked.has(worker.id)) return []
    if (worker.state.is === 'ready') return [{ kind: 'drain-worker', worker: worker.id }]
    return isComing(worker) ? [{ kind: 'stop-worker', worker: worker.id }] : []
  })
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

/** A new worker may be started: there is none, or the last attempt has waited long enough. */
function isDue(coming: ObservedWorker | undefined, now: Millis): boolean {
  return coming === undefined || (coming.state.is === 'failed' && coming.state.retryAt <= now)
}

function failuresOf(coming: ObservedWorker | undefined): number {
  return coming?.state.is === 'failed' ? coming.state.failures : 0
}

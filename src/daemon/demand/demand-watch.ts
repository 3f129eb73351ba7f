import type { DesiredApp, DesiredState } from '../../desired/desired.ts'
import type { AppId } from '../../desired/ids.ts'
import { withWorkers } from '../../desired/scale/scale.ts'
import { steadyNow } from '../../host/process/clock.ts'
import type { Hold } from '../../host/workers/hold.ts'
import type { Workers } from '../../host/workers/workers.ts'
import { type Demand, firstDemand, goesOn, type Look, wakes, workersFor } from '../../plan/demand/demand.ts'
import type { ObservedWorker } from '../../plan/observed.ts'
import type { Millis } from '../../time.ts'
import { isScaled, type ScaledApp } from './scaled-app.ts'
import { tellDemand } from './tell-demand.ts'
import { hasRoomFor, NOTHING, type Seen, WorkerLooks } from './worker-looks.ts'

const LOOK_MS = 900

/** What tells of the demand for apps. */
interface Sources {
  readonly workers: Pick<Workers, 'observed' | 'socketOf'>
  readonly holds: ReadonlyMap<AppId, Pick<Hold, 'held'>>
}

/** How many workers the apps need that may have more and fewer; those that nobody asks for sleep. */
export class DemandWatch {
  readonly #sources: Sources
  readonly #looks: WorkerLooks
  readonly #askedFor = new Set<AppId>()
  #demands: ReadonlyMap<AppId, Demand> = new Map()
  readonly #made = new WeakMap<DesiredApp, DesiredApp>()
  #hasBegun = false
  #lookedAt = 0
  #applied: { readonly to: DesiredState; readonly state: DesiredState } | undefined

  constructor(sources: Sources) {
    this.#sources = sources
    this.#looks = new WorkerLooks(sources.workers)
  }

  /** Somebody waits for this app in a daemon that supervises nothing any more. */
  askFor(app: AppId): void {
    this.#askedFor.add(app)
  }

  /** Looks at what is asked of the apps: at each round whether somebody waits, and once a second at the workers. */
  look(desired: DesiredState): DesiredState {
    const scaled = [...desired.apps.values()].filter(isScaled)
    if (scaled.length > 0 || this.#demands.size > 0) this.#demands = this.#next(scaled, desired, steadyNow())
    this.#hasBegun = true
    return this.of(desired)
  }

  /** The state with as many workers of each app as are needed. Another one only when something of it has changed. */
  of(desired: DesiredState): DesiredState {
    const demands = [...this.#demands]
    const applied = this.#applied
    const isStill = ([app, demand]: readonly [AppId, Demand]): boolean =>
      applied?.state.apps.get(app)?.slots === workersFor(demand)
    if (applied?.to === desired && demands.every(isStill)) return applied.state
    const state = demands.length === 0 ? desired : { ...desired, apps: this.#applyTo(desired.apps) }
    this.#applied = { to: desired, state }
    return state
  }

  /** An app that needs as many as before is the same one as before, by which others know that nothing has changed of it. */
  #applyTo(apps: DesiredState['apps']): DesiredState['apps'] {
    const needed = (app: DesiredApp): DesiredApp => {
      const demand = this.#demands.get(app.id)
      if (demand === undefined) return app
      const before = this.#made.get(app)
      const made = before?.slots === workersFor(demand) ? before : withWorkers(app, workersFor(demand))
      this.#made.set(app, made)
      return made
    }
    return new Map([...apps].map(([id, app]) => [id, needed(app)]))
  }

  #next(scaled: readonly ScaledApp[], { candidates }: DesiredState, at: Millis): ReadonlyMap<AppId, Demand> {
    const workers = Map.groupBy(this.#sources.workers.observed(), ({ app }) => app)
    const isFull = at >= this.#lookedAt + LOOK_MS
    const seen = isFull ? this.#lookAtWorkers(scaled, workers, at) : undefined
    return new Map(
      scaled.map((app): readonly [AppId, Demand] => {
        const own = workers.get(app.id) ?? []
        const isTried = candidates.has(app.id)
        const after = this.#after(app, own, seen?.get(app.id) ?? (seen && NOTHING), isTried, at)
        tellDemand(app, this.#demands.get(app.id), after)
        return [app.id, after]
      }),
    )
  }

  /** `seen`: undefined between two looks, when no time passes. */
  #after(app: ScaledApp, own: readonly ObservedWorker[], seen: Seen | undefined, isTried: boolean, at: Millis): Demand {
    const { id, scale, spec } = app
    const before = this.#demands.get(id)
    const look: Look = {
      hash: spec.hash,
      held: this.#sources.holds.get(id)?.held() ?? 0,
      isAskedFor: this.#askedFor.delete(id),
      running: own.filter(isRunning).length,
    }
    if (before === undefined) return firstDemand(look, scale, at, this.#hasBegun ? 'later' : 'at the start')
    if (before.is === 'asleep') return wakes(before, look, scale, at)
    if (seen === undefined) return before
    const queued = seen.waiting + look.held
    const load = { queued, busy: seen.busy, hasRoom: before.growth.pressed === 0 || hasRoomFor(seen.pids) }
    const isSettled = !isTried && readySlots(app, own) >= before.growth.workers
    return goesOn(before, { ...look, open: seen.open, isVisited: seen.isVisited, isSettled, load }, scale, at)
  }

  #lookAtWorkers(
    scaled: readonly ScaledApp[],
    workers: ReadonlyMap<AppId, readonly ObservedWorker[]>,
    at: Millis,
  ): ReadonlyMap<AppId, Seen> {
    this.#lookedAt = at
    const awake = scaled.filter(({ id }) => this.#demands.get(id)?.is === 'awake')
    const ready = awake.map(({ id }) => [id, (workers.get(id) ?? []).filter(isReady)] as const)
    return this.#looks.take(awake, new Map(ready), at)
  }
}

function isReady({ state }: ObservedWorker): boolean {
  return state.is === 'ready'
}

function isRunning({ state }: ObservedWorker): boolean {
  return state.is === 'ready' || state.is === 'starting'
}

function readySlots({ spec }: DesiredApp, own: readonly ObservedWorker[]): number {
  return new Set(own.filter((worker) => isReady(worker) && worker.hash === spec.hash).map(({ slot }) => slot)).size
}

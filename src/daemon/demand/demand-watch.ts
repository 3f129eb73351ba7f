import type { DesiredApp, DesiredState } from '../../desired/desired.ts'
import type { AppId } from '../../desired/ids.ts'
import { withWorkers } from '../../desired/scale/scale.ts'
import { log } from '../../host/logs/logger.ts'
import { steadyNow } from '../../host/process/clock.ts'
import { connectionsByPath } from '../../host/process/connections.ts'
import type { Hold } from '../../host/workers/hold.ts'
import { Visits } from '../../host/workers/visits/visits.ts'
import type { Workers } from '../../host/workers/workers.ts'
import { type Demand, firstDemand, type Look, step, workersFor } from '../../plan/demand/demand.ts'
import type { ObservedWorker } from '../../plan/observed.ts'
import type { Millis } from '../../time.ts'

const LOOK_MS = 900

/** What tells of the demand for apps. */
interface Seen {
  readonly workers: Workers
  readonly holds: ReadonlyMap<AppId, Pick<Hold, 'held'>>
}

type ScaledApp = DesiredApp & { readonly scale: NonNullable<DesiredApp['scale']> }

/** How many workers the apps need that may have more and fewer; those that nobody asks for sleep. */
export class DemandWatch {
  readonly #seen: Seen
  readonly #visits = new Visits()
  readonly #askedFor = new Set<AppId>()
  #demands: ReadonlyMap<AppId, Demand> = new Map()
  #hasBegun = false
  #lookedAt = 0
  #applied: { readonly to: DesiredState; readonly state: DesiredState } | undefined

  constructor(seen: Seen) {
    this.#seen = seen
  }

  /** Somebody waits for this app in a daemon that supervises nothing any more. */
  askFor(app: AppId): void {
    this.#askedFor.add(app)
  }

  /** Looks at what is asked of the apps: at each round whether somebody waits, and once a second at the sockets. */
  look(desired: DesiredState): DesiredState {
    const scaled = [...desired.apps.values()].filter(isScaled)
    const at = steadyNow()
    if (scaled.length > 0 || this.#demands.size > 0) this.#demands = this.#next(scaled, desired, at)
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
    const state = demands.length === 0 ? desired : { ...desired, apps: withDemands(desired.apps, this.#demands) }
    this.#applied = { to: desired, state }
    return state
  }

  #next(scaled: readonly ScaledApp[], { candidates }: DesiredState, at: Millis): ReadonlyMap<AppId, Demand> {
    const isFull = at >= this.#lookedAt + LOOK_MS
    const workers = Map.groupBy(this.#seen.workers.observed(), ({ app }) => app)
    const sockets = isFull ? this.#lookAtSockets(scaled, workers, at) : NOTHING_SEEN
    const next = scaled.map((app): readonly [AppId, Demand] => {
      const before = this.#demands.get(app.id)
      const own = workers.get(app.id) ?? []
      const look: Look = {
        hash: app.spec.hash,
        held: this.#seen.holds.get(app.id)?.held() ?? 0,
        open: sum(own.map((worker) => sockets.open.get(this.#seen.workers.socketOf(worker)) ?? 0)),
        isVisited: !isFull || own.some((worker) => sockets.visited.has(this.#seen.workers.socketOf(worker))),
        isAskedFor: this.#askedFor.delete(app.id),
        isSettled: before === undefined || (!candidates.has(app.id) && isSettled(app, own, workersFor(before))),
        running: own.filter(isRunning).length,
      }
      // Between two looks at the sockets nothing is known of them, so that no time passes.
      if (before !== undefined && !isFull && before.is === 'awake') return [app.id, before]
      const after =
        before === undefined
          ? firstDemand(look, app.scale, at, this.#hasBegun ? 'later' : 'at the start')
          : step(before, look, app.scale, at)
      tell(app, before, after)
      return [app.id, after]
    })
    return new Map(next)
  }

  #lookAtSockets(
    scaled: readonly ScaledApp[],
    workers: ReadonlyMap<AppId, readonly ObservedWorker[]>,
    at: Millis,
  ): SeenAtSockets {
    this.#lookedAt = at
    const own = scaled.flatMap(({ id }) => workers.get(id) ?? []).filter(({ state }) => state.is === 'ready')
    if (own.length === 0) return NOTHING_SEEN
    return { open: connectionsByPath(), visited: this.#visits.of(own.map((worker) => this.#seen.workers.socketOf(worker))) }
  }
}

interface SeenAtSockets {
  readonly open: ReadonlyMap<string, number>
  readonly visited: ReadonlySet<string>
}

const NOTHING_SEEN: SeenAtSockets = { open: new Map(), visited: new Set() }

function withDemands(apps: DesiredState['apps'], demands: ReadonlyMap<AppId, Demand>): DesiredState['apps'] {
  const needed = (app: DesiredApp): DesiredApp => {
    const demand = demands.get(app.id)
    return demand === undefined ? app : withWorkers(app, workersFor(demand))
  }
  return new Map([...apps].map(([id, app]) => [id, needed(app)]))
}

function isScaled(app: DesiredApp): app is ScaledApp {
  return app.scale !== undefined
}

function isRunning({ state }: ObservedWorker): boolean {
  return state.is === 'ready' || state.is === 'starting'
}

function isSettled({ spec }: DesiredApp, own: readonly ObservedWorker[], workers: number): boolean {
  const ready = own.filter(({ state, hash }) => state.is === 'ready' && hash === spec.hash)
  return new Set(ready.map(({ slot }) => slot)).size >= workers
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function tell({ plugin, app, scale }: ScaledApp, before: Demand | undefined, after: Demand): void {
  if (before === undefined || before.is === after.is) return
  const seconds = scale.sleepAfterMs / 1000
  log('INFO', `plugin ${plugin}: app ${app} ${after.is === 'asleep' ? `falls asleep: no request for ${seconds} s` : 'wakes up'}`)
}

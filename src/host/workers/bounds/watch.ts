import { type DesiredBounds, type ModuleBounds, NO_BOUNDS } from '../../../bounds/bounds.ts'
import { nextLookMs, overLimit, overPluginLimit, type Usage } from '../../../bounds/usage.ts'
import type { WorkerId } from '../../../plan/observed.ts'
import { later, type Millis } from '../../../time.ts'
import { processOf } from '../../../worker/transition.ts'
import { steadyNow } from '../../process/clock.ts'
import type { WorkerRecord } from '../worker-record.ts'
import type { Workers } from '../workers.ts'
import { measureSessions } from './measure.ts'

const LATEST_MS = 2000

interface Watched extends Usage {
  readonly id: WorkerId
  readonly bounds: DesiredBounds
}

/** Looks at what workers take, and ends or replaces those that take more than they may: whatever the kernel holds them to. */
export class BoundsWatch {
  readonly #workers: Workers
  readonly #module: () => ModuleBounds
  #before: ReadonlyMap<WorkerId, Usage> = new Map()
  #lookedAt: Millis | undefined
  #nextAt = 0 as Millis

  /** `module`: what is in force at any time. */
  constructor(workers: Workers, module: () => ModuleBounds) {
    this.#workers = workers
    this.#module = module
  }

  /** Looks at every worker if it is time to. `boundsOf`: undefined where there are none. */
  look(boundsOf: (worker: WorkerRecord) => DesiredBounds | undefined): void {
    const at = steadyNow()
    if (at < this.#nextAt) return
    const passedMs = at - (this.#lookedAt ?? at)
    this.#workers.groups.hold(this.#module())
    const all = this.#measure(boundsOf)
    for (const { id, bounds } of all) this.#workers.groups.keep(id, bounds)
    this.#workers.groups.sweep(new Set(this.#workers.observed().map(({ id }) => id)))
    const rests = all.map((one) => nextLookMs(this.#before.get(one.id), one, one.bounds.worker, passedMs))
    this.#before = new Map(all.map((one) => [one.id, one]))
    this.#lookedAt = at
    this.#nextAt = later(at, Math.min(LATEST_MS, ...rests))
    const killed = all.filter((one) => this.#judge(one) === 'killed')
    for (const ofPlugin of Map.groupBy(
      all.filter((one) => !killed.includes(one)),
      pluginOf,
    ).values()) {
      const found = overPluginLimit(ofPlugin, ofPlugin[0]?.bounds.plugin ?? NO_BOUNDS)
      if (found !== undefined) this.#workers.overLimit(found.worker.id, found.over)
    }
  }

  /** Milliseconds until the next look. */
  restMs(at: Millis): number {
    return Math.max(0, this.#nextAt - at)
  }

  #judge({ id, bounds, ...usage }: Watched): 'killed' | 'left' {
    const over = overLimit(usage, bounds.worker)
    if (over === undefined) return 'left'
    this.#workers.overLimit(id, over)
    return over.outcome === 'killed' ? 'killed' : 'left'
  }

  #measure(boundsOf: (worker: WorkerRecord) => DesiredBounds | undefined): readonly Watched[] {
    const bounded = this.#workers.observed().flatMap(({ id }) => {
      const record = this.#workers.get(id)
      const process = record === undefined ? undefined : processOf(record.state)
      const bounds = record === undefined ? undefined : boundsOf(record)
      return process === undefined || bounds === undefined ? [] : [{ id, leader: process.pid, bounds }]
    })
    if (bounded.length === 0) return []
    const used = measureSessions(new Map(bounded.map(({ leader, bounds }) => [leader, exactFrom(bounds)])))
    return bounded.flatMap(({ id, leader, bounds }) => {
      const usages = [used.get(leader), this.#workers.groups.usageOf(id)].filter((usage) => usage !== undefined)
      const most = (what: keyof Usage): number => Math.max(...usages.map((usage) => usage[what]))
      return usages.length === 0 ? [] : [{ id, bounds, memory: most('memory'), tasks: most('tasks') }]
    })
  }
}

/** So much may be a mistake of what is quick to read. */
function exactFrom({ worker, plugin }: DesiredBounds): number {
  return plugin.memoryMax === undefined ? Math.min(worker.memoryHigh ?? Infinity, worker.memoryMax ?? Infinity) : 0
}

function pluginOf({ id }: Watched): string {
  return id.slice(0, id.indexOf('/'))
}

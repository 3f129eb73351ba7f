import type { DesiredApp } from '../desired/desired.ts'
import type { AppId, SlotId, SpecHash } from '../desired/ids.ts'
import { appOf, slotsOf } from '../desired/slot.ts'
import type { ObservedState, ObservedWorker, WorkerId } from './observed.ts'

export interface AppView {
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

export interface SlotView {
  readonly slot: SlotId
  /** The newest ready worker of the wanted version. */
  readonly ready: ObservedWorker | undefined
  /** A worker of the wanted version, newer than the ready one, that starts or waits for its next attempt. */
  readonly coming: ObservedWorker | undefined
  /** A worker of another version stood here. */
  readonly hadOther: boolean
}

/** What is, put together by app once, so that a plan takes as long as there are workers and links, and not their square. */
export interface Grouped {
  readonly workers: ReadonlyMap<AppId, readonly ObservedWorker[]>
  readonly links: ReadonlyMap<SlotId, WorkerId>
  readonly slots: ReadonlyMap<AppId, readonly SlotId[]>
  readonly pointedAt: ReadonlySet<WorkerId>
}

export function grouped({ workers, links }: ObservedState): Grouped {
  return {
    workers: Map.groupBy(workers, ({ app }) => app),
    links,
    slots: Map.groupBy(links.keys(), appOf),
    pointedAt: new Set(links.values()),
  }
}

/** `trial`: the version that is only tried; as a canary it is linked, and still not what the app was before. */
export function viewApp(app: DesiredApp, machine: Grouped, trial: SpecHash | undefined): AppView {
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

export function isComing({ state }: ObservedWorker): boolean {
  return state.is === 'starting' || state.is === 'failed'
}

export function newest(workers: readonly ObservedWorker[]): ObservedWorker | undefined {
  return workers.reduce<ObservedWorker | undefined>(
    (best, worker) => (best === undefined || worker.generation > best.generation ? worker : best),
    undefined,
  )
}

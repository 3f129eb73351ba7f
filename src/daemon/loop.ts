import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import type { Config } from '../config/config.ts'
import type { DesiredState } from '../desired/desired.ts'
import type { AppId, SlotId } from '../desired/ids.ts'
import { holdName, partsOf } from '../desired/slot.ts'
import type { Paths } from '../host/home/paths.ts'
import { log } from '../host/logs/logger.ts'
import { moduleBounds } from '../host/module/desire-settings.ts'
import { steadyNow } from '../host/process/clock.ts'
import type { ServiceManager } from '../host/service/service-manager.ts'
import { Groups } from '../host/workers/bounds/groups.ts'
import { BoundsWatch } from '../host/workers/bounds/watch.ts'
import { HangWatch } from '../host/workers/hang-watch.ts'
import { type Hold, type HoldLimits, openHold } from '../host/workers/hold.ts'
import { linkSlot, readLinks, unlinkSlot } from '../host/workers/links.ts'
import { park } from '../host/workers/pause/parking.ts'
import { isPaused, pausedPlugins } from '../host/workers/pause/paused.ts'
import type { WaitingRoom } from '../host/workers/pause/room.ts'
import { Workers } from '../host/workers/workers.ts'
import type { Action } from '../plan/action.ts'
import type { ObservedState, WorkerId } from '../plan/observed.ts'
import { type PlanLimits, plan } from '../plan/plan.ts'
import { faultText } from '../problem.ts'
import { DemandWatch } from './demand/demand-watch.ts'
import type { Developers } from './developer/serve-developers.ts'
import { heldApp } from './held-app.ts'
import type { Publisher } from './publisher.ts'
import { DiskQuotas } from './quota/disk-quotas.ts'
import { holdLimits } from './settings.ts'

/** The machine as this daemon knows and changes it. */
export interface Machinery {
  readonly paths: Paths
  readonly workers: Workers
  readonly hangs: HangWatch
  readonly bounds: BoundsWatch
  readonly quotas: DiskQuotas
  readonly holds: Map<AppId, Hold>
  readonly holdLimits: () => HoldLimits
  readonly limits: PlanLimits
  readonly publisher: Publisher
  /** How many workers the apps need that may have more and fewer. */
  readonly demand: DemandWatch
  /** Has a round begin now. */
  readonly ring: () => void
  /** Where requests for the files of paused plugins wait; there while this daemon supervises. */
  room?: WaitingRoom
  /** What a developer is told of a plugin that does not serve; there as long. */
  developers?: Developers
  /** What went wrong in the last round, by whom it was about, so that it is logged once. */
  faults: ReadonlyMap<string, string>
}

/** Of a daemon that has not begun yet. `config`: what is in force at any time. */
export function newMachinery(
  { paths, manager }: { readonly paths: Paths; readonly manager: Pick<ServiceManager, 'is'> },
  publisher: Publisher,
  config: () => Config,
  ring: () => void,
): Machinery {
  const isPrepared = process.env['MFSERV_GROUPS'] === '1'
  const startedBy = manager.is === 'nobody' ? 'person' : isPrepared ? 'unit' : 'old unit'
  const workers = new Workers(paths, ring, Groups.open(startedBy))
  const holds = new Map<AppId, Hold>()
  return {
    paths,
    publisher,
    workers,
    hangs: new HangWatch(workers),
    holds,
    demand: new DemandWatch({ workers, holds }),
    ring,
    quotas: new DiskQuotas(paths, ring),
    bounds: new BoundsWatch(workers, () => moduleBounds(config())),
    holdLimits: () => holdLimits(config()),
    limits: { starting: Math.max(4, availableParallelism() * 2) },
    faults: new Map(),
  }
}

export function observe({ paths, workers, holds, publisher }: Machinery, isFrontWanted: boolean): ObservedState {
  return {
    workers: workers.observed(),
    links: readLinks(paths.run),
    holds: new Set(holds.keys()),
    nginx: publisher.observe(isFrontWanted),
  }
}

/**
 * One round: what should be against what is, and every action that follows. Answers how many were done. One that goes wrong is
 * logged and ends the round for its plugin alone, because what follows for the plugin relies on it.
 */
export async function round(desired: DesiredState, machinery: Machinery): Promise<number> {
  machinery.workers.tick()
  park(machinery.paths.run, pausedPlugins(machinery.paths))
  machinery.hangs.look(({ app }) => desired.apps.get(app)?.spec.env['MFSERV_CURRENT_APP_DEBUG'] === '1')
  machinery.quotas.look(desired.plugins)
  machinery.bounds.look(({ app }) => (desired.apps.get(app) ?? desired.candidates.get(app)?.app)?.bounds)
  const needed = machinery.demand.look(desired)
  const actions = plan(needed, observe(machinery, desired.front), machinery.limits, steadyNow())
  const faults = new Map<string, string>()
  const leftOut = new Set<string>()
  let done = 0
  for (const action of actions) {
    const subject = subjectOf(action)
    if (leftOut.has(subject)) continue
    // A worker may end while an action before is under way; what the plan says after its link is no longer right then.
    if (action.kind === 'link-slot' && !isReady(action.worker, machinery)) {
      leftOut.add(subject)
      continue
    }
    try {
      await apply(action, desired, machinery)
      done += 1
    } catch (error) {
      leftOut.add(subject)
      // Its stack is another one each time.
      const fault = `${action.kind} failed: ${error instanceof Error ? error.message : String(error)}`
      if (machinery.faults.get(subject) !== fault) log('ERROR', `${subject}: ${action.kind} failed: ${faultText(error)}`)
      faults.set(subject, fault)
    }
  }
  machinery.faults = faults
  return done
}

/** Whom an action is about, for people: a plugin, or nginx. */
function subjectOf(action: Action): string {
  switch (action.kind) {
    case 'publish-routes':
      return 'nginx'
    case 'open-hold':
    case 'close-hold':
      return pluginIn(action.app)
    case 'start-worker':
      return pluginIn(action.app.id)
    case 'link-slot':
    case 'unlink-slot':
      return pluginIn(action.slot)
    case 'drain-worker':
    case 'stop-worker':
      return pluginIn(action.worker)
    default:
      return action satisfies never
  }
}

function pluginIn(id: AppId | SlotId | WorkerId): string {
  return `plugin ${id.slice(0, id.indexOf('/'))}`
}

async function apply(action: Action, desired: DesiredState, machinery: Machinery): Promise<void> {
  const { paths, workers, holds, publisher } = machinery
  switch (action.kind) {
    case 'open-hold':
      holds.set(
        action.app,
        await openHold(
          `${paths.run}/${holdName(action.app)}`,
          machinery.holdLimits,
          heldApp(action.app, paths, workers, machinery.ring),
        ),
      )
      return
    case 'start-worker':
      return await workers.start(action)
    case 'link-slot':
      return link(action.slot, action.worker, machinery)
    case 'publish-routes':
      return publisher.begin(desired)
    case 'drain-worker':
      return workers.drain(action.worker)
    case 'stop-worker':
      return workers.stop(action.worker, action.because)
    case 'unlink-slot':
      return unlinkSlot(paths.run, action.slot)
    case 'close-hold':
      holds.get(action.app)?.close()
      holds.delete(action.app)
      return
    default:
      return action satisfies never
  }
}

/** Requests that wait for a worker try again: one may have become able to take them, or all may have failed to start. */
export function retryHolds(machinery: Machinery): void {
  for (const hold of machinery.holds.values()) hold.look()
  machinery.room?.look()
}

function isReady(worker: WorkerId, { workers }: Machinery): boolean {
  return workers.get(worker)?.state.is === 'ready'
}

function link(slot: SlotId, worker: WorkerId, { paths, workers, holds }: Machinery): void {
  const record = workers.get(worker)
  if (record === undefined) return
  const socket = workers.socketOf(record)
  // First: a client that meets it before it is marked gets no cookie, and its next request may go to another one.
  workers.mayBeNamed(worker)
  linkSlot(paths, slot, relative(paths.run, socket))
  if (!isPaused(partsOf(slot).plugin, paths)) holds.get(record.app)?.release(socket)
}

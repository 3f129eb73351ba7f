import type { DesiredApp } from '../../src/desired/desired.ts'
import type { AppId, SlotId } from '../../src/desired/ids.ts'
import { slotsOf } from '../../src/desired/slot.ts'
import type { Action, StartWorker } from '../../src/plan/action.ts'
import { type ObservedNginx, type ObservedState, type ObservedWorker, type WorkerId, workerId } from '../../src/plan/observed.ts'
import type { PlanLimits, Wanted } from '../../src/plan/plan.ts'
import type { Millis } from '../../src/time.ts'
import type { ProcessId } from '../../src/worker/state.ts'
import { notStarted, type Policy, processOf, started, step, type WorkerEvent, wakeAt } from '../../src/worker/transition.ts'
import { at } from './examples.ts'

/** A whole machine as one value: what the plan observes, and what is true besides. Nothing here changes in place. */
export interface Machine extends ObservedState {
  readonly now: Millis
  readonly desired: Wanted
  /** The slots that the routes nginx serves name, whatever the daemon knows of it. */
  readonly routed: ReadonlyMap<AppId, readonly SlotId[]>
  /** Pids of the processes that run. */
  readonly alive: ReadonlySet<number>
  /** The next pid, which is the next generation too. */
  readonly next: number
  readonly broken: ReadonlySet<'spawn' | 'nginx'>
}

export const POLICY: Policy = { readyMs: 10_000, drainMs: 30_000, graceMs: 5_000, maxAgeMs: 100_000 }
export const LIMITS: PlanLimits = { starting: 2 }
const NGINX_RETRY_MS = 1_000

export function emptyMachine(desired: Wanted): Machine {
  return {
    now: at(0),
    desired,
    workers: [],
    links: new Map(),
    holds: new Set(),
    nginx: { is: 'stopped' },
    routed: new Map(),
    alive: new Set(),
    next: 1,
    broken: new Set(),
  }
}

export function apply(machine: Machine, action: Action): Machine {
  switch (action.kind) {
    case 'open-hold':
      return { ...machine, holds: new Set([...machine.holds, action.app]) }
    case 'close-hold':
      return { ...machine, holds: without(machine.holds, action.app) }
    case 'start-worker':
      return startWorker(machine, action)
    case 'link-slot':
      return { ...machine, links: new Map([...machine.links, [action.slot, action.worker]]) }
    case 'unlink-slot':
      return { ...machine, links: new Map([...machine.links].filter(([slot]) => slot !== action.slot)) }
    case 'publish-routes':
      return publish(machine)
    case 'drain-worker':
      return tellWorker(machine, action.worker, { type: 'drain' })
    case 'stop-worker':
      return tellWorker(machine, action.worker, { type: 'stop' })
    default:
      return action satisfies never
  }
}

function startWorker(machine: Machine, { app, slot, failures }: StartWorker): Machine {
  const generation = machine.next
  const process: ProcessId = { pid: generation, startTime: generation }
  const isBroken = machine.broken.has('spawn')
  const state = isBroken ? notStarted('no', failures, machine.now) : started(process, failures, machine.now, POLICY)
  const worker: ObservedWorker = {
    id: workerId(slot, generation),
    app: app.id,
    slot,
    generation,
    hash: app.spec.hash,
    state,
  }
  return {
    ...machine,
    workers: [...machine.workers, worker],
    alive: isBroken ? machine.alive : new Set([...machine.alive, process.pid]),
    next: generation + 1,
  }
}

function publish(machine: Machine): Machine {
  const { desired, now } = machine
  if (machine.broken.has('nginx')) {
    return { ...machine, nginx: { is: 'failed', routes: desired.routesKey, retryAt: at(now + NGINX_RETRY_MS) } }
  }
  // Also of an app that sleeps nginx has every slot.
  const routed = new Map(wantedApps(machine).map((app) => [app.id, slotsOf(app.id, app.scale?.most ?? app.slots)]))
  return { ...machine, nginx: { is: 'running', routes: desired.routesKey }, routed }
}

/** Throws when the worker signals a process that is not its own or does not run: that must never happen. */
export function tellWorker(machine: Machine, id: WorkerId, event: WorkerEvent): Machine {
  const worker = machine.workers.find((one) => one.id === id)
  if (worker === undefined) throw new Error(`${id} is told ${event.type}, but does not exist`)
  const process = processOf(worker.state)
  const [state, effects] = step(worker.state, event, machine.now, POLICY)
  const running = event.type === 'exited' && process !== undefined ? without(machine.alive, process.pid) : machine.alive
  for (const effect of effects) {
    if (effect.process.pid !== process?.pid || !running.has(effect.process.pid)) throw new Error(`${id} signals a stranger`)
  }
  const isKilled = state.is === 'failed' && effects.length > 0
  return {
    ...machine,
    workers: machine.workers.flatMap((one) => (one !== worker ? one : state.is === 'gone' ? [] : { ...worker, state })),
    alive: isKilled && process !== undefined ? without(running, process.pid) : running,
  }
}

/** Tells every worker that time has passed. */
export function passTime(machine: Machine, now: Millis): Machine {
  const later = { ...machine, now }
  return machine.workers.reduce((seen, { id }) => tellWorker(seen, id, { type: 'time-passed', output: '' }), later)
}

/** When the loop wakes although nothing happens; null is never. The last plan was made at `machine.now`. */
export function nextWake({ workers, nginx, now }: Machine): Millis | null {
  const retries = nginx.is === 'failed' && nginx.retryAt > now ? [nginx.retryAt] : []
  const deadlines = [...workers.flatMap(({ state }) => wakeAt(state, now) ?? []), ...retries]
  return deadlines.length === 0 ? null : at(Math.min(...deadlines))
}

/** The daemon is killed and started again: it finds the processes, the links and nginx, and has forgotten the rest. */
export function restartDaemon(machine: Machine): Machine {
  const nginx: ObservedNginx = machine.nginx.is === 'stopped' ? machine.nginx : { is: 'running', routes: undefined }
  const workers = machine.workers.filter(({ state }) => state.is !== 'failed').toReversed()
  return { ...machine, workers, holds: new Set(), nginx }
}

/** The apps that answer requests, without the daemons. */
export function wantedApps({ desired }: Machine): readonly DesiredApp[] {
  return [...desired.apps.values()].filter(({ kind }) => kind === 'app')
}

/** The worker that a request to this slot reaches, if it can answer. */
export function readyBehind({ links, workers }: ObservedState, slot: SlotId): ObservedWorker | undefined {
  const id = links.get(slot)
  return workers.find((worker) => worker.id === id && worker.state.is === 'ready')
}

function without<T>(set: ReadonlySet<T>, gone: T): ReadonlySet<T> {
  return new Set([...set].filter((one) => one !== gone))
}

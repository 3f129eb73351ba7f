import assert from 'node:assert/strict'
import type { DesiredApp } from '../../src/desired/desired.ts'
import type { AppId, SlotId, SpecHash } from '../../src/desired/ids.ts'
import { appId, slotsOf } from '../../src/desired/slot.ts'
import type { Action } from '../../src/plan/action.ts'
import { type ObservedNginx, type ObservedState, type ObservedWorker, type WorkerId, workerId } from '../../src/plan/observed.ts'
import { type PlanLimits, plan, type Wanted } from '../../src/plan/plan.ts'
import type { Millis } from '../../src/time.ts'
import type { ProcessId, WorkerState } from '../../src/worker/state.ts'

/** What an example wants of one app; `version` stands for the hash of its spec. */
export interface WantedApp {
  readonly slots: number
  readonly version: string
  /** So many slots it may have, and none where nobody asks. */
  readonly most?: number
}

export interface WantedCandidate extends WantedApp {
  readonly canarySlots?: number
}

export function at(ms: number): Millis {
  return ms as Millis
}

/** `apps` is keyed by app id: `blog/web`, or `blog/@feed` for a daemon. */
export function desire(
  apps: Readonly<Record<string, WantedApp>>,
  candidates: Readonly<Record<string, WantedCandidate>> = {},
): Wanted {
  const entries = Object.entries(apps).map(([name, wanted]) => desiredApp(name, wanted))
  const tried = Object.entries(candidates).map(([name, { canarySlots = 0, ...wanted }]) => ({
    app: desiredApp(name, wanted),
    canarySlots,
  }))
  return {
    apps: new Map(entries.map((app) => [app.id, app])),
    candidates: new Map(tried.map((one) => [one.app.id, one])),
    routesKey: routesKeyOf(entries),
  }
}

/** The routes name every slot, and nothing of the version. */
function routesKeyOf(apps: readonly DesiredApp[]): string {
  return apps.flatMap((app) => (app.kind === 'app' ? slotsOf(app.id, app.scale?.most ?? app.slots) : [])).join(' ')
}

function desiredApp(name: string, { slots, version, most }: WantedApp): DesiredApp {
  const [plugin = '', app = ''] = name.split('/')
  return {
    id: appId(plugin, app),
    plugin,
    app,
    kind: app.startsWith('@') ? 'daemon' : 'app',
    slots,
    ...(most === undefined ? {} : { scale: { least: 0, most, sleepAfterMs: 1000, isDeveloped: false } }),
    spec: {
      hash: version as SpecHash,
      argv: ['server', '{unix_socket_path}'],
      env: {},
      cwd: '/',
      limits: { as: undefined, nofile: undefined, nproc: undefined, stack: undefined, core: undefined, fsize: undefined },
      logFile: '/dev/null',
      ready: { by: 'answer', path: '/', withinMs: 10_000 },
      drainMs: 30_000,
      graceMs: 5_000,
      maxAgeMs: 0,
    },
  }
}

/** What an example finds: `workers` and `links` name them as `blog/web#1.g1`. The rest is in order unless said otherwise. */
export interface Found {
  readonly workers?: Readonly<Record<string, readonly [version: string, state: WorkerState]>>
  readonly links?: Readonly<Record<string, string>>
  readonly holds?: readonly string[]
  readonly nginx?: ObservedNginx
}

export function observe(desired: Wanted, found: Found): ObservedState {
  return {
    workers: Object.entries(found.workers ?? {}).map(([id, [version, state]]) => observedWorker(id, version, state)),
    links: new Map(Object.entries(found.links ?? {}).map(([slot, worker]) => [slot as SlotId, worker as WorkerId])),
    holds: new Set(found.holds === undefined ? desired.apps.keys() : found.holds.map((app) => app as AppId)),
    nginx: found.nginx ?? { is: 'running', routes: desired.routesKey },
  }
}

function observedWorker(id: string, version: string, state: WorkerState): ObservedWorker {
  const [slot = '', generation = ''] = id.split('.g')
  const [app = ''] = slot.split('#')
  return {
    id: workerId(slot as SlotId, Number(generation)),
    app: app as AppId,
    slot: slot as SlotId,
    generation: Number(generation),
    hash: version as SpecHash,
    state,
  }
}

const PROCESS: ProcessId = { pid: 7, startTime: 1 }

export const STARTING: WorkerState = { is: 'starting', process: PROCESS, since: at(0), readyBy: at(10_000), failures: 0 }
export const READY: WorkerState = { is: 'ready', process: PROCESS, since: at(0), renewAt: null, failures: 0 }
export const DRAINING: WorkerState = { is: 'draining', process: PROCESS, lookFrom: at(50), emptyLooks: 0, until: at(30_000) }
export const STOPPING: WorkerState = { is: 'stopping', process: PROCESS, killAt: at(5_000) }

export function ageing(renewAt: number): WorkerState {
  return { is: 'ready', process: PROCESS, since: at(0), renewAt: at(renewAt), failures: 0 }
}

export function failed(failures: number, retryAt: number): WorkerState {
  return {
    is: 'failed',
    failures,
    retryAt: at(retryAt),
    failure: { reason: { kind: 'exited', exit: { code: 1, signal: null } }, at: at(0), output: '' },
  }
}

const MANY: PlanLimits = { starting: 100 }

export interface Moment extends Found {
  /** Milliseconds; 0 unless said otherwise. */
  readonly now?: number
  readonly expect: readonly string[]
}

/** Each moment is what the loop finds after the one before; `expect` is what it does then. */
export function follow(desired: Wanted, moments: readonly Moment[]): void {
  for (const [index, { now, expect, ...found }] of moments.entries()) {
    const actions = plan(desired, observe(desired, found), MANY, at(now ?? 0))
    assert.deepEqual(tell(actions), expect, `moment ${index + 1}`)
  }
}

/** One line for each action, as an administrator would be told. */
export function tell(actions: readonly Action[]): readonly string[] {
  return actions.map((action) => {
    switch (action.kind) {
      case 'open-hold':
      case 'close-hold':
        return `${action.kind} ${action.app}`
      case 'start-worker':
        return `start ${action.slot}: ${action.cause}${action.failures === 0 ? '' : `, ${action.failures} failed`}`
      case 'link-slot':
        return `link ${action.slot} -> ${action.worker}`
      case 'unlink-slot':
        return `unlink ${action.slot}`
      case 'publish-routes':
        return 'publish'
      case 'drain-worker':
        return `drain ${action.worker}`
      case 'stop-worker':
        return `stop ${action.worker}`
      default:
        return action satisfies never
    }
  })
}

import { totalmem } from 'node:os'
import type { DesiredApp } from '../../desired/desired.ts'
import type { AppId } from '../../desired/ids.ts'
import { type Connections, connectionsTo } from '../../host/process/connections.ts'
import { memoryOf, processes, sessionOf, wantedSeconds } from '../../host/process/proc.ts'
import { Visits } from '../../host/workers/visits/visits.ts'
import { freeMemory } from '../../host/workers/worker-memory.ts'
import type { Workers } from '../../host/workers/workers.ts'
import type { LookAtWorkers } from '../../plan/demand/demand.ts'
import type { ObservedWorker } from '../../plan/observed.ts'
import type { Millis } from '../../time.ts'

/** What is seen of the workers of one app. */
export type Seen = Pick<LookAtWorkers, 'open' | 'isVisited'> & {
  /** Connections that no worker has accepted yet. */
  readonly waiting: number
  /** The share of the time for which a worker ran, or would have run if a processor had been free; the mean of them. */
  readonly busy: number
  /** The processes of one worker. */
  readonly pids: readonly number[]
}

export const NOTHING: Seen = { open: 0, isVisited: false, waiting: 0, busy: 0, pids: [] }

const NO_CONNECTIONS: Connections = { taken: new Set(), waiting: 0 }
/** So much of the memory of the machine is kept from workers that are only faster. */
const KEPT_SHARE = 0.1

/** Looks at the sockets and the processes of workers, from outside. */
export class WorkerLooks {
  readonly #workers: Pick<Workers, 'socketOf'>
  readonly #visits = new Visits()
  #wanted: ReadonlyMap<number, number> = new Map()
  #at = 0

  constructor(workers: Pick<Workers, 'socketOf'>) {
    this.#workers = workers
  }

  /** `ready`: the workers of these apps that are. One read of each kind tells of all. */
  take(apps: readonly DesiredApp[], ready: ReadonlyMap<AppId, readonly ObservedWorker[]>, at: Millis): ReadonlyMap<AppId, Seen> {
    const all = apps.flatMap(({ id }) => ready.get(id) ?? [])
    const visited = this.#visits.of(all.map((worker) => this.#workers.socketOf(worker)))
    const connections = all.length === 0 ? new Map<string, Connections>() : connectionsTo()
    const before = this.#wanted
    const passed = (at - this.#at) / 1000
    // Nobody needs it of apps that have the one worker that they are to have.
    const isMeasured = apps.some(({ id, scale }) => (scale?.most ?? 1) > 1 && (ready.get(id) ?? []).length > 0)
    const sessions = isMeasured ? sessionsOf(all) : NO_SESSIONS
    const pids = [...sessions].flatMap(([leader, group]) => (leader === 0 ? [] : group))
    this.#wanted = new Map(pids.map((pid) => [pid, wantedSeconds(pid)]))
    this.#at = at
    const seenOf = (own: readonly ObservedWorker[]): Seen => {
      const sockets = own.map((worker) => this.#workers.socketOf(worker))
      const found = sockets.map((socket) => connections.get(socket) ?? NO_CONNECTIONS)
      const groups = own.map(({ state }) => sessions.get(leaderOf(state)) ?? [])
      const shares = groups.map((group) => Math.max(0, ...group.map((pid) => secondsOf(pid, before, this.#wanted))))
      return {
        open: sum(found.map(({ taken, waiting }) => taken.size + waiting)),
        isVisited: sockets.some((socket) => visited.has(socket)),
        waiting: sum(found.map(({ waiting }) => waiting)),
        busy: mean(shares) / passed,
        pids: groups[0] ?? [],
      }
    }
    return new Map(apps.map(({ id }) => [id, seenOf(ready.get(id) ?? [])]))
  }
}

/** Whether the machine has the memory for one more worker, of as many bytes as these processes have. */
export function hasRoomFor(pids: readonly number[]): boolean {
  const free = freeMemory()
  return free === undefined || free - sum(pids.map(memoryOf)) >= totalmem() * KEPT_SHARE
}

const NO_SESSIONS: ReadonlyMap<number, readonly number[]> = new Map()

/** A worker leads a session of its own, and what it starts stays in it. */
function sessionsOf(workers: readonly ObservedWorker[]): ReadonlyMap<number, readonly number[]> {
  const leaders = new Set(workers.map(({ state }) => leaderOf(state)))
  return Map.groupBy(processes(), (pid) => {
    const session = sessionOf(pid) ?? 0
    return leaders.has(session) ? session : 0
  })
}

function leaderOf(state: ObservedWorker['state']): number {
  return state.is === 'ready' ? state.process.pid : -1
}

/** Of a process that was not there at the look before nothing is known yet. */
function secondsOf(pid: number, before: ReadonlyMap<number, number>, now: ReadonlyMap<number, number>): number {
  const then = before.get(pid)
  return then === undefined ? 0 : (now.get(pid) ?? 0) - then
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : sum(numbers) / numbers.length
}

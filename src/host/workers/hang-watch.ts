import type { WorkerId } from '../../plan/observed.ts'
import type { Millis } from '../../time.ts'
import { judge, type Look, longestMs, type Suspicion, trusted } from '../../worker/suspicion.ts'
import { steadyNow } from '../process/clock.ts'
import { type Connections, connectionsTo } from '../process/connections.ts'
import { groupOf, isStopped, turnsOf } from '../process/proc.ts'
import { connectionsAt, tcpListenersOf } from '../process/tcp.ts'
import { untilAnswered } from './readiness.ts'
import type { WorkerRecord } from './worker-record.ts'
import type { Workers } from './workers.ts'

const LOOK_MS = 450
/** nginx and a drain wait so much longer than the timeout of the app. */
const DRAIN_BEYOND_TIMEOUT_MS = 2000
const NO_CONNECTIONS: Connections = { taken: new Set(), waiting: 0 }

interface Watched {
  suspicion: Suspicion
  answer: Look['answer']
  asking: AbortController | undefined
}

/** Finds workers that are ready and take no requests any more: stopped, deadlocked, in an endless loop. */
export class HangWatch {
  readonly #workers: Workers
  readonly #watched = new Map<WorkerId, Watched>()
  #lookedAt = 0

  constructor(workers: Workers) {
    this.#workers = workers
  }

  /** Looks at every ready worker, at most twice a second. `isDebugged`: it may stand at a breakpoint for as long as it likes. */
  look(isDebugged: (worker: WorkerRecord) => boolean): void {
    const at = steadyNow()
    if (at < this.#lookedAt + LOOK_MS) return
    this.#lookedAt = at
    const records = this.#workers.observed().flatMap(({ id }) => this.#workers.get(id) ?? [])
    const ready = records.filter((record) => record.state.is === 'ready' && record.ready.by === 'answer' && !isDebugged(record))
    this.#forgetOthers(new Set(ready.map(({ id }) => id)))
    if (ready.length === 0) return
    const connections = connectionsTo()
    for (const record of ready) this.#lookAt(record, connections.get(this.#workers.socketOf(record)) ?? NO_CONNECTIONS, at)
  }

  /** Whether an answer is waited for, so that a look soon matters. */
  isAsking(): boolean {
    return [...this.#watched.values()].some(({ asking }) => asking !== undefined)
  }

  #lookAt(record: WorkerRecord, atSocket: Connections, at: Millis): void {
    if (record.state.is !== 'ready') return
    const watched = this.#watched.get(record.id) ?? { suspicion: trusted(at), answer: 'none', asking: undefined }
    this.#watched.set(record.id, watched)
    const isAsked = watched.asking !== undefined
    // Only of one that has to answer is more looked at than its connections.
    const group = isAsked ? groupOf(record.state.process.pid) : []
    const { taken, waiting } = isAsked ? connectionsBehind(record, group, atSocket) : atSocket
    const look: Look = {
      at,
      taken,
      waiting: Math.max(0, waiting - (isAsked ? 1 : 0)),
      isStopped: group.some(isStopped),
      effort: group.map(turnsOf).join(),
      answer: watched.answer,
    }
    const protocol = record.ready.by === 'answer' ? (record.ready.protocol ?? 'http') : 'http'
    const timeoutMs = longestMs(record.policy.drainMs - DRAIN_BEYOND_TIMEOUT_MS, protocol)
    const [suspicion, verdict] = judge(watched.suspicion, look, timeoutMs)
    watched.suspicion = suspicion
    if (suspicion.is === 'trusted') this.#stopAsking(watched)
    if (verdict === 'ask') {
      watched.suspicion = { ...suspicion, taken: connectionsBehind(record, groupOf(record.state.process.pid), atSocket).taken }
      this.#ask(record, watched)
    }
    if (verdict !== 'replace' || suspicion.is !== 'asked') return
    this.#stopAsking(watched)
    this.#watched.delete(record.id)
    this.#workers.hung(record.id, at - suspicion.since)
  }

  #ask(record: WorkerRecord, watched: Watched): void {
    if (record.ready.by !== 'answer') return
    const asking = new AbortController()
    watched.asking = asking
    watched.answer = 'none'
    void untilAnswered(this.#workers.socketOf(record), record.ready, asking.signal).then((outcome) => {
      if (outcome === 'answered') watched.answer = 'answered'
    })
  }

  #stopAsking(watched: Watched): void {
    watched.asking?.abort()
    watched.asking = undefined
    watched.answer = 'none'
  }

  #forgetOthers(ids: ReadonlySet<WorkerId>): void {
    for (const [id, watched] of this.#watched) {
      if (ids.has(id)) continue
      this.#stopAsking(watched)
      this.#watched.delete(id)
    }
  }
}

/**
 * The connections of a worker that may have stopped to answer. Of a program on a port it is those that it has itself: what stands
 * before it lets a connection go when the client does, whatever the program does.
 */
function connectionsBehind({ ready }: WorkerRecord, group: readonly number[], atSocket: Connections): Connections {
  if (ready.by !== 'answer' || ready.through !== 'port') return atSocket
  const { taken, waiting } = connectionsAt(tcpListenersOf(group))
  return { taken, waiting: waiting + atSocket.waiting }
}

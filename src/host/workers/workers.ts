import { rmSync } from 'node:fs'
import type { SlotId } from '../../desired/ids.ts'
import { partsOf } from '../../desired/slot.ts'
import type { StartWorker } from '../../plan/action.ts'
import { type ObservedWorker, type WorkerId, workerId } from '../../plan/observed.ts'
import type { Millis } from '../../time.ts'
import type { RestartCause, SlotHistory } from '../../worker/history.ts'
import type { Exit, OverLimit, WorkerState } from '../../worker/state.ts'
import { isDue, notStarted, processOf, started, step, type WorkerEvent, wakeAt } from '../../worker/transition.ts'
import type { Paths } from '../home/paths.ts'
import { lastOutput } from '../logs/last-output.ts'
import { log } from '../logs/logger.ts'
import { steadyNow } from '../process/clock.ts'
import { connectionsByPath } from '../process/connections.ts'
import { endGroup, endSession, groupOf, isAlive, signalGroup } from '../process/proc.ts'
import { Groups } from './bounds/groups.ts'
import { Histories } from './histories.ts'
import { endLeftBehind, endUnrecorded, isLeftBehind, type Traces } from './left-behind.ts'
import { markLinked, socketAt, unmarkLinked } from './links.ts'
import { listensOn } from './listens-on.ts'
import { policyOf } from './policy-of.ts'
import { untilUp } from './readiness.ts'
import { logFileOf, spawnWorker } from './spawn.ts'
import { tellRenewal, tellState } from './tell-state.ts'
import { readRecords, removeIntent, removeRecord, type WorkerRecord, Writing, writeIntent, writeRecord } from './worker-record.ts'

/**
 * A worker of this daemon. `reaping`: `ours` tells us of its end itself; an adopted one must be looked after, and so must one
 * whose first process has ended (`left`) while others of its group still end.
 */
interface Entry {
  record: WorkerRecord
  reaping: 'ours' | 'adopted' | 'left'
  readonly asking: AbortController
}

/** The workers of one runtime home. Every change of a worker's state goes through `dispatch`. */
export class Workers {
  readonly groups: Groups
  readonly #paths: Paths
  readonly #changed: () => void
  readonly #entries = new Map<WorkerId, Entry>()
  readonly #histories = new Histories()
  readonly #generations = new Map<SlotId, number>()
  readonly #writing = new Writing()
  #hasLetGo = false

  /** `changed` is called after each change of state: the moment to look again. */
  constructor(paths: Paths, changed: () => void, groups = Groups.open('person')) {
    this.groups = groups
    this.#paths = paths
    this.#changed = changed
  }

  /**
   * Goes on with the workers of a daemon before this one. Those it had not written down yet never had a request and are ended.
   * Those of a home that this one was copied from are left alone.
   */
  adopt(links: ReadonlyMap<SlotId, WorkerId>): void {
    const { records, foreign, intents } = readRecords(this.#paths.workers)
    for (const record of foreign) removeRecord(this.#paths.workers, record)
    for (const record of records) this.#adoptOne(record)
    const lost = intents.map((one) => ({ id: workerId(one.slot, one.generation), socket: this.socketOf(one) }))
    endUnrecorded(lost, this.#paths.runtimeHome)
    for (const intent of intents) {
      removeIntent(this.#paths.workers, intent)
      removeRecord(this.#paths.workers, intent)
    }
    for (const target of links.values()) this.#countGeneration(target)
    for (const target of links.values()) this.mayBeNamed(target)
  }

  /** From now on another process supervises them: nothing is done or written any more, and `lookAt` says what that one wrote. */
  letGo(): void {
    this.#hasLetGo = true
    for (const { asking } of this.#entries.values()) asking.abort()
  }

  observed(): readonly ObservedWorker[] {
    return [...this.#entries.values()].map(({ record }) => record)
  }

  get(id: WorkerId): WorkerRecord | undefined {
    return this.#entries.get(id)?.record
  }

  /** The same, and an adopted worker is looked at first: nothing else tells at once that it has ended. */
  lookAt(id: WorkerId): WorkerRecord | undefined {
    if (this.#hasLetGo) return readRecords(this.#paths.workers).records.find((record) => record.id === id)
    const entry = this.#entries.get(id)
    const process = entry !== undefined && entry.reaping !== 'ours' ? processOf(entry.record.state) : undefined
    if (process !== undefined && !isAlive(process)) this.#exited(id, { code: null, signal: null })
    return this.get(id)
  }

  history(slot: SlotId): SlotHistory {
    return this.#histories.of(slot)
  }

  socketOf({ slot, generation }: Pick<ObservedWorker, 'slot' | 'generation'>): string {
    return socketAt(this.#paths.run, { slot, generation })
  }

  /** Starts a worker of the next generation in a slot. What goes wrong becomes its state. */
  async start({ app, slot, cause, failures }: StartWorker): Promise<void> {
    const generation = (this.#generations.get(slot) ?? 0) + 1
    this.#generations.set(slot, generation)
    const id = workerId(slot, generation)
    const policy = policyOf(app.spec)
    if (cause === 'changed' || cause === 'max_age' || cause === 'memory') this.#remember(slot, cause)
    const base = {
      id,
      app: app.id,
      slot,
      generation,
      hash: app.spec.hash,
      policy,
      ready: app.spec.ready,
      logFile: logFileOf(app.spec, partsOf(slot).slot),
      isTrial: cause === 'trial',
    }
    const socket = this.socketOf({ slot, generation })
    this.#writing.keep(() => writeIntent(this.#paths.workers, base))
    try {
      const onExit = (exit: Exit): void => this.#exited(id, exit)
      const group = this.groups.enter(id, app.bounds)
      const spawned = await spawnWorker(app.spec, { worker: id, slot: partsOf(slot).slot, socket, group }, onExit)
      if (typeof spawned === 'string') {
        const state = notStarted(spawned, failures, steadyNow())
        this.#enter({ ...base, state, logOffset: 0, history: this.history(slot) }, 'ours')
        if (!base.isTrial) this.#failed(slot, state, 'failed')
      } else {
        const state = started(spawned.process, failures, steadyNow(), policy)
        this.#enter({ ...base, state, logOffset: spawned.logOffset, history: this.history(slot) }, 'ours')
      }
    } finally {
      this.#writing.keep(() => removeIntent(this.#paths.workers, base))
    }
    this.#changed()
  }

  /** A slot points at it, or is about to: from now on a client may stay at it. */
  mayBeNamed(id: WorkerId): void {
    const record = this.get(id)
    if (record?.state.is === 'ready') this.#writing.keep(() => markLinked(this.#paths, record))
  }

  drain(id: WorkerId): void {
    this.#dispatch(id, { type: 'drain' })
  }

  /** `because`: its slot is to have another one. */
  stop(id: WorkerId, because?: RestartCause): void {
    const slot = this.get(id)?.slot
    if (because !== undefined && slot !== undefined) this.#remember(slot, because)
    this.#dispatch(id, { type: 'stop' })
  }

  /** It is ready and answers nothing any more. */
  hung(id: WorkerId, afterMs: number): void {
    const record = this.get(id)
    if (record === undefined) return
    this.#dispatch(id, { type: 'hung', afterMs, output: lastOutput(record.logFile, record.logOffset) })
  }

  /** It has more than it may have: it is killed with all it started, or another one takes its place. */
  overLimit(id: WorkerId, over: OverLimit): void {
    const record = this.get(id)
    const process = record === undefined ? undefined : processOf(record.state)
    if (record === undefined || process === undefined) return
    this.#dispatch(id, { type: 'over-limit', over, output: lastOutput(record.logFile, record.logOffset) })
    if (over.outcome === 'replaced') tellRenewal(record, over)
    if (over.outcome === 'replaced') return
    this.groups.kill(id)
    endSession(process)
  }

  /** Lets time pass: deadlines, ends of adopted workers, connections of draining ones. */
  tick(): void {
    const at = steadyNow()
    const isDraining = ({ record }: Entry): boolean => record.state.is === 'draining'
    const counts = [...this.#entries.values()].some(isDraining) ? connectionsByPath() : new Map<string, number>()
    for (const id of [...this.#entries.keys()]) {
      const record = this.lookAt(id)
      if (record?.state.is === 'draining')
        this.#dispatch(id, { type: 'counted', connections: counts.get(this.socketOf(record)) ?? 0 })
      const due = this.get(id)
      if (due !== undefined && isDue(due.state, at))
        this.#dispatch(id, {
          type: 'time-passed',
          output: lastOutput(due.logFile, due.logOffset),
          listensOn: listensOn(due.state),
        })
    }
  }

  /** When to look next although nothing happens; `soon` when only looking tells. `planned` is the moment of the last plan. */
  nextWake(planned: Millis): Millis | 'soon' | undefined {
    const entries = [...this.#entries.values()]
    if (entries.some(isLookedAfter)) return 'soon'
    const times = entries.flatMap(({ record }) => wakeAt(record.state, planned) ?? [])
    return times.length === 0 ? undefined : (Math.min(...times) as Millis)
  }

  #adoptOne(record: WorkerRecord): void {
    const process = processOf(record.state)
    this.#countGeneration(record.id)
    this.#histories.adopt(record.slot, record.history)
    this.#enter(record, 'adopted')
    if (process === undefined || !isAlive(process)) this.#exited(record.id, { code: null, signal: null })
    else log('INFO', `${record.id} adopted, pid ${process.pid}, ${record.state.is}`)
  }

  #countGeneration(id: WorkerId): void {
    const [, slot = '', generation = ''] = /^(.+)\.g(\d+)$/.exec(id) ?? []
    const known = this.#generations.get(slot as SlotId) ?? 0
    this.#generations.set(slot as SlotId, Math.max(known, Number(generation)))
  }

  #enter(record: WorkerRecord, reaping: Entry['reaping']): void {
    const asking = new AbortController()
    this.#entries.set(record.id, { record, reaping, asking })
    this.#write(record)
    if (record.state.is !== 'starting') return
    const lived = steadyNow() - record.state.since
    void untilUp(this.socketOf(record), record.ready, lived, asking.signal).then((outcome) => {
      if (outcome === 'answered') this.#dispatch(record.id, { type: 'answered', jitter: Math.random() })
    })
  }

  #exited(id: WorkerId, exit: Exit): void {
    const entry = this.#entries.get(id)
    if (entry === undefined || this.#hasLetGo) return
    const { record, reaping } = entry
    const process = processOf(record.state)
    const traces = { id, socket: this.socketOf(record) }
    // A program behind a script or npm has had SIGTERM as well, and has as long to end as the script would have.
    if (process !== undefined && record.state.is === 'stopping' && this.#goesOn(process.pid, entry, traces)) {
      if (reaping !== 'ours') return
      entry.reaping = 'left'
      this.#changed()
      return
    }
    // Its own children may go on in its group. That of one we have just reaped cannot be another one so soon.
    if (process !== undefined && reaping !== 'adopted') endGroup(process.pid)
    else if (process !== undefined) endLeftBehind(process.pid, traces, this.#paths.runtimeHome)
    const output = lastOutput(record.logFile, record.logOffset)
    const over = ['starting', 'ready'].includes(record.state.is) ? this.groups.killedFor(id) : undefined
    this.#dispatch(id, over === undefined ? { type: 'exited', exit, output } : { type: 'over-limit', over, output })
  }

  /** Whether something of the worker still runs although its first process has ended. */
  #goesOn(leader: number, { reaping }: Entry, traces: Traces): boolean {
    return reaping === 'adopted' ? isLeftBehind(leader, traces, this.#paths.runtimeHome) : groupOf(leader).length > 0
  }

  #dispatch(id: WorkerId, event: WorkerEvent): void {
    const entry = this.#entries.get(id)
    if (entry === undefined || this.#hasLetGo) return
    const before = entry.record.state
    const [state, effects] = step(before, event, steadyNow(), entry.record.policy)
    for (const effect of effects) signalGroup(effect.process, effect.signal)
    if (state === before) return
    const isEvent = before.is === 'ready' || !entry.record.isTrial
    if (state.is === 'failed' && isEvent) this.#failed(entry.record.slot, state, before.is === 'ready' ? 'crashed' : 'failed')
    entry.record = { ...entry.record, state, history: this.history(entry.record.slot) }
    if (state.is !== 'starting') entry.asking.abort()
    if (state.is !== before.is) tellState(entry.record)
    if (state.is !== 'ready' && state.is !== 'draining') unmarkLinked(this.#paths.run, entry.record)
    if (state.is === 'gone') this.#forget(entry.record)
    else this.#write(entry.record)
    if (state.is !== before.is) this.#changed()
  }

  #failed(slot: SlotId, state: WorkerState, cause: 'crashed' | 'failed'): void {
    if (state.is === 'failed') this.#histories.remember(slot, cause, state.failure)
  }

  #remember(slot: SlotId, cause: RestartCause): void {
    const states = [...this.#entries.values()].flatMap(({ record }) => (record.slot === slot ? record.state : []))
    const reason = states.map((state) => (state.is === 'ready' ? state.renewFor : undefined)).find((one) => one !== undefined)
    this.#histories.remember(slot, cause, cause === 'memory' && reason !== undefined ? { reason } : {})
  }

  #forget(record: WorkerRecord): void {
    this.#entries.delete(record.id)
    removeRecord(this.#paths.workers, record)
    rmSync(this.socketOf(record), { force: true })
  }

  #write(record: WorkerRecord): void {
    if (processOf(record.state) === undefined) removeRecord(this.#paths.workers, record)
    else this.#writing.keep(() => writeRecord(this.#paths.workers, record))
  }
}

/** Whether something is under way that tells nobody: connections that end, an adopted process that starts or ends. */
function isLookedAfter({ record: { state }, reaping }: Entry): boolean {
  return state.is === 'draining' || (reaping !== 'ours' && state.is !== 'ready' && processOf(state) !== undefined)
}

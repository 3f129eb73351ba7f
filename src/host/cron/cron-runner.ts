import type { CronAnswer } from '../../cron/answer.ts'
import { type Calendar, type NextTime, timesOf } from '../../cron/schedule.ts'
import type { CronEntry, CronEvent, CronMemory, CronOutcome, CronRun } from '../../cron/state.ts'
import { newMemory, step, wakeAt } from '../../cron/transition.ts'
import type { DesiredCronJob } from '../../desired/desired.ts'
import { later, type Millis } from '../../time.ts'
import type { Paths } from '../home/paths.ts'
import { lastOutput } from '../logs/last-output.ts'
import { log } from '../logs/logger.ts'
import { groupOf, isAlive, signalGroup } from '../process/proc.ts'
import { type CronClock, MACHINE_CLOCK } from './cron-clock.ts'
import { endModule, type ModuleStart, moduleStart } from './module-start.ts'
import {
  type CronRecord,
  exitFile,
  forgetCron,
  readCronRecords,
  readExit,
  removeExit,
  writeCronRecord,
  writtenAt,
} from './record.ts'
import { exitOf, findRun, spawnRun } from './spawn-run.ts'
import { keyOf, tell } from './tell-run.ts'

/** How often a run of a daemon before this one is looked after: nothing tells of its end. */
const LOOK_MS = 1000
/** The history of a line that is gone is kept for so long, in case it comes back. */
const KEEP_MS = 30 * 86_400_000

/** A job that is wanted, with what became of it and when it is looked at again. */
export interface KnownJob {
  readonly job: DesiredCronJob
  readonly memory: CronMemory
  readonly wake: Millis | null
}

interface Entry {
  record: CronRecord
  /** Undefined when the line is gone. */
  job: DesiredCronJob | undefined
  /** When to look again. */
  wake: Millis | null
  /** `adopted`: a run that a daemon before this one started. */
  reaping: 'ours' | 'adopted'
  /** The first process of a run that is to end has ended so, and others of its group still end. */
  left?: { readonly outcome: CronOutcome; readonly at: Millis }
}

/** The cron jobs of one runtime home. Every change of a job goes through `dispatch`, and is on disk before it has an effect. */
export class CronRunner {
  readonly #paths: Paths
  readonly #changed: () => void
  readonly #clock: CronClock
  readonly #entries = new Map<string, Entry>()
  #start: ModuleStart | undefined
  #phase: 'adopted' | 'updated' | 'stopping' | 'let-go' = 'adopted'
  #lastTick = Number.POSITIVE_INFINITY

  /** `changed` is called after each change of a job. */
  constructor(paths: Paths, changed: () => void, clock: CronClock = MACHINE_CLOCK) {
    this.#paths = paths
    this.#changed = changed
    this.#clock = clock
  }

  /** Goes on where the daemon before this one stopped: what it started is not started again. */
  adopt(): void {
    this.#start = moduleStart(this.#paths.cron, this.#clock.now())
    for (const record of readCronRecords(this.#paths.cron)) {
      const entry: Entry = { record, job: undefined, wake: null, reaping: 'adopted' }
      this.#entries.set(keyOf(record), entry)
      this.#recover(entry)
    }
  }

  /** Takes the jobs that should be. A run of a line that is gone ends by itself. */
  update(jobs: readonly DesiredCronJob[]): void {
    const wanted = new Set(jobs.map(keyOf))
    for (const job of jobs) this.#want(job)
    for (const [key, entry] of this.#entries) if (!wanted.has(key)) this.#unwant(entry)
    if (this.#phase === 'adopted') this.#phase = 'updated'
  }

  /** Lets time pass: starts what is due, and sees to runs nobody tells of. */
  tick(): void {
    if (this.#phase === 'let-go') return
    const at = this.#clock.now()
    const wentBack = at < this.#lastTick
    this.#lastTick = at
    for (const entry of this.#entries.values()) {
      const { state } = entry.record.memory
      if (entry.left !== undefined) this.#ended(entry, entry.left.outcome, entry.left.at)
      else if (entry.reaping === 'adopted' && 'process' in state && !isAlive(state.process)) this.#endUnseen(entry)
      const isDue = wentBack || (entry.wake !== null && entry.wake <= at)
      if (isDue && (this.#phase === 'updated' || state.is === 'stopping')) this.#dispatch(entry, { type: 'time-passed' })
    }
  }

  /** When to tick again although nothing happens. */
  nextWake(): Millis | undefined {
    const times = [...this.#entries.values()].flatMap(({ record, reaping, left, wake }) => {
      const isLookedAfter = left !== undefined || (reaping === 'adopted' && 'process' in record.memory.state)
      return [...(wake === null ? [] : [wake]), ...(isLookedAfter ? [later(this.#clock.now(), LOOK_MS)] : [])]
    })
    return times.length === 0 ? undefined : (Math.min(...times) as Millis)
  }

  /** Every job that is wanted, by plugin and line. */
  jobs(): readonly KnownJob[] {
    const wanted = [...this.#entries.values()].flatMap(({ record: { memory }, job, wake }) =>
      job === undefined ? [] : [{ job, memory, wake }],
    )
    return wanted.sort(({ job: one }, { job: other }) =>
      one.plugin === other.plugin ? one.line - other.line : one.plugin < other.plugin ? -1 : 1,
    )
  }

  /** Newest last; empty when there is no such job. */
  history(plugin: string, id: string): readonly CronEntry[] {
    return this.#entries.get(keyOf({ plugin, id }))?.record.memory.history ?? []
  }

  /** Starts a run now, as a person asks; not beside one that is under way. */
  runNow(plugin: string, id: string): CronAnswer {
    const entry = this.#entries.get(keyOf({ plugin, id }))
    if (entry?.job === undefined || this.#phase === 'stopping') return { is: 'unknown-job' }
    if (entry.record.memory.state.is !== 'waiting') return { is: 'runs-already' }
    const startedAt = this.#clock.now()
    this.#dispatch(entry, { type: 'asked' }, startedAt)
    return { is: 'started', startedAt }
  }

  /** Ends every run, and lets nothing begin any more. The next daemon is a start of the module. */
  stop(): void {
    this.#phase = 'stopping'
    for (const entry of this.#entries.values()) this.#dispatch(entry, { type: 'stop' })
    endModule(this.#paths.cron)
  }

  /** From now on another process sees to the jobs: nothing is started, ended or written any more. What runs goes on. */
  letGo(): void {
    this.#phase = 'let-go'
  }

  /** How many runs are under way. */
  running(): number {
    return [...this.#entries.values()].filter(({ record }) => record.memory.state.is !== 'waiting').length
  }

  #recover(entry: Entry): void {
    const { record } = entry
    const { state } = record.memory
    if (state.is === 'waiting') {
      removeExit(this.#paths.cron, record)
      return
    }
    const process = state.is === 'starting' ? findRun(record, state.run, this.#paths.runtimeHome) : state.process
    if (process === undefined || !isAlive(process)) {
      this.#endUnseen(entry)
      return
    }
    if (state.is === 'starting') this.#dispatch(entry, { type: 'spawned', process, outputFrom: 0 })
    log('INFO', `cron job ${keyOf(record)} still runs, pid ${process.pid}`)
  }

  #want(job: DesiredCronJob): void {
    const entry = this.#entries.get(keyOf(job))
    if (entry === undefined || this.#isForgotten(entry)) {
      this.#add(job)
      return
    }
    const { job: before, record } = entry
    entry.job = job
    if (record.wanted && before !== undefined && timesKey(before) === timesKey(job)) return
    // While the line was gone, nothing was due.
    const memory = record.wanted ? record.memory : { ...record.memory, handled: this.#handledBefore(job) }
    entry.record = { ...record, wanted: true, memory }
    this.#settle(entry)
  }

  #add(job: DesiredCronJob): void {
    const { plugin, id, logFile } = job
    const record: CronRecord = { plugin, id, wanted: true, logFile, memory: newMemory(this.#handledBefore(job)) }
    const entry: Entry = { record, job, wake: null, reaping: 'ours' }
    this.#entries.set(keyOf(job), entry)
    this.#settle(entry)
  }

  /** Whether somebody removed the history of a line that is gone: `plugins.uninstall --clean`. */
  #isForgotten({ record }: Entry): boolean {
    const { wanted, memory } = record
    return !wanted && memory.state.is === 'waiting' && writtenAt(this.#paths.cron, record) === undefined
  }

  /** A new job is due from now on; `@reboot` also for a start of the module that nobody but this daemon has seen. */
  #handledBefore({ schedule }: DesiredCronJob): Millis {
    const start = this.#phase === 'adopted' && this.#start?.by === 'this-daemon' ? this.#start.at : undefined
    return schedule.at === 'start' && start !== undefined ? later(start, -1) : this.#clock.now()
  }

  #unwant(entry: Entry): void {
    const { record } = entry
    entry.job = undefined
    entry.wake = null
    if (record.wanted) {
      entry.record = { ...record, wanted: false }
      this.#write(entry.record)
      return
    }
    const written = writtenAt(this.#paths.cron, record)
    if (record.memory.state.is !== 'waiting' || (written !== undefined && this.#clock.now() - written < KEEP_MS)) return
    forgetCron(this.#paths.cron, record)
    this.#entries.delete(keyOf(record))
  }

  #next(entry: Entry): NextTime {
    const { job } = entry
    if (job === undefined) return () => null
    const calendar: Calendar = { zone: job.zone ?? this.#clock.zone, moduleStart: this.#start?.at ?? this.#clock.now() }
    return timesOf(job.schedule, calendar)
  }

  #settle(entry: Entry): void {
    entry.wake = wakeAt(entry.record.memory, this.#next(entry))
    this.#write(entry.record)
  }

  #dispatch(entry: Entry, event: CronEvent, at = this.#clock.now()): void {
    const before = entry.record.memory
    const next = this.#next(entry)
    const [memory, effects] = step(before, event, at, next)
    if (memory === before && effects.length === 0) return
    entry.record = { ...entry.record, memory }
    entry.wake = wakeAt(memory, next)
    const written = this.#write(entry.record)
    for (const effect of effects) {
      if (effect.do === 'signal') signalGroup(effect.process, effect.signal)
      else if (written === 'written') this.#spawn(entry, effect.run)
      else this.#dispatch(entry, ended(at, { is: 'not-started', message: written }, ''))
    }
    tell(entry.record, before)
    this.#changed()
  }

  #spawn(entry: Entry, run: CronRun): void {
    const { job } = entry
    if (job === undefined) return
    entry.reaping = 'ours'
    const spawned = spawnRun(job, run, exitFile(this.#paths.cron, job), (outcome) =>
      this.#ended(entry, outcome, this.#clock.now()),
    )
    if (spawned !== undefined) this.#dispatch(entry, { type: 'spawned', ...spawned })
  }

  #endUnseen(entry: Entry): void {
    const left = readExit(this.#paths.cron, entry.record)
    if (left === undefined) this.#ended(entry, { is: 'unseen' }, this.#clock.now())
    else this.#ended(entry, { is: 'exited', exit: exitOf(left.code) }, left.at)
  }

  #ended(entry: Entry, outcome: CronOutcome, at: Millis): void {
    // What the run left is for the process that goes on with it.
    if (this.#phase === 'let-go') return
    const { memory, logFile } = entry.record
    const { state } = memory
    if (state.is === 'stopping' && groupOf(state.process.pid).length > 0) {
      entry.left = { outcome, at }
      return
    }
    delete entry.left
    const output = 'outputFrom' in state ? lastOutput(logFile, state.outputFrom) : ''
    this.#dispatch(entry, ended(at, outcome, output))
    // A later run must not be taken for ended with this exit code.
    removeExit(this.#paths.cron, entry.record)
  }

  /** A disk that is full must not end the daemon; the reason comes back, and what is not written down is not started. */
  #write(record: CronRecord): string {
    try {
      writeCronRecord(this.#paths.cron, record)
      return 'written'
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log('ERROR', `cron job ${keyOf(record)} could not be written down: ${reason}`)
      return reason
    }
  }
}

function timesKey({ schedule, zone }: DesiredCronJob): string {
  return JSON.stringify([schedule, zone])
}

function ended(at: Millis, outcome: CronOutcome, output: string): CronEvent {
  return { type: 'ended', at, outcome, output }
}

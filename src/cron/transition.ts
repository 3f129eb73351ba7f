import { later, type Millis } from '../time.ts'
import { dueTimes, type NextTime } from './schedule.ts'
import type { CronEffect, CronEntry, CronEvent, CronMemory, CronOutcome, CronRun, CronState, CronStep } from './state.ts'

/** A run that nobody could start in time is started this much late, and no later. */
const LATE_BY_AT_MOST_MS = 60_000
/** A clock that goes back further than this was corrected, and the new time counts (cron does the same). */
const CORRECTED_FROM_MS = 3 * 3_600_000
/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 10_000
const MOST_ENTRIES = 50
const MOST_OUTPUTS = 10

/** A job nobody has seen before: what was due until `handled` is none of its business. */
export function newMemory(handled: Millis): CronMemory {
  return { handled, state: { is: 'waiting' }, runs: 0, failed: 0, skipped: 0, missed: 0, history: [] }
}

/** The only place where a job changes. `now` and the due times are arguments: nothing here reads a clock. */
export function step(memory: CronMemory, event: CronEvent, now: Millis, next: NextTime): CronStep {
  switch (event.type) {
    case 'time-passed':
      return timePassed(memory, now, next)
    case 'asked':
      return memory.state.is === 'waiting' ? start(memory, { due: null, startedAt: now }) : [memory, []]
    case 'spawned':
      return [{ ...memory, state: spawned(memory.state, event) }, []]
    case 'ended':
      return [ended(memory, event), []]
    case 'stop':
      return stop(memory, now)
    default:
      return event satisfies never
  }
}

/** When to look at a job again although nothing happens; null when only an event can change it. */
export function wakeAt({ handled, state }: CronMemory, next: NextTime): Millis | null {
  const due = next(handled)
  if (state.is !== 'stopping') return due
  return due === null ? state.killAt : (Math.min(state.killAt, due) as Millis)
}

function timePassed(memory: CronMemory, now: Millis, next: NextTime): CronStep {
  const { state } = memory
  const isLate = state.is === 'stopping' && now >= state.killAt
  const [killed, signals]: CronStep = isLate
    ? [
        { ...memory, state: { ...state, killAt: later(now, GRACE_MS) } },
        [{ do: 'signal', process: state.process, signal: 'SIGKILL' }],
      ]
    : [memory, []]
  const corrected = killed.handled - now > CORRECTED_FROM_MS ? { ...killed, handled: now } : killed
  const due = dueTimes(next, corrected.handled, now)
  const last = due.at(-1)
  if (last === undefined) return [corrected, signals]
  const [after, effects] = becameDue({ ...corrected, handled: last }, due, now)
  return [after, [...signals, ...effects]]
}

function becameDue(memory: CronMemory, due: readonly Millis[], now: Millis): CronStep {
  if (memory.state.is !== 'waiting') return [count(memory, 'skipped', due), []]
  const last = memory.handled
  if (now - last > LATE_BY_AT_MOST_MS) return [count(memory, 'missed', due), []]
  return start(count(memory, 'missed', due.slice(0, -1)), { due: last, startedAt: now })
}

function start(memory: CronMemory, run: CronRun): CronStep {
  return [{ ...memory, state: { is: 'starting', run } }, [{ do: 'start', run }]]
}

/** One absence, or one run that takes too long, is one entry. */
function count(memory: CronMemory, is: 'skipped' | 'missed', due: readonly Millis[]): CronMemory {
  const [first, last] = [due[0], due.at(-1)]
  if (first === undefined || last === undefined) return memory
  const newest = memory.history.at(-1)
  const goesOn = newest?.is === is
  const entry: CronEntry = goesOn ? { ...newest, count: newest.count + due.length, last } : { is, count: due.length, first, last }
  const before = goesOn ? memory.history.slice(0, -1) : memory.history
  return { ...memory, [is]: memory[is] + due.length, history: bounded([...before, entry]) }
}

function spawned(state: CronState, { process, outputFrom }: Extract<CronEvent, { type: 'spawned' }>): CronState {
  return state.is === 'starting' ? { is: 'running', run: state.run, process, outputFrom } : state
}

function ended(memory: CronMemory, { at, outcome, output }: Extract<CronEvent, { type: 'ended' }>): CronMemory {
  if (memory.state.is === 'waiting') return memory
  const entry: CronEntry = { is: 'ran', run: memory.state.run, endedAt: at, outcome, output }
  return {
    ...memory,
    state: { is: 'waiting' },
    runs: memory.runs + 1,
    failed: memory.failed + (isFailure(outcome) ? 1 : 0),
    history: bounded([...memory.history, entry]),
  }
}

/** An end that nobody saw counts as neither. */
export function isFailure(outcome: CronOutcome): boolean {
  return outcome.is === 'not-started' || (outcome.is === 'exited' && outcome.exit.code !== 0)
}

function stop(memory: CronMemory, now: Millis): CronStep {
  const { state } = memory
  if (state.is !== 'running') return [memory, []]
  const { run, process, outputFrom } = state
  const signal: CronEffect = { do: 'signal', process, signal: 'SIGTERM' }
  return [{ ...memory, state: { is: 'stopping', run, process, outputFrom, killAt: later(now, GRACE_MS) } }, [signal]]
}

/** The newest entries, and the output of the newest runs among them. */
function bounded(history: readonly CronEntry[]): readonly CronEntry[] {
  const kept = history.slice(-MOST_ENTRIES)
  const silent = kept.filter(({ is }) => is === 'ran').length - MOST_OUTPUTS
  let ran = 0
  return kept.map((entry) => {
    if (entry.is !== 'ran') return entry
    ran += 1
    return ran <= silent ? { ...entry, output: '' } : entry
  })
}

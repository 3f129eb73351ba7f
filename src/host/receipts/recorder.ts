import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../../config/settings.ts'
import type { Margin, Observed } from '../../receipt/judge.ts'
import { Tally } from '../../receipt/measure.ts'
import type { Change, Outcome, Phase, Receipt } from '../../receipt/receipt.ts'
import type { RequestLine } from '../../receipt/request-line.ts'
import { later, type Millis } from '../../time.ts'
import type { Paths } from '../home/paths.ts'
import { AccessLogReader } from '../logs/access-log-reader.ts'
import { now } from '../process/clock.ts'
import { connectionsByPath } from '../process/connections.ts'
import { PeakMemory } from '../workers/peak-memory.ts'
import { appendHistory, readHistory } from './history.ts'

export interface Recording {
  readonly plugin: string
  readonly what: Change
  readonly from: string
  readonly paths: Paths
  readonly settings: Pick<Settings, 'releases' | 'nginx'>
  /** Seconds before the change that are measured, and after it unless the change is done sooner; `watch_seconds` unless given. */
  readonly seconds?: number
}

/** So long after a change of links nginx may still use a connection that it has kept to a worker of before (`keepalive_time`). */
export const KEPT_CONNECTION_MS = 1000

/** A span of time that requests are counted in. Lines come at most in the order of their writing, so its end may be said later. */
interface Span {
  readonly from: Millis
  to: Millis | undefined
  /** Of those that ended in it. */
  readonly accepts: (line: RequestLine) => boolean
  readonly tally: Tally
}

export interface Compared {
  readonly before: Observed
  readonly after: Observed
  /** Undefined when there was none. */
  readonly canary: Observed | undefined
}

/**
 * Notes what a change of a plugin does to its requests, from the moment it is made until `finish`, which keeps the receipt in
 * the history. One that is not finished must be closed.
 */
export class Recorder {
  readonly #recording: Recording
  readonly #began: Millis
  readonly #reader: AccessLogReader
  readonly #memory: PeakMemory
  readonly #phases: Phase[] = []
  readonly #spans = new Set<Span>()
  readonly #before: Span
  /** To the end of the last old worker. */
  readonly #during: Span
  /** To the end of everything, the way back included. */
  readonly #whole: Span
  #after: Span | undefined
  #canary: Span | undefined

  private constructor(recording: Recording) {
    const { plugin, paths, settings } = recording
    this.#recording = recording
    this.#began = now()
    const back = later(this.#began, -1000 * (recording.seconds ?? settings.releases.watch_seconds))
    const since = Math.max(back, aloneSince(plugin, paths)) as Millis
    this.#before = this.#open(since, begunSince(since))
    this.#before.to = this.#began
    this.#during = this.#open(this.#began)
    this.#whole = this.#open(this.#began)
    this.#memory = PeakMemory.start(plugin, paths)
    const onRequest = (line: RequestLine): void => this.#count(line)
    this.#reader = AccessLogReader.open({ file: join(paths.log, 'nginx_access.log'), plugin, since, onRequest })
  }

  static start(recording: Recording): Recorder {
    return new Recorder(recording)
  }

  /** Runs one step of the change and notes how long it took, also when it fails. */
  async phase<T>(name: string, act: () => T | Promise<T>): Promise<T> {
    const began = performance.now()
    try {
      return await act()
    } finally {
      this.#phases.push({ name, ms: Math.round(performance.now() - began) })
    }
  }

  /** The last old worker has ended: what begins from now on is the new version's alone. */
  oldHasEnded(): void {
    const at = now()
    this.#during.to ??= at
    this.#after = this.#open(at, begunSince(at))
  }

  /** The new version has some of the slots: what begins from now on and `accepts` knows by its link is its own. */
  canaryBegan(accepts: (line: RequestLine) => boolean): void {
    const at = now()
    const isBegun = begunSince(at)
    this.#canary = this.#open(at, (line) => isBegun(line) && accepts(line))
  }

  canaryEnded(): void {
    if (this.#canary !== undefined) this.#canary.to ??= now()
  }

  /** The new version is not watched any longer. What follows, such as the way back, is not counted for it. */
  watched(): void {
    if (this.#after !== undefined) this.#after.to ??= now()
  }

  /** What is known by now: nginx may write the last second of it still. */
  soFar(): Compared {
    return this.#compare(now())
  }

  /** For a verdict: answers once every request that has ended by now is counted. */
  async measured(): Promise<Compared> {
    const at = now()
    const unanswered = this.#openConnections()
    await this.#reader.settled(at)
    return this.#compare(at, unanswered)
  }

  #compare(at: Millis, unanswered = 0): Compared {
    const after = this.#after === undefined ? NOTHING : observed(this.#after, at)
    return {
      before: observed(this.#before, at),
      after: { ...after, measured: { ...after.measured, unanswered } },
      canary: this.#canary === undefined ? undefined : observed(this.#canary, at),
    }
  }

  /** Ends what was not ended, waits until every request is counted, and keeps the receipt in the history. */
  async finish(to: string, outcome: Outcome): Promise<Receipt> {
    const { plugin, what, from, paths, settings } = this.#recording
    const at = now()
    this.#during.to ??= at
    this.#whole.to ??= at
    this.watched()
    this.canaryEnded()
    const peak = this.#memory.stop()
    try {
      const { before, after, canary } = await this.measured()
      const receipt: Receipt = {
        plugin,
        what,
        from,
        to,
        at: this.#began,
        phases: this.#phases,
        before: before.measured,
        during: observed(outcome.is === 'done' ? this.#during : this.#whole, at).measured,
        after: after.measured,
        ...(canary === undefined ? {} : { canary: canary.measured }),
        accessLog: settings.nginx.logging && settings.nginx.flag ? 'on' : 'off',
        memoryBeforeBytes: this.#memory.beforeBytes,
        memoryPeakBytes: peak,
        outcome,
      }
      appendHistory(receipt, settings.releases.history, paths)
      return receipt
    } finally {
      this.close()
    }
  }

  close(): void {
    this.#reader.close()
    this.#memory.stop()
  }

  /** Connections of nginx to the workers and holds of the plugin: requests without an answer, but for those kept a second. */
  #openConnections(): number {
    const { plugin, paths } = this.#recording
    const isOurs = (path: string): boolean => ['.', '/'].some((after) => path.startsWith(join(paths.run, `${plugin}${after}`)))
    return [...connectionsByPath()].reduce((sum, [path, count]) => sum + (isOurs(path) ? count : 0), 0)
  }

  #open(from: Millis, accepts = (_line: RequestLine): boolean => true): Span {
    const span: Span = { from, to: undefined, accepts, tally: new Tally() }
    this.#spans.add(span)
    return span
  }

  #count(line: RequestLine): void {
    for (const { from, to, accepts, tally } of this.#spans)
      if (line.at >= from && (to === undefined || line.at < to) && accepts(line)) tally.add(line)
  }
}

/** The settings of [releases] that say how much worse a new version may be. */
export function marginOf({ releases }: Pick<Settings, 'releases'>): Margin {
  return {
    errorPoints: releases.watch_error_margin,
    latencyFactor: releases.watch_latency_factor,
    latencyFloorMs: releases.watch_latency_floor_ms,
  }
}

/**
 * Since when the version that is in force has had all requests of its plugin: since it came into force, and since the last
 * change of it has ended, which may have tried another one.
 */
function aloneSince(plugin: string, paths: Paths): number {
  const inForce = lstatSync(join(paths.plugins, plugin), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const last = readHistory(plugin, paths).at(-1)
  const ended = last === undefined ? 0 : last.at + last.phases.reduce((sum, { ms }) => sum + ms, 0)
  return Math.ceil(Math.max(inForce, ended)) + KEPT_CONNECTION_MS
}

/** A request belongs to the version that had it from its beginning. */
function begunSince(from: Millis): (line: RequestLine) => boolean {
  return ({ at, durationMs }) => at - durationMs >= from
}

const NOTHING = observeNothing()

function observeNothing(): Observed {
  const tally = new Tally()
  return { measured: tally.measured(0), tally }
}

function observed({ from, to, tally }: Span, at: Millis): Observed {
  return { measured: tally.measured(Math.max(0, (to ?? at) - from) / 1000), tally }
}

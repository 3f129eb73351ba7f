import { join } from 'node:path'
import type { Settings } from '../config/settings.ts'
import type { Margin } from '../release/judge.ts'
import { type Measured, Tally } from '../release/measure.ts'
import type { Change, Outcome, Phase, Receipt } from '../release/receipt.ts'
import type { RequestLine } from '../release/request-line.ts'
import { later, type Millis } from '../worker/state.ts'
import { AccessLogReader } from './access-log-reader.ts'
import { now } from './clock.ts'
import { connectionsByPath } from './connections.ts'
import { appendHistory } from './history.ts'
import type { Paths } from './paths.ts'
import { PeakMemory } from './plugin-memory.ts'

export interface Recording {
  readonly plugin: string
  readonly what: Change
  readonly from: string
  readonly paths: Paths
  readonly settings: Pick<Settings, 'releases' | 'nginx'>
  /** Seconds before the change that are measured, and after it unless the change is done sooner; `watch_seconds` unless given. */
  readonly seconds?: number
}

/** A span of time that requests are counted in. Lines come at most in the order of their writing, so its end may be said later. */
interface Span {
  readonly from: Millis
  to: Millis | undefined
  readonly accepts: (line: RequestLine) => boolean
  readonly tally: Tally
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
  readonly #during: Span
  #after: Span | undefined
  #canary: Span | undefined

  private constructor(recording: Recording) {
    const { plugin, paths, settings } = recording
    this.#recording = recording
    this.#began = now()
    const since = later(this.#began, -1000 * (recording.seconds ?? settings.releases.watch_seconds))
    this.#before = this.#open(since, this.#began)
    this.#during = this.#open(this.#began)
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

  /** The new version takes the requests from now on. */
  swapped(): void {
    this.#after = this.#open(now())
  }

  /** The new version takes some of the requests from now on: those that `accepts` knows by their link. Ends with `swapped`. */
  canaryBegan(accepts: (line: RequestLine) => boolean): void {
    this.#canary = this.#open(now(), undefined, accepts)
  }

  canaryEnded(): void {
    if (this.#canary !== undefined) this.#canary.to ??= now()
  }

  /** The new version is not watched any longer. What follows, such as the way back, is not counted for it. */
  watched(): void {
    if (this.#after !== undefined) this.#after.to ??= now()
  }

  /** The last old worker has ended, or the change has failed: what follows is no longer its doing. */
  ended(): void {
    this.#during.to ??= now()
  }

  /** For a verdict: answers once every request that has ended by now is counted. */
  async measured(): Promise<{ readonly before: Measured; readonly after: Measured; readonly canary: Measured | undefined }> {
    const at = now()
    const unanswered = this.#openConnections()
    await this.#reader.settled(at)
    return {
      before: measuredOf(this.#before, at),
      after: this.#after === undefined ? NOTHING : { ...measuredOf(this.#after, at), unanswered },
      canary: this.#canary === undefined ? undefined : measuredOf(this.#canary, at),
    }
  }

  /** Ends what was not ended, waits until every request is counted, and keeps the receipt in the history. */
  async finish(to: string, outcome: Outcome): Promise<Receipt> {
    const { plugin, what, from, paths, settings } = this.#recording
    this.ended()
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
        before,
        during: measuredOf(this.#during, now()),
        after,
        ...(canary === undefined ? {} : { canary }),
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
    const ours = join(paths.run, `${plugin}.`)
    return [...connectionsByPath()].reduce((sum, [path, count]) => sum + (path.startsWith(ours) ? count : 0), 0)
  }

  #open(from: Millis, to?: Millis, accepts = (_line: RequestLine): boolean => true): Span {
    const span = { from, to, accepts, tally: new Tally() }
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

const NOTHING: Measured = new Tally().measured(0)

function measuredOf({ from, to, tally }: Span, at: Millis): Measured {
  return tally.measured(((to ?? at) - from) / 1000)
}

import { type CountedRequest, type Measured, Tally } from '../receipt/measure.ts'
import type { Millis } from '../time.ts'
import type { AccessLine } from './access.ts'

/** From when to when; a request counts that was under way at any moment of it. */
export interface Span {
  readonly from: Millis
  readonly to: Millis
}

/** Requests of one app, or of one path of it. */
export interface SlowGroup {
  /** `blog/main`, or what nginx answered by itself. */
  readonly app: string
  /** Undefined for the app as a whole. */
  readonly path: string | undefined
  readonly totalMs: number
  readonly measured: Measured
}

export interface SlowReport {
  readonly requests: number
  /** The slowest first. */
  readonly slowest: readonly AccessLine[]
  /** What took most time in sum first. */
  readonly apps: readonly SlowGroup[]
  readonly paths: readonly SlowGroup[]
  /** Requests whose path was one too many to be counted by itself. */
  readonly otherPaths: number
}

/** So many different paths are counted apart: an app may have one for each of its things. */
const MOST_PATHS = 5000
const SWITCHED_PROTOCOLS = 101

export function isWithin({ at, durationMs }: AccessLine, { from, to }: Span): boolean {
  return at >= from && at - durationMs < to
}

/** Takes requests one by one and keeps the slowest; what it needs is bounded however many there are. */
export class Slow {
  readonly #most: number
  readonly #slowest: AccessLine[] = []
  readonly #apps = new Map<string, Group>()
  readonly #paths = new Map<string, Group>()
  #requests = 0
  #otherPaths = 0

  constructor(most: number) {
    this.#most = most
  }

  add(line: AccessLine): void {
    this.#requests += 1
    // A websocket is open for long, and nobody waits for it.
    if (line.status !== SWITCHED_PROTOCOLS) this.#keep(line)
    const app = line.app === '' ? line.plugin : `${line.plugin}/${line.app}`
    const path = line.uri.replace(/\?.*$/s, '')
    group(this.#apps, app, app, undefined).add(line)
    const key = `${app} ${path}`
    if (this.#paths.size < MOST_PATHS || this.#paths.has(key)) group(this.#paths, key, app, path).add(line)
    else this.#otherPaths += 1
  }

  report({ from, to }: Span): SlowReport {
    const seconds = Math.max(0, to - from) / 1000
    const told = (groups: ReadonlyMap<string, Group>): readonly SlowGroup[] =>
      [...groups.values()]
        .sort((one, other) => other.totalMs - one.totalMs)
        .slice(0, this.#most)
        .map((one) => one.told(seconds))
    return {
      requests: this.#requests,
      slowest: this.#slowest,
      apps: told(this.#apps),
      paths: told(this.#paths),
      otherPaths: this.#otherPaths,
    }
  }

  #keep(line: AccessLine): void {
    const last = this.#slowest.at(-1)
    if (this.#slowest.length >= this.#most && (last === undefined || line.durationMs <= last.durationMs)) return
    const place = this.#slowest.findIndex(({ durationMs }) => durationMs < line.durationMs)
    this.#slowest.splice(place < 0 ? this.#slowest.length : place, 0, line)
    if (this.#slowest.length > this.#most) this.#slowest.pop()
  }
}

class Group {
  readonly #app: string
  readonly #path: string | undefined
  readonly #tally = new Tally()
  totalMs = 0

  constructor(app: string, path: string | undefined) {
    this.#app = app
    this.#path = path
  }

  add(line: CountedRequest): void {
    this.#tally.add(line)
    if (line.status !== SWITCHED_PROTOCOLS) this.totalMs += line.durationMs
  }

  told(seconds: number): SlowGroup {
    return { app: this.#app, path: this.#path, totalMs: this.totalMs, measured: this.#tally.measured(seconds) }
  }
}

function group(groups: Map<string, Group>, key: string, app: string, path: string | undefined): Group {
  const known = groups.get(key)
  if (known !== undefined) return known
  const made = new Group(app, path)
  groups.set(key, made)
  return made
}

import { type CountedRequest, KINDS, type Kind } from './request.ts'

/** Upper bounds in seconds. nginx measures milliseconds. */
export const BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const

/** Where names go that are too many, or that no plugin can have: a plugin may write what it likes into its lines. */
export const OTHER = '#other#'
const MOST_APPS = 10_000
const NAME = /^[\w#@.-]{0,100}$/
/** A websocket is open for long, and nobody waits for it. */
const SWITCHED_PROTOCOLS = 101

/** What RFC 9110 and its companions know, and what nginx has of its own. Others count by their class. */
const STATUSES: ReadonlySet<number> = new Set([
  ...[100, 101, 102, 103, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308],
  ...[400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425],
  ...[426, 428, 429, 431, 444, 451, 494, 495, 496, 497, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511],
])

/** What is known of the requests of one app, or of those of a plugin that no app was asked for. */
export interface AppCounts {
  readonly plugin: string
  readonly app: string
  /** `app 200` → how many. */
  readonly requests: Readonly<Record<string, number>>
  /** How many took up to so long, each bucket without those before it; the last has no bound. */
  readonly buckets: readonly number[]
  readonly durationMs: number
  readonly receivedBytes: number
  readonly sentBytes: number
}

/** Counts requests one by one and keeps none: what it needs is bounded however many there are, and whatever they say. */
export class Counts {
  readonly #plugins = new Map<string, Map<string, Counter>>()
  #apps = 0

  static from(kept: readonly AppCounts[]): Counts {
    const counts = new Counts()
    for (const one of kept) counts.#counter(one.plugin, one.app).restore(one)
    return counts
  }

  add(request: CountedRequest): void {
    const known = this.#plugins.get(request.plugin)?.get(request.app)
    const counter = known ?? this.#counter(request.plugin, request.app)
    counter.add(request)
  }

  all(): readonly AppCounts[] {
    return [...this.#plugins].flatMap(([plugin, apps]) => [...apps].map(([app, counter]) => ({ plugin, app, ...counter.told() })))
  }

  #counter(plugin: string, app: string): Counter {
    const isTooMany = this.#apps >= MOST_APPS && this.#plugins.get(plugin)?.has(app) !== true
    if (isTooMany || !NAME.test(plugin) || !NAME.test(app)) return this.#named(OTHER, '')
    return this.#named(plugin, app)
  }

  #named(plugin: string, app: string): Counter {
    const apps = this.#plugins.get(plugin) ?? new Map<string, Counter>()
    const known = apps.get(app)
    if (known !== undefined) return known
    const made = new Counter()
    this.#plugins.set(ownText(plugin), apps.set(ownText(app), made))
    this.#apps += 1
    return made
  }
}

/** A text that was cut out of a line keeps that line in memory, and all that was read with it. */
function ownText(text: string): string {
  return [...text].join('')
}

class Counter {
  /** By kind and status, as `keyOf` has it. */
  readonly #requests = new Map<number, number>()
  readonly #buckets = new Array<number>(BUCKETS.length + 1).fill(0)
  #durationMs = 0
  #receivedBytes = 0
  #sentBytes = 0

  add({ kind, status, durationMs, receivedBytes, sentBytes }: CountedRequest): void {
    const key = keyOf(kind, status)
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1)
    this.#receivedBytes += receivedBytes
    this.#sentBytes += sentBytes
    if (status === SWITCHED_PROTOCOLS) return
    const bucket = bucketOf(durationMs)
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
    this.#durationMs += durationMs
  }

  restore({ requests, buckets, durationMs, receivedBytes, sentBytes }: AppCounts): void {
    for (const [name, count] of Object.entries(requests)) {
      const [kind = '', status = ''] = name.split(' ')
      const known = KINDS.find((one) => one === kind)
      if (known !== undefined) this.#requests.set(KINDS.indexOf(known) * CODES + codeOf(status), count)
    }
    for (const [index, count] of buckets.entries()) if (index in this.#buckets) this.#buckets[index] = count
    this.#durationMs = durationMs
    this.#receivedBytes = receivedBytes
    this.#sentBytes = sentBytes
  }

  told(): Omit<AppCounts, 'plugin' | 'app'> {
    return {
      requests: Object.fromEntries([...this.#requests].map(([key, count]) => [nameOf(key), count])),
      buckets: [...this.#buckets],
      durationMs: this.#durationMs,
      receivedBytes: this.#receivedBytes,
      sentBytes: this.#sentBytes,
    }
  }
}

const CODES = 1000

/** Of a status that is not known only the class counts: 0 to 9. */
function keyOf(kind: Kind, status: number): number {
  const code = STATUSES.has(status) ? status : Math.min(9, Math.floor(status / 100))
  return KINDS.indexOf(kind) * CODES + code
}

function nameOf(key: number): string {
  const code = key % CODES
  const status = code >= 10 ? String(code) : code === 0 ? 'none' : `${code}xx`
  return `${KINDS[Math.floor(key / CODES)]} ${status}`
}

function codeOf(status: string): number {
  return status === 'none' ? 0 : Number.parseInt(status, 10)
}

function bucketOf(ms: number): number {
  let index = 0
  while (index < BUCKETS.length && ms > (BUCKETS[index] ?? 0) * 1000) index += 1
  return index
}

import type { CountedRequest } from '../requests/request.ts'

/** What fits into a datagram on every network. */
const MOST_BYTES = 1400
/** Of different durations between two flushes. What is more is counted, and its duration is not told. */
const MOST_TIMES = 5000
const NAME = /^[\w#@.-]{1,100}$/

/**
 * Gathers what MFSERV told Telegraf of each request: the counter `request_counter` and the timing `request_timer`, with the tags
 * `plugin`, `app`, `type` (`static` or `dynamic`) and `status_code`. Equal lines are one, with how often as their sample rate.
 */
export class Statsd {
  readonly #counts = new Map<string, number>()
  readonly #times = new Map<string, number>()

  add({ plugin, app, kind, status, durationMs }: CountedRequest): void {
    if (!NAME.test(plugin)) return
    const type = kind === 'app' || kind === 'held' ? 'dynamic' : 'static'
    const ofApp = NAME.test(app) ? `,app=${app}` : ''
    const tags = `plugin=${plugin}${ofApp},type=${type},status_code=${status}`
    this.#counts.set(tags, (this.#counts.get(tags) ?? 0) + 1)
    const time = `request_timer,${tags}:${durationMs}|ms`
    const known = this.#times.get(time)
    if (known !== undefined || this.#times.size < MOST_TIMES) this.#times.set(time, (known ?? 0) + 1)
  }

  /** What was added since the last time, as datagrams. */
  flush(): readonly string[] {
    const lines = [
      ...[...this.#counts].map(([tags, count]) => `request_counter,${tags}:${count}|c`),
      ...[...this.#times].map(([line, count]) => (count === 1 ? line : `${line}|@${1 / count}`)),
    ]
    this.#counts.clear()
    this.#times.clear()
    return packed(lines)
  }
}

function packed(lines: readonly string[]): readonly string[] {
  const datagrams: string[] = []
  let last = ''
  for (const line of lines) {
    if (last !== '' && last.length + 1 + line.length > MOST_BYTES) {
      datagrams.push(last)
      last = ''
    }
    last = last === '' ? line : `${last}\n${line}`
  }
  return last === '' ? datagrams : [...datagrams, last]
}

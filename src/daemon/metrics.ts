import type { Config } from '../config/config.ts'
import type { Paths } from '../host/home/paths.ts'
import { readTrouble, writeWanted } from '../host/metrics/between.ts'
import { now } from '../host/process/clock.ts'
import { Problem } from '../problem.ts'
import type { Millis } from '../time.ts'
import { Helper } from './helper.ts'

/** Counts requests and serves /metrics where [metrics] says, in a process of its own. */
export class Metrics {
  readonly #paths: Paths
  readonly #config: () => Config
  readonly #changed: () => void
  readonly #helper: Helper
  #problem: Problem | undefined
  /** Since when it is wanted. */
  #since: Millis | undefined

  /** `changed` is called when something else is wrong with it than before. */
  constructor(paths: Paths, config: () => Config, changed: () => void) {
    this.#paths = paths
    this.#config = config
    this.#changed = changed
    this.#helper = new Helper(paths.log, 'metrics', 'the counting of requests')
  }

  /** Why the page is not served where it is wanted. */
  get problem(): Problem | undefined {
    return this.#problem
  }

  /** Looks again and again, until it is closed. */
  watch(): { readonly close: () => void } {
    return this.#helper.watch(() => this.look())
  }

  look(): void {
    const { settings } = this.#config()
    const { metrics, nginx } = settings
    const isWanted = metrics.listen !== '' || metrics.statsd !== '' || metrics.otlp !== ''
    this.#since = isWanted ? (this.#since ?? now()) : undefined
    const since = this.#since ?? now()
    // What the page is made from besides the counts.
    const { logging, listen, port, https_port, https_redirect } = nginx
    const wanted = JSON.stringify([metrics, logging, listen, port, https_port, https_redirect])
    this.#helper.look(isWanted ? wanted : '', () => writeWanted({ settings, since }, this.#paths))
    this.#hear(metrics.listen === '' ? undefined : readTrouble(this.#helper.pid, this.#paths))
  }

  #hear(said: Problem | undefined): void {
    if (said?.message === this.#problem?.message) return
    const { where } = { where: undefined, ...this.#config().texts.get('metrics')?.get('listen')?.from }
    this.#problem = said === undefined ? undefined : new Problem(said.code, said.message, said.fix, where)
    this.#changed()
  }
}

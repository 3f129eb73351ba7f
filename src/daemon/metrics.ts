import type { Config } from '../config/config.ts'
import { now } from '../host/process/clock.ts'
import { Problem } from '../problem.ts'
import type { Millis } from '../time.ts'
import { Helper } from './helper.ts'

const LOOK_MS = 1000

/** Counts requests and serves /metrics where [metrics] says, in a process of its own. */
export class Metrics {
  readonly #config: () => Config
  readonly #changed: () => void
  readonly #helper: Helper
  #problem: Problem | undefined
  /** Since when it is wanted: where nothing was counted before, the requests from then on are. */
  #since: Millis | undefined

  /** `changed` is called when something else is wrong with it than before. */
  constructor(directory: string, config: () => Config, changed: () => void) {
    this.#config = config
    this.#changed = changed
    const hear = (said: unknown): void => this.#hear(said)
    this.#helper = new Helper({ directory, command: 'metrics', what: 'the counting of requests', hear })
  }

  /** Why the page is not served where it is wanted. */
  get problem(): Problem | undefined {
    return this.#problem
  }

  /** Looks again and again, until it is closed. */
  watch(): { readonly close: () => void } {
    const timer = setInterval(() => this.look(), LOOK_MS)
    this.look()
    return {
      close: () => {
        clearInterval(timer)
        this.#helper.end()
      },
    }
  }

  look(): void {
    const { settings } = this.#config()
    const { metrics, nginx } = settings
    const isWanted = metrics.listen !== ''
    if (!isWanted) this.#hear(null)
    this.#since = isWanted ? (this.#since ?? now()) : undefined
    // What the page is made from besides the counts.
    const { logging, listen, port, https_port, https_redirect } = nginx
    const wanted = JSON.stringify([metrics, logging, listen, port, https_port, https_redirect])
    this.#helper.look(isWanted ? wanted : '', { settings, since: this.#since })
  }

  #hear(said: unknown): void {
    const problem = isProblem(said) ? this.#problemOf(said) : undefined
    if (problem?.message === this.#problem?.message) return
    this.#problem = problem
    this.#changed()
  }

  #problemOf({ code, message, fix }: Said): Problem {
    const { where } = { where: undefined, ...this.#config().texts.get('metrics')?.get('listen')?.from }
    return new Problem(code, message, fix, where)
  }
}

type Said = Pick<Problem, 'code' | 'message' | 'fix'>

function isProblem(said: unknown): said is Said {
  return typeof said === 'object' && said !== null && 'code' in said && 'message' in said && 'fix' in said
}

import type { DesiredState } from '../desired/desired.ts'
import { log } from '../host/logs/logger.ts'
import type { Front, Publication } from '../host/nginx/front.ts'
import { steadyNow } from '../host/process/clock.ts'
import type { ObservedNginx } from '../plan/observed.ts'
import { faultText, formatProblem, Problem } from '../problem.ts'
import { later, type Millis } from '../time.ts'

/** How long nginx is left alone after routes it did not take. */
const NGINX_RETRY_MS = 5000
const FRONT_STOPS_WITHIN_MS = 10_000

type Routes = Pick<DesiredState, 'front' | 'routes' | 'routesKey'>

/** What came of the last publication of this daemon. */
interface Outcome {
  readonly routes: string
  readonly is: 'running' | 'failed'
  readonly at: Millis
}

/**
 * Brings routes into service beside the rounds: with many plugins nginx needs seconds to prove them and to reload, and a worker
 * that dies meanwhile must not wait. One publication is under way at a time; what has changed since is published after it.
 */
export class Publisher {
  readonly #front: Front
  readonly #whenDone: () => void
  #underWay: { readonly plugins: ReadonlySet<string>; readonly done: Promise<void> } | undefined
  #last: Outcome | undefined
  #problem: Problem | undefined
  #quarantined: ReadonlyMap<string, Problem> = new Map()
  #withKeptFragments: ReadonlyMap<string, Problem> = new Map()
  /** The plugins that nginx serves, by the last publication that it took. */
  #served: ReadonlySet<string> = new Set()
  #reloads = 0

  constructor(front: Front, whenDone: () => void) {
    this.#front = front
    this.#whenDone = whenDone
  }

  get last(): Outcome | undefined {
    return this.#last
  }

  get problem(): Problem | undefined {
    return this.#problem
  }

  /** Plugins that nginx does not serve, each with why it refuses them. */
  get quarantined(): ReadonlyMap<string, Problem> {
    return this.#quarantined
  }

  /** Plugins that are served with the last fragments that nginx accepted, each with why it refuses the present ones. */
  get withKeptFragments(): ReadonlyMap<string, Problem> {
    return this.#withKeptFragments
  }

  get reloads(): number {
    return this.#reloads
  }

  /** Whether nginx is about to serve a plugin that it does not serve yet. */
  isComing(plugin: string): boolean {
    return this.#underWay?.plugins.has(plugin) === true && !this.#served.has(plugin)
  }

  /** Answers when no publication is under way. */
  async settled(): Promise<void> {
    await this.#underWay?.done
  }

  isUnderWay(): boolean {
    return this.#underWay !== undefined
  }

  observe(isFrontWanted: boolean): ObservedNginx {
    const last = this.#last
    if (this.#underWay !== undefined) return { is: 'publishing' }
    if (last?.is === 'failed') return { is: 'failed', routes: last.routes, retryAt: later(last.at, NGINX_RETRY_MS) }
    return isFrontWanted && this.#front.pid() === undefined ? { is: 'stopped' } : { is: 'running', routes: last?.routes }
  }

  /** Must not be called while one is under way. */
  begin(desired: Routes): void {
    const plugins = new Set(desired.routes.plugins.map(({ plugin }) => plugin))
    const done = this.#publish(desired, plugins).finally(() => {
      this.#underWay = undefined
      this.#whenDone()
    })
    this.#underWay = { plugins, done }
  }

  async #publish(desired: Routes, plugins: ReadonlySet<string>): Promise<void> {
    const outcome = await this.#outcomeOf(desired)
    this.#last = { routes: desired.routesKey, is: outcome.is, at: steadyNow() }
    if (outcome.is === 'failed') {
      if (this.#problem?.message !== outcome.problem.message) log('ERROR', formatProblem(outcome.problem))
      this.#problem = outcome.problem
      return
    }
    for (const [plugin, problem] of outcome.quarantined)
      log('ERROR', `plugin ${plugin} is in quarantine: ${formatProblem(problem)}`)
    for (const [plugin, problem] of outcome.withKeptFragments)
      log('ERROR', `plugin ${plugin} is served with its last nginx fragments: ${formatProblem(problem)}`)
    this.#problem = undefined
    this.#quarantined = outcome.quarantined
    this.#withKeptFragments = outcome.withKeptFragments
    this.#served = plugins
    if (outcome.did === 'nothing') return
    if (outcome.did === 'reloaded') this.#reloads += 1
    log('INFO', outcome.did === 'reloaded' ? 'nginx reloaded: the routes changed' : `nginx started, pid ${this.#front.pid()}`)
  }

  /** A fault of ours must not end what supervises all plugins: the routes count as not taken, and are tried again. */
  async #outcomeOf({ front, routes }: Routes): Promise<Publication> {
    try {
      return front ? await this.#front.publish(routes) : await this.#withoutFront()
    } catch (error) {
      log('ERROR', `publish-routes failed: ${faultText(error)}`)
      const what = error instanceof Error ? error.message : String(error)
      const fix = 'mfserv retries every few seconds. See log/mfserv.log in the runtime home.'
      return { is: 'failed', problem: new Problem('FAULT', `the routes could not be published: ${what}`, fix, undefined, error) }
    }
  }

  /** `[nginx] flag = 0`: whatever ran is ended, and there is nothing to publish. */
  async #withoutFront(): Promise<Publication> {
    await this.#front.stop(FRONT_STOPS_WITHIN_MS)
    return { is: 'running', did: 'nothing', quarantined: new Map(), withKeptFragments: new Map() }
  }
}

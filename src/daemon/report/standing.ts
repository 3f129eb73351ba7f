import type { StatusWord } from '../../control/protocol.ts'
import { writeStatus } from '../../control/status-file.ts'
import { type Facts, type Verdict, verdict } from '../../control/word.ts'
import { isDraining } from '../../host/home/draining.ts'
import type { Paths } from '../../host/home/paths.ts'
import { log } from '../../host/logs/logger.ts'
import { faultText } from '../../problem.ts'

const BEGUN: Omit<Facts, 'phase'> = { nginx: 'untried', plugins: [], problems: [] }

/** The word of the module as it is told to people and load balancers, from the facts of each round. */
export class Standing {
  readonly #paths: Paths
  readonly #changed: () => void
  #phase: Exclude<Facts['phase'], 'gone'> = 'starting'
  #verdict: Verdict = verdict({ ...BEGUN, phase: 'starting' })
  #fault: string | undefined

  /** `changed` is called when there is another word. */
  constructor(paths: Paths, changed: () => void) {
    this.#paths = paths
    this.#changed = changed
  }

  get word(): StatusWord {
    return this.#verdict.word
  }

  get because(): readonly string[] {
    return this.#verdict.because
  }

  isStopping(): boolean {
    return this.#phase === 'stopping' || this.#phase === 'stopped'
  }

  /** `isServed`: nginx runs already, with what a daemon before this one left; a load balancer has no reason to leave. */
  begin(isServed: boolean): void {
    this.#verdict = { ...this.#verdict, isHealthy: isServed && !isDraining(this.#paths) }
    this.#write()
  }

  stop(): void {
    if (!this.isStopping()) this.#enter('stopping')
  }

  stopped(): void {
    this.#enter('stopped')
  }

  judge(facts: Omit<Facts, 'phase' | 'isDraining'>): void {
    if (this.isStopping()) return
    const before = this.#verdict
    this.#verdict = verdict({ ...facts, phase: this.#phase, isDraining: isDraining(this.#paths) })
    if (this.word !== 'STARTING') this.#phase = 'running'
    if (this.word !== before.word) {
      const isGood = this.word === 'RUNNING' || this.word === 'STARTING' || this.word === 'DRAINING'
      log(isGood ? 'INFO' : 'WARNING', `mfserv is ${[this.word, ...(isGood ? [] : [this.because.join('; ')])].join(': ')}`)
      this.#changed()
    }
    this.#write()
  }

  #enter(phase: 'stopping' | 'stopped'): void {
    this.#phase = phase
    this.#verdict = verdict({ ...BEGUN, phase })
    this.#write()
    this.#changed()
  }

  /** Whoever reads the files may be late on a full disk; what serves does not end because of it. */
  #write(): void {
    try {
      writeStatus(this.#paths, this.#verdict.word, this.#verdict.isHealthy)
      this.#fault = undefined
    } catch (error) {
      const text = faultText(error)
      if (text !== this.#fault) log('ERROR', `the word of the module could not be written down: ${text}`)
      this.#fault = text
    }
  }
}

import { join } from 'node:path'
import { dueAt, isSame, type Wanted } from '../../config/acme/due.ts'
import type { Config } from '../../config/config.ts'
import { readFailed, readIssued } from '../../host/acme/acme-files.ts'
import type { Paths } from '../../host/home/paths.ts'
import { runApart } from '../../host/home/run-apart.ts'
import { log } from '../../host/logs/logger.ts'
import { now, steadyNow } from '../../host/process/clock.ts'
import { faultText } from '../../problem.ts'
import { later, type Millis } from '../../time.ts'

/** How often it is looked whether a certificate is to be fetched. */
const LOOK_MS = 2000
/** An attempt that left no note of its failure, because the disk is full or it was ended, is not repeated before. */
const AGAIN_AFTER_MS = 300_000
/** A certificate authority that holds a connection for longer is tried again later. */
const ENDS_WITHIN_MS = 600_000

/**
 * Has the certificate of `[acme]` fetched when it is due: by a command of its own, because a certificate authority may take its
 * time, and what talks to it is large. That the command ended is seen by the files it leaves.
 */
export class Renewal {
  readonly #paths: Paths
  readonly #config: () => Config
  #runs = false
  #unnoted: { readonly wanted: Wanted; readonly until: Millis } | undefined
  #fault: string | undefined

  constructor(paths: Paths, config: () => Config) {
    this.#paths = paths
    this.#config = config
  }

  /** From now on, until the timer is cleared. */
  watch(): NodeJS.Timeout {
    return setInterval(() => this.look(), LOOK_MS)
  }

  /** Never throws: a fault is logged, and looked at again. */
  look(): void {
    try {
      this.#runIfDue()
      this.#fault = undefined
    } catch (error) {
      const fault = faultText(error)
      if (fault !== this.#fault) log('ERROR', `no certificate is fetched: ${fault}`)
      this.#fault = fault
    }
  }

  /** Whether a run of this daemon is under way. */
  isRunning(): boolean {
    return this.#runs
  }

  #runIfDue(): void {
    const { acme, nginx } = this.#config().settings
    if (this.#runs || !nginx.flag || acme.names.length === 0 || !acme.accept_terms) return
    if (!this.#isDue(acme) || this.#isRepeated(acme)) return
    const file = join(this.#paths.log, 'acme.log')
    const pid = runApart({
      words: ['cert', 'renew', '--due'],
      file,
      withinMs: ENDS_WITHIN_MS,
      ended: (trouble) => this.#ended(acme, trouble, file),
    })
    this.#runs = true
    log('INFO', `a certificate for ${acme.names.join(', ')} is fetched from ${acme.directory}, pid ${pid}`)
  }

  #isDue(wanted: Wanted): boolean {
    return dueAt(wanted, readIssued(this.#paths), readFailed(this.#paths)) <= now()
  }

  #isRepeated(wanted: Wanted): boolean {
    return this.#unnoted !== undefined && isSame(wanted, this.#unnoted.wanted) && steadyNow() < this.#unnoted.until
  }

  #isLeftDue(wanted: Wanted): boolean {
    try {
      return this.#isDue(wanted)
    } catch (error) {
      log('ERROR', `what became of the certificate cannot be read: ${faultText(error)}`)
      return true
    }
  }

  #ended(wanted: Wanted, trouble: string | undefined, file: string): void {
    this.#runs = false
    this.#unnoted = this.#isLeftDue(wanted) ? { wanted, until: later(steadyNow(), AGAIN_AFTER_MS) } : undefined
    if (trouble === undefined) log('INFO', `mfserv cert renew has ended well; see ${file}`)
    else log('ERROR', `mfserv cert renew: ${trouble}; see ${file}. What is in force stays so.`)
  }
}

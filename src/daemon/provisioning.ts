import { dirname, join } from 'node:path'
import { stampsWithRightsOf } from '../host/disk/stamps.ts'
import type { Paths } from '../host/home/paths.ts'
import { runApart } from '../host/home/run-apart.ts'
import { siteDirectory } from '../host/home/site.ts'
import { listSite, type SiteListing } from '../host/home/site-listing.ts'
import { log } from '../host/logs/logger.ts'
import { isUnlocked } from '../host/plugins/plugin-lock.ts'
import { postponedPlugins, unmarkPostponed } from '../host/plugins/plugin-marks.ts'
import { formatProblem, Problem } from '../problem.ts'

/** How often the site directory is looked at. */
const LOOK_MS = 1000

/** Has the site directory provisioned again when its .plugin files change: by a command of its own, because it takes long. */
export class Provisioning {
  readonly #paths: Paths
  /** What the last run found, or what there was at the first look: mfserv.start saw to that. */
  #done: string | undefined
  /** A file may be half written: it must stay as it is from one look to the next. */
  #seen: string | undefined
  #runs = false
  /** What is wrong with the site directory, so that it is logged once. */
  #fault: string | undefined

  constructor(paths: Paths) {
    this.#paths = paths
  }

  /** Now and from now on, until the timer is cleared. */
  watch(): NodeJS.Timeout {
    this.look()
    return setInterval(() => this.look(), LOOK_MS)
  }

  /** Never throws: what an administrator does to the site directory must not end what serves. A fault is logged, and looked at again. */
  look(): void {
    const fault = this.#faultOfLook()
    if (fault !== undefined && fault !== this.#fault) log('ERROR', fault)
    this.#fault = fault
  }

  /** Whether a run of this daemon is under way. */
  isRunning(): boolean {
    return this.#runs
  }

  #faultOfLook(): string | undefined {
    try {
      const listing = listSite(process.env)
      this.#runIfDue(listing)
      const { unreadable } = listing
      return unreadable.length === 0 ? undefined : unreadable.map(({ problem }) => formatProblem(problem)).join('\n')
    } catch (error) {
      if (error instanceof Problem) return formatProblem(error)
      return `the site directory is not looked after: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
    }
  }

  #runIfDue(listing: SiteListing): void {
    const stamps = stampsNow(listing)
    const isQuiet = stamps === this.#seen
    this.#seen = stamps
    this.#done ??= stamps
    if (this.#runs || !isQuiet) return
    const postponed = postponedPlugins(this.#paths).filter((name) => isUnlocked(this.#paths, name))
    if (stamps === this.#done && postponed.length === 0) return
    if (listing.files.length > 0) this.#run(postponed)
    this.#done = stamps
    for (const name of postponed) unmarkPostponed(name, this.#paths)
  }

  #run(postponed: readonly string[]): void {
    const file = join(this.#paths.log, 'provision.log')
    const pid = runApart({ words: ['provision'], file, ended: (trouble) => this.#ended(trouble, file) })
    this.#runs = true
    const why =
      postponed.length === 0
        ? `the plugin files of ${siteDirectory(process.env)} have changed`
        : `no other command changes ${postponed.join(', ')} any more`
    log('INFO', `${why}: mfserv provision, pid ${pid}`)
  }

  #ended(trouble: string | undefined, file: string): void {
    this.#runs = false
    if (trouble !== undefined) log('ERROR', `mfserv provision: ${trouble}; see ${file}`)
  }
}

/** Changes too when a directory can be read again: overrides may stand in it that kept a plugin from being taken. */
function stampsNow({ files, unreadable }: SiteListing): string {
  return stampsWithRightsOf([...new Set(files.map(dirname)), ...files, ...unreadable.map(({ file }) => file)])
}

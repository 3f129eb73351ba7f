import type { Server } from 'node:http'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Settings } from '../../config/settings.ts'
import { isErrno } from '../../host/disk/errno.ts'
import { type Lock, tryLock } from '../../host/disk/lock.ts'
import type { Paths } from '../../host/home/paths.ts'
import { servePage } from '../../host/metrics/page-server.ts'
import { steadyNow } from '../../host/process/clock.ts'
import type { Interruption } from '../../host/process/interruption.ts'
import { type Place, placeOf } from '../../metrics/page/listen.ts'
import type { Format } from '../../metrics/page/render.ts'
import { Problem } from '../../problem.ts'
import type { Millis } from '../../time.ts'
import { Numbers } from './numbers.ts'
import { outletsOf } from './outlets.ts'

const LOOK_MS = 500
const KEEP_EVERY_MS = 1000
const LISTEN_AGAIN_MS = 2000

export interface MetricsInput {
  readonly paths: Paths
  readonly settings: Settings
  /** Where nothing was counted before, the requests from then on are. */
  readonly since: Millis
  /** Of mfserv. */
  readonly version: string
  readonly interruption: Interruption
  /** Called once, when it has caught up and goes on with the little that comes. */
  readonly begun: () => void
  /** Whether to end without being told. */
  readonly isAlone: () => boolean
  /** Told whenever it is another one: why the page is not served, or that it is. */
  readonly tell: (problem: Problem | undefined) => void
}

/** Counts and serves until it is told to end. One process of a runtime home does, or a line would be counted twice. */
export async function serveMetrics({
  paths,
  settings,
  since,
  version,
  interruption,
  begun,
  isAlone,
  tell,
}: MetricsInput): Promise<void> {
  const { listen, statsd, otlp } = settings.metrics
  const place = placeOf(listen)
  if (place === undefined && statsd === '' && otlp === '') {
    const fix = 'Set listen of [metrics] in config/config.ini, such as listen = 9118.'
    throw new Problem('USAGE', 'the numbers are wanted nowhere', fix)
  }
  const isOver = (): boolean => interruption.hasCome || isAlone()
  const lock = await whenFree(join(paths.metrics, 'lock.db'), interruption, isOver)
  if (lock === undefined) return
  const outlets = outletsOf(settings, version)
  const numbers = new Numbers(paths, settings, since, outlets.hear)
  const page = new Page(place, (format) => numbers.page(format, outlets.told()), tell)
  let keptAt = 0 as Millis
  try {
    numbers.keep()
    // Numbers that were told before are never told smaller: whoever asks would take it for a new beginning.
    while (!isOver() && numbers.count() === 'more') await turn()
    await page.look()
    begun()
    while (!isOver()) {
      await page.look()
      const is = numbers.count()
      outlets.flush()
      if (steadyNow() - keptAt >= KEEP_EVERY_MS) {
        numbers.keep()
        keptAt = steadyNow()
      }
      if (is === 'more') await turn()
      else await interruption.pause(LOOK_MS)
    }
    numbers.keep()
  } finally {
    page.close()
    outlets.close()
    lock.release()
  }
}

/** The one before it ends as soon as it sees that it is told to, or that its daemon is gone. */
async function whenFree(path: string, interruption: Interruption, isOver: () => boolean): Promise<Lock | undefined> {
  while (!isOver()) {
    const lock = tryLock(path)
    if (lock !== undefined) return lock
    await interruption.pause(LOOK_MS)
  }
  return undefined
}

/** The server of the page; a port that somebody else has is asked for again and again. */
class Page {
  readonly #place: Place | undefined
  readonly #page: (format: Format) => Promise<string>
  readonly #tell: MetricsInput['tell']
  #server: Server | undefined
  #notBefore = 0 as Millis

  constructor(place: Place | undefined, page: (format: Format) => Promise<string>, tell: MetricsInput['tell']) {
    this.#place = place
    this.#page = page
    this.#tell = tell
  }

  async look(): Promise<void> {
    if (this.#place === undefined || this.#server !== undefined || steadyNow() < this.#notBefore) return
    this.#notBefore = (steadyNow() + LISTEN_AGAIN_MS) as Millis
    try {
      this.#server = await servePage(this.#place, this.#page)
      this.#tell(undefined)
    } catch (error) {
      this.#tell(notServed(this.#place, error))
    }
  }

  close(): void {
    this.#server?.close()
    this.#server?.closeAllConnections()
  }
}

function notServed({ host, port }: Place, error: unknown): Problem {
  const why = error instanceof Error ? error.message : String(error)
  const fix =
    'Set listen of [metrics] to another port, or to an address that this machine has. mfserv tries again every few seconds.'
  const code = isErrno(error, 'EADDRINUSE') ? 'PORT_IN_USE' : 'INI_BAD_VALUE'
  return new Problem(code, `/metrics is not served at ${host} port ${port}: ${why}`, fix, undefined, error)
}

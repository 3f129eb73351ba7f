import { join } from 'node:path'
import { askedAt } from '../../config/listen/listener.ts'
import type { Settings } from '../../config/settings.ts'
import { askControl } from '../../control/client.ts'
import { writeAtomically } from '../../host/disk/atomic.ts'
import { readJson } from '../../host/disk/read-json.ts'
import type { Paths } from '../../host/home/paths.ts'
import { log } from '../../host/logs/logger.ts'
import { Changes, type KeptChanges } from '../../host/metrics/changes.ts'
import { askNginx, OwnAccessLogs } from '../../host/metrics/nginx-facts.ts'
import { asKeptCounting, type Hear, type KeptCounting, RequestLog } from '../../host/metrics/request-log.ts'
import { toldOfRequests } from '../../metrics/page/of-requests.ts'
import { type Format, renderPage, type Told } from '../../metrics/page/render.ts'
import type { Millis } from '../../time.ts'
import { toldOfChanges, toldOfDisk, toldOfNginx, toldOfProcesses } from './of-machine.ts'
import { one, toldOfStatus } from './of-status.ts'

/** One file, so that a place in the log and what was counted up to it can never come apart. */
interface Kept {
  readonly requests: KeptCounting
  readonly changes: KeptChanges
}

const READ_FOR_MS = 20
/** Who asks gets what was logged up to now, unless it is more than this. */
const READ_FOR_PAGE_MS = 200
const CONTROL_STILL_MS = 2000

/** What is counted, and the page of it. */
export class Numbers {
  readonly #paths: Paths
  readonly #settings: Settings
  readonly #requests: RequestLog
  readonly #changes: Changes
  readonly #ownLogs: OwnAccessLogs
  #underWay: Promise<Told> | undefined
  #fault: string | undefined

  /** Goes on with what was kept, or counts the requests from `since` on. */
  constructor(paths: Paths, settings: Settings, since: Millis, hear?: Hear) {
    const kept = readKept(paths)
    this.#paths = paths
    this.#settings = settings
    this.#requests = RequestLog.open(join(paths.log, 'nginx_access.log'), kept?.requests, since, hear)
    this.#changes = new Changes(kept?.changes ?? {})
    this.#ownLogs = new OwnAccessLogs(paths.nginxConf)
  }

  /** Counts what is there, but for no longer than a moment. */
  count(): 'all read' | 'more' {
    return this.#requests.read(READ_FOR_MS)
  }

  /** Writes down what has been counted since. A full disk only makes the next process count more of the log again. */
  keep(): void {
    const hasChanges = this.#changes.look(this.#paths)
    if (hasChanges) this.#requests.notKept()
    const requests = this.#requests.changed()
    if (requests === undefined) return
    try {
      const kept: Kept = { requests, changes: this.#changes.kept() }
      writeAtomically(countsFile(this.#paths), JSON.stringify(kept), 'volatile')
      this.#fault = undefined
    } catch (error) {
      this.#requests.notKept()
      const text = error instanceof Error ? error.message : String(error)
      if (text !== this.#fault) log('WARNING', `the counts could not be written down: ${text}`)
      this.#fault = text
    }
  }

  async page(format: Format, more: Told = {}): Promise<string> {
    this.#requests.read(READ_FOR_PAGE_MS)
    return renderPage(
      { ...toldOfRequests(this.#requests.counts()), ...this.#ofLog(), ...(await this.#gathered()), ...more },
      format,
    )
  }

  #ofLog(): Told {
    return {
      mfserv_access_log_enabled: [one({}, this.#settings.nginx.logging ? 1 : 0)],
      mfserv_access_log_of_its_own: this.#ownLogs.plugins().map((plugin) => one({ plugin }, 1)),
      mfserv_access_log_losses: [one({}, this.#requests.losses)],
      mfserv_access_log_unreadable_lines: [one({}, this.#requests.unreadable)],
      mfserv_access_log_unread_bytes: [one({}, this.#requests.unreadBytes())],
    }
  }

  /** Who asks while somebody else's answer is made gets that one: however many ask, it is made one at a time. */
  #gathered(): Promise<Told> {
    this.#underWay ??= this.#gather().finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  async #gather(): Promise<Told> {
    const { nginx: settings } = this.#settings
    const [status, nginx] = await Promise.all([
      // A daemon that hangs is told as one that is not there.
      askControl(this.#paths.control, 'GET /status', {}, CONTROL_STILL_MS).catch(() => undefined),
      askNginx(askedAt({ ...settings, httpsPort: settings.https_port })),
    ])
    return {
      mfserv_build_info: status === undefined ? [] : [one({ version: status.version, node: process.versions.node }, 1)],
      mfserv_daemon_up: [one({}, status === undefined ? 0 : 1)],
      ...(status === undefined ? {} : { ...toldOfStatus(status), ...toldOfProcesses(status) }),
      ...toldOfChanges(this.#changes.kept()),
      ...toldOfDisk(this.#paths),
      ...toldOfNginx(nginx),
    }
  }
}

function readKept(paths: Paths): Kept | undefined {
  const read = readJson(countsFile(paths))
  if (typeof read !== 'object' || read === null || !('requests' in read) || !('changes' in read)) return undefined
  const requests = asKeptCounting(read.requests)
  const isChanges = (one: unknown): one is KeptChanges => typeof one === 'object' && one !== null
  return requests === undefined || !isChanges(read.changes) ? undefined : { requests, changes: read.changes }
}

function countsFile({ metrics }: Paths): string {
  return join(metrics, 'counts.json')
}

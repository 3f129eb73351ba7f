import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { askControl } from '../../control/client.ts'
import type { StatusReport } from '../../control/protocol.ts'
import type { Paths } from '../../host/home/paths.ts'
import { AccessLogReader } from '../../host/logs/access-log-reader.ts'
import { usageBySession } from '../../host/metrics/usage.ts'
import { now, steadyNow } from '../../host/process/clock.ts'
import { type TopPlugin, topOf, type WorkerSample } from '../../metrics/top/top.ts'
import type { RequestLine } from '../../receipt/request-line.ts'
import { later, type Millis } from '../../time.ts'
import { partsOf } from './of-status.ts'

/** So far back requests are counted: with one in ten seconds there is still a number. */
export const REQUESTS_SECONDS = 10

interface Look {
  readonly at: Millis
  readonly workers: readonly WorkerSample[]
}

/** Shows what each plugin takes, look by look. It must be closed. */
export class Top {
  readonly #paths: Paths
  readonly #began: Millis
  readonly #reader: AccessLogReader
  #lines: RequestLine[] = []
  #before: Look | undefined

  private constructor(paths: Paths) {
    this.#paths = paths
    this.#began = later(now(), -1000 * REQUESTS_SECONDS)
    this.#reader = AccessLogReader.open({
      file: join(paths.log, 'nginx_access.log'),
      since: this.#began,
      onRequest: (line) => this.#lines.push(line),
    })
  }

  static open(paths: Paths): Top {
    return new Top(paths)
  }

  /** What has been taken in these seconds from now on. Undefined when no daemon answers. */
  async look(seconds: number): Promise<readonly TopPlugin[] | undefined> {
    this.#before ??= await this.#sample()
    await delay(seconds * 1000)
    const report = await askControl(this.#paths.control, 'GET /status')
    if (report === undefined) return undefined
    const [before, after] = [this.#before, samplesIn(report)]
    this.#before = after
    const from = later(now(), -1000 * REQUESTS_SECONDS)
    this.#lines = this.#lines.filter(({ at }) => at >= from)
    return topOf(
      report.plugins.map(({ name }) => name),
      { seconds: (after.at - (before?.at ?? after.at)) / 1000, seen: { before: before?.workers ?? [], after: after.workers } },
      { seconds: REQUESTS_SECONDS, seen: this.#lines },
    )
  }

  close(): void {
    this.#reader.close()
  }

  async #sample(): Promise<Look | undefined> {
    const report = await askControl(this.#paths.control, 'GET /status')
    return report === undefined ? undefined : samplesIn(report)
  }
}

function samplesIn({ plugins }: StatusReport): Look {
  const sessions = usageBySession()
  const workers = plugins.flatMap(partsOf).flatMap(({ plugin, app, slots }) =>
    slots.flatMap(({ slot, pid }) => {
      const usage = pid === null ? undefined : sessions.get(pid)
      return pid === null || usage === undefined ? [] : [{ plugin, app, slot, pid, ...usage }]
    }),
  )
  return { at: steadyNow(), workers }
}

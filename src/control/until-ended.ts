import { setTimeout as delay } from 'node:timers/promises'
import type { Paths } from '../host/home/paths.ts'
import { steadyNow } from '../host/process/clock.ts'
import { readRecords, type WorkerRecord } from '../host/workers/worker-record.ts'
import { look, type Stillness } from '../worker/stillness.ts'
import { askControl } from './client.ts'
import { ofPlugin, untilReport } from './daemon-process.ts'
import type { StatusReport } from './protocol.ts'

const LOOK_AGAIN_MS = 50

/** Waits until every worker of a plugin that is to go has ended, as long as each of them may take; answers how many have not. */
export async function untilEnded(name: string, paths: Paths): Promise<number> {
  const leaving = (report: StatusReport | undefined): number => report?.plugins.find((one) => one.name === name)?.leaving ?? 0
  return leaving(await untilReport(paths, (report) => leaving(report) === 0, ofPlugin(name)))
}

/**
 * Waits until no worker of a plugin is left at all, as long as each may take to end, and as long as there is a daemon that ends
 * them; answers how many are left.
 */
export async function untilNoWorkers(name: string, paths: Paths): Promise<number> {
  let seen: Stillness | undefined
  for (;;) {
    const left = workersOf(name, paths)
    const report = left.length === 0 ? undefined : await askControl(paths.control, 'GET /status')
    if (report === undefined) return left.length
    seen = look(seen, JSON.stringify(left.map(({ id, state }) => [id, state])), steadyNow())
    if (seen.stillMs >= report.patienceMs) return left.length
    await delay(LOOK_AGAIN_MS)
  }
}

function workersOf(name: string, { workers }: Paths): readonly WorkerRecord[] {
  return readRecords(workers).records.filter(({ app }) => app.startsWith(`${name}/`))
}

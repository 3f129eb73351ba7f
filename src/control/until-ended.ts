import { setTimeout as delay } from 'node:timers/promises'
import type { Paths } from '../host/home/paths.ts'
import { readRecords, type WorkerRecord } from '../host/workers/worker-record.ts'
import { askControl } from './client.ts'
import { untilReport } from './daemon-process.ts'
import type { StatusReport } from './protocol.ts'

/** For the daemon to end workers that did not end by themselves in their time. */
const SPARE_MS = 10_000
const LOOK_AGAIN_MS = 50

/** Waits until every worker of a plugin that is to go has ended, as long as each of them may take; answers how many have not. */
export async function untilEnded(name: string, paths: Paths): Promise<number> {
  const longest = longestMs(workersOf(name, paths))
  const leaving = (report: StatusReport | undefined): number => report?.plugins.find((one) => one.name === name)?.leaving ?? 0
  return leaving(await untilReport(paths, (report) => leaving(report) === 0, longest + SPARE_MS))
}

/**
 * Waits until no worker of a plugin is left at all, as long as each may take to end, and as long as there is a daemon that ends
 * them; answers how many are left.
 */
export async function untilNoWorkers(name: string, paths: Paths): Promise<number> {
  const deadline = performance.now() + longestMs(workersOf(name, paths)) + SPARE_MS
  for (;;) {
    const left = workersOf(name, paths).length
    const isOver = left === 0 || performance.now() >= deadline
    if (isOver || (await askControl(paths.control, 'GET /status')) === undefined) return left
    await delay(LOOK_AGAIN_MS)
  }
}

function workersOf(name: string, { workers }: Paths): readonly WorkerRecord[] {
  return readRecords(workers).records.filter(({ app }) => app.startsWith(`${name}/`))
}

function longestMs(workers: readonly WorkerRecord[]): number {
  return Math.max(0, ...workers.map(({ policy }) => policy.drainMs + policy.graceMs))
}

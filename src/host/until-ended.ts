import type { StatusReport } from '../daemon/protocol.ts'
import { untilReport } from './daemon-process.ts'
import type { Paths } from './paths.ts'
import { readRecords } from './worker-record.ts'

/** For the daemon to end workers that did not end by themselves in their time. */
const SPARE_MS = 10_000

/** Waits until every worker of a plugin that is to go has ended, as long as each of them may take; answers how many have not. */
export async function untilEnded(name: string, paths: Paths): Promise<number> {
  const mine = readRecords(paths.workers).records.filter(({ app }) => app.startsWith(`${name}/`))
  const longest = Math.max(0, ...mine.map(({ policy }) => policy.drainMs + policy.graceMs))
  const leaving = (report: StatusReport | undefined): number => report?.plugins.find((one) => one.name === name)?.leaving ?? 0
  return leaving(await untilReport(paths, (report) => leaving(report) === 0, longest + SPARE_MS))
}

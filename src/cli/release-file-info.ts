import { reportProblem } from '../control/report-problem.ts'
import type { Paths } from '../host/home/paths.ts'
import { hashOfMetadata } from '../host/package/content-hash.ts'
import { readPackageFacts } from '../host/package/read-package.ts'
import { readTrust } from '../host/package/trust-here.ts'
import { formatProblem } from '../problem.ts'
import type { Result } from './output.ts'
import { releaseFileText } from './release-file-text.ts'

/** Of a .plugin file, whether its plugin is installed or not. */
export async function infoOfFile(file: string, paths: Paths): Promise<Result> {
  const trust = readTrust(paths, process.env)
  const facts = await readPackageFacts(file, trust)
  const data = { ...facts, hash: hashOfMetadata(facts.metadata), problems: trust.problems.map(reportProblem) }
  return { data, text: [releaseFileText(facts), ...trust.problems.map(formatProblem)].join('\n') }
}

import { reportProblem } from '../../../control/report-problem.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { ownKeys, trustedKeys } from '../../../host/package/key-files.ts'
import { trustedDirectories } from '../../../host/package/trust-here.ts'
import { describeBounds } from '../../../package/signing/key-bounds.ts'
import { formatProblem } from '../../../problem.ts'
import type { Result } from '../../output.ts'
import { box } from '../../table.ts'
import { boundsData } from './bounds-data.ts'

export async function run(): Promise<Result> {
  const where = pathsOf(runtimeHome())
  const own = ownKeys(where)
  const { keys, problems } = trustedKeys(trustedDirectories(where, process.env))
  const trusted = keys.map(({ name, id, file, bounds }) => ({ name, id, file, ...boundsData(bounds) }))
  const rows = keys.map(({ name, id, file, bounds }) => [name, id, describeBounds(bounds), file])
  const head = ['Name', 'Key', 'File']
  const text = [
    box({ title: `Keys to sign with (${own.length})`, head, rows: own.map((key) => [key.name, key.id, key.privateFile]) }),
    box({ title: `Trusted keys (${trusted.length})`, head: ['Name', 'Key', 'For', 'File'], rows }),
    ...problems.map(formatProblem),
  ]
  const data = { own, trusted, problems: problems.map(reportProblem) }
  return { data, text: text.join('\n'), exitCode: problems.length === 0 ? 0 : 1 }
}

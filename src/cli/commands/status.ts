import { askControl } from '../../control/client.ts'
import { exitCodeOf } from '../../control/word.ts'
import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import type { Result } from '../output.ts'
import { statusText } from '../status-text.ts'

export async function run(): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  let report = await askControl(paths.control, 'GET /status')
  if (report === undefined) {
    const { statusWithoutDaemon } = await import('../../operations/module/status-without-daemon.ts')
    report = statusWithoutDaemon(paths)
  }
  return { data: report, text: statusText(report), exitCode: exitCodeOf(report.status) }
}

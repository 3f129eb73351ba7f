import { reportProblem } from '../../../control/report-problem.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { readHardware } from '../../../host/module/hardware.ts'
import { readConfig } from '../../../host/module/read-config.ts'
import { checkPlugin } from '../../../operations/check/check-plugin.ts'
import { fragmentProblems, routeConflicts } from '../../../operations/check/prove-fragments.ts'
import { dangersOf, dangersText } from '../../../plugin/dangers.ts'
import { formatProblem, isError } from '../../../problem.ts'
import type { Result } from '../../output.ts'

interface CheckOptions {
  readonly pluginsBaseDir?: string
}

export async function run([wanted]: readonly [string], options: CheckOptions): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const { name, home, plugin, problems: ofFiles } = checkPlugin(wanted, options.pluginsBaseDir, paths, process.env)
  const read = readConfig(paths, readHardware(), process.env)
  const among = plugin && [
    ...routeConflicts(plugin, read, paths, process.env),
    ...(await fragmentProblems(plugin, read, paths, process.env)),
  ]
  const problems = [...ofFiles, ...(among ?? [])]
  const isRight = plugin !== undefined && !problems.some(isError)
  const dangers = plugin === undefined ? [] : dangersOf(plugin)
  const text = [...problems.map(formatProblem), ...dangersText(name, dangers), `${name}: ${isRight ? 'OK' : 'ERROR'}`]
  const data = { name, home, ok: isRight, problems: problems.map(reportProblem), dangers }
  return { data, text: text.join('\n'), exitCode: isRight ? 0 : 1 }
}

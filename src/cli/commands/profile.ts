import { presentName } from '../../config/names/old-names.ts'
import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { readModule } from '../../host/module/module-environment.ts'
import { formatProblem, isError } from '../../problem.ts'
import { shellWord } from '../../shell-quote.ts'
import { progress, type Result } from '../output.ts'

/**
 * Everything but PATH: the shell that reads it keeps its own, and share/profile adds `bin` to it. A setting that does not read
 * has its built-in value, which standard error tells of.
 */
export async function run(): Promise<Result> {
  const module = readModule(pathsOf(runtimeHome()), process.env)
  for (const problem of module.problems.filter(isError)) progress(`warning: ${formatProblem(problem)}`)
  const { PATH: _, ...all } = module.environment
  // A shell that has a MODULE of its own keeps it.
  const isOurs = [undefined, all['MFMODULE']].includes(process.env['MODULE'])
  const environment = Object.fromEntries(Object.entries(all).filter(([name]) => isOurs || presentName(name) === name))
  // Seconds since 1970: a configuration file younger than this is not in the environment yet.
  const data: Readonly<Record<string, string>> = {
    ...environment,
    MFSERV_CONF_GENERATION_TIME: String(Math.floor(Date.now() / 1000)),
  }
  const exports = Object.entries(data).map(([name, value]) => `export ${name}=${shellWord(value)}`)
  return { data, text: exports.join('\n'), for: 'a shell' }
}

import type { Command } from 'commander'
import type { OutputOptions, Result } from '../output.ts'

export function register(program: Command): void {
  program
    .command('profile')
    .description('Print the environment of the module as shell commands. "source share/profile" reads them.')
    .action(async (_options, command: Command) => {
      const { print } = await import('../output.ts')
      print(await profile(), command.optsWithGlobals<OutputOptions>())
    })
}

/**
 * Everything but PATH: the shell that reads it keeps its own, and share/profile adds `bin` to it. A setting that does not read
 * has its built-in value, which standard error tells of.
 */
async function profile(): Promise<Result> {
  const { readModule } = await import('../../host/module/module-environment.ts')
  const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
  const { shellWord } = await import('../../shell-quote.ts')
  const { formatProblem, isError } = await import('../../problem.ts')
  const { progress } = await import('../output.ts')
  const module = readModule(pathsOf(runtimeHome()), process.env)
  for (const problem of module.problems.filter(isError)) progress(`warning: ${formatProblem(problem)}`)
  const { PATH: _, ...environment } = module.environment
  // Seconds since 1970: a configuration file younger than this is not in the environment yet.
  const data: Readonly<Record<string, string>> = {
    ...environment,
    MFSERV_CONF_GENERATION_TIME: String(Math.floor(Date.now() / 1000)),
  }
  const exports = Object.entries(data).map(([name, value]) => `export ${name}=${shellWord(value)}`)
  return { data, text: exports.join('\n'), for: 'a shell' }
}

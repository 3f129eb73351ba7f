import type { Command } from 'commander'
import type { OutputOptions, Result } from '../../output.ts'

export function register(plugins: Command): void {
  plugins
    .command('validate_name')
    .description('Say whether a plugin may have a name: prints OK, or ERROR and the reason.')
    .argument('<NAME>')
    .action(async (name: string, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      print(await validate(name), command.optsWithGlobals<OutputOptions>())
    })
}

async function validate(name: string): Promise<Result> {
  const { validateName } = await import('../../../plugin/name.ts')
  const { reportProblem } = await import('../../../control/report-problem.ts')
  const problem = validateName(name)
  if (problem === undefined) return { data: { name, problems: [] }, text: 'OK' }
  const text = `ERROR: ${problem.message}\n  ${problem.mend}`
  return { data: { name, problems: [reportProblem(problem)] }, text, exitCode: 1 }
}

import type { Command } from 'commander'
import type { Preview } from '../../plan/preview.ts'
import type { OutputOptions, Result } from '../output.ts'

interface PlanOptions extends OutputOptions {
  readonly newName?: string
}

export function register(program: Command): void {
  program
    .command('plan')
    .description('Show what installing a plugin would change, and change nothing. Ends with 2 when something would change.')
    .argument('<DIRECTORY>', 'the directory of a plugin')
    .option('--new-name <name>', 'as if it were installed under this name')
    .action(async (directory: string, _options, command: Command) => {
      const { resolve } = await import('node:path')
      const { previewInstall } = await import('../../host/preview.ts')
      const { pathsOf, runtimeHome } = await import('../../host/paths.ts')
      const { print } = await import('../output.ts')
      const options = command.optsWithGlobals<PlanOptions>()
      const name = options.newName === undefined ? {} : { name: options.newName }
      const plan = await previewInstall({ home: resolve(directory), ...name }, pathsOf(runtimeHome()), process.env)
      print(await planResult(plan), options)
    })
}

/** What a command that was asked to do nothing answers. */
export async function planResult(plan: Preview): Promise<Result> {
  const { exitCodeOf } = await import('../../plan/preview.ts')
  const { previewText } = await import('../../plan/preview-text.ts')
  const { reportProblem } = await import('../../daemon/report-problem.ts')
  return {
    data: { ...plan, problems: plan.problems.map(reportProblem) },
    text: previewText(plan),
    exitCode: exitCodeOf(plan),
  }
}

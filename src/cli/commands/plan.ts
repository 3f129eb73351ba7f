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
    .argument('<FILE>', 'a .plugin file, or the directory of a plugin')
    .option('--new-name <name>', 'as if it were installed under this name')
    .action(async (written: string, _options, command: Command) => {
      const { print } = await import('../output.ts')
      const options = command.optsWithGlobals<PlanOptions>()
      print(await planResult(await previewOf(written, options.newName)), options)
    })
}

async function previewOf(written: string, newName: string | undefined): Promise<Preview> {
  const { resolve } = await import('node:path')
  const { isDirectory } = await import('../../host/releases/plugins-directory.ts')
  const { previewInstall } = await import('../../operations/check/preview.ts')
  const { previewFile } = await import('../../operations/release/preview-file.ts')
  const { surroundings } = await import('../surroundings.ts')
  const { requireFile, requireName } = await import('../written.ts')
  requireFile(written)
  requireName(newName)
  const path = resolve(written)
  const at = await surroundings()
  if (!isDirectory(path)) return await previewFile(path, newName, at)
  return await previewInstall({ home: path, ...(newName === undefined ? {} : { name: newName }) }, at.paths, at.env)
}

/** What a command that was asked to do nothing answers. */
export async function planResult(plan: Preview): Promise<Result> {
  const { exitCodeOf } = await import('../../plan/preview.ts')
  const { previewText } = await import('../../plan/preview-text.ts')
  const { reportProblem } = await import('../../control/report-problem.ts')
  return {
    data: { ...plan, problems: plan.problems.map(reportProblem) },
    text: previewText(plan),
    exitCode: exitCodeOf(plan),
  }
}

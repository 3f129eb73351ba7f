import { reportProblem } from '../control/report-problem.ts'
import { previewUninstall } from '../operations/check/preview.ts'
import { previewFile } from '../operations/release/preview-file.ts'
import { exitCodeOf, type Preview } from '../plan/preview.ts'
import { previewText } from '../plan/preview-text.ts'
import type { Result } from './output.ts'
import { surroundings } from './surroundings.ts'

/** Of an installation and of a hot swap: the plan tells the two apart by itself. */
export async function dryRunOfFile(file: string, newName: string | undefined, base?: string): Promise<Result> {
  return planResult(await previewFile(file, newName, surroundings(base)))
}

export async function dryRunOfUninstall(name: string): Promise<Result> {
  const at = surroundings()
  return planResult(await previewUninstall(name, at.paths, at.env))
}

/** What a command that was asked to do nothing answers. */
export function planResult(plan: Preview): Result {
  return {
    data: { ...plan, problems: plan.problems.map(reportProblem) },
    text: previewText(plan),
    exitCode: exitCodeOf(plan),
  }
}

import { reportProblem } from '../../../control/report-problem.ts'
import { validateName } from '../../../plugin/name.ts'
import type { Result } from '../../output.ts'

export async function run([name]: readonly [string]): Promise<Result> {
  const problem = validateName(name)
  if (problem === undefined) return { data: { name, problems: [] }, text: 'OK' }
  const text = `ERROR: ${problem.message}\n  ${problem.fix}`
  return { data: { name, problems: [reportProblem(problem)] }, text, exitCode: 1 }
}

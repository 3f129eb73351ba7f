import type { Problem } from '../problem.ts'
import type { ProblemReport } from './protocol.ts'

export function reportProblem({ code, message, fix, where }: Problem): ProblemReport {
  return { code, message, fix, file: where?.file, line: where?.line }
}

import type { Problem } from '../problem.ts'
import type { ProblemReport } from './protocol.ts'

export function reportProblem({ code, message, mend, where }: Problem): ProblemReport {
  return { code, message, mend, file: where?.file, line: where?.line }
}

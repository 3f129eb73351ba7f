import { Problem, Problems } from '../../problem.ts'
import { isErrno } from '../disk/errno.ts'

/** What is wrong as one Problem. A fault of ours is thrown on. */
export function asProblem(error: unknown, file: string): Problem {
  if (error instanceof Problem) return error
  if (error instanceof Problems) return joined(error.all)
  for (const [code, fix] of Object.entries(FIXES)) {
    if (isErrno(error, code))
      return new Problem('DISK', `nginx's configuration was not changed: ${(error as Error).message}`, fix, { file }, error)
  }
  throw error
}

/** The same with what is served meanwhile: what was before, or nothing. */
export function withRest(problem: Problem, isServing: boolean): Problem {
  const { code, message, fix, where, cause } = problem
  const rest = isServing ? 'What was served before still is.' : 'Until then nothing is served.'
  return new Problem(code, message, `${fix}\n${rest}`, where, cause)
}

/** Several problems that have one place to be told in. */
export function joined(problems: readonly Problem[]): Problem {
  const [first] = problems
  if (first === undefined) throw new Error('joined needs a problem')
  if (problems.length === 1) return first
  const distinct = (texts: readonly string[]): string => [...new Set(texts)].join('\n')
  const message = distinct(problems.map((problem) => problem.message))
  return new Problem(first.code, message, distinct(problems.map(({ fix }) => fix)), first.where)
}

const FIXES = {
  ENOSPC: 'Make room on that disk.',
  EDQUOT: 'Make room in the quota of the user of mfserv.',
  EACCES: 'Give the user of mfserv the right to write there.',
  EPERM: 'Give the user of mfserv the right to write there.',
  EROFS: 'Choose a runtime home on a disk that can be written: MFMODULE_RUNTIME_HOME.',
}

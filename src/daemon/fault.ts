import { systemProblem } from '../host/disk/disk-problem.ts'
import { log } from '../host/logs/logger.ts'
import { faultText, Problem } from '../problem.ts'

/** What went wrong in `work`, if anything did; logged unless it is the same as `before`. */
export async function faultOf(before: Problem | undefined, work: () => Promise<void> | void): Promise<Problem | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    const problem = systemProblem(error) ?? unfinished(error instanceof Error ? error.message : String(error))
    if (problem.message !== before?.message) log('ERROR', faultText(error))
    return problem
  }
}

export function unfinished(what: string): Problem {
  return new Problem('FAULT', `not all was done: ${what}`, 'It is tried again. See log/mfserv.log in the runtime home.')
}

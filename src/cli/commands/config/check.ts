import { resolve } from 'node:path'
import { reportProblem } from '../../../control/report-problem.ts'
import { readText } from '../../../host/disk/read-text.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { configFiles, userConfig } from '../../../host/module/read-config.ts'
import { problemsWith } from '../../../operations/module/change-config.ts'
import { formatProblem, isError, Problem, Problems } from '../../../problem.ts'
import type { Result } from '../../output.ts'

/** As if it were in the place of the user's file, unless it is one of the files that are read. */
export async function run([wanted]: readonly [string | undefined]): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const own = userConfig(paths)
  const file = wanted === undefined ? own : resolve(wanted)
  const unread: Problem[] = []
  const text = readText(file, unread)
  if (unread.length > 0) throw new Problems(unread)
  if (text === undefined) throw new Problem('DISK', `there is no file ${file}`, 'Give the file to check.', { file })
  const isOurs = configFiles(paths, process.env).includes(file)
  const problems = problemsWith(paths, process.env, isOurs ? file : own, text).problems.map((problem) =>
    isOurs || problem.where?.file !== own ? problem : moved(problem, file),
  )
  const isRight = !problems.some(isError)
  const data = { file, ok: isRight, problems: problems.map(reportProblem) }
  return {
    data,
    text: [...problems.map(formatProblem), `${file}: ${isRight ? 'OK' : 'ERROR'}`].join('\n'),
    exitCode: isRight ? 0 : 1,
  }
}

function moved({ code, message, fix, where }: Problem, file: string): Problem {
  return new Problem(code, message, fix, { ...where, file })
}

import { buildPlugin } from '../../../src/host/environments/build.ts'
import { buildTools } from '../../../src/host/environments/build-tools.ts'
import { pathsOf, runtimeHome } from '../../../src/host/home/paths.ts'
import { formatProblem, Problem, Problems } from '../../../src/problem.ts'

/*
 * Builds the unpacked release in a directory, as an installation does. A program of its own, so that it can be run where
 * there is no network: build-vendored.ts DIRECTORY
 */
const [, , home = ''] = process.argv
const report = (text: string): void => console.error(text)
try {
  await buildPlugin(home, buildTools(pathsOf(runtimeHome()), process.env, report), report, 'vendored')
} catch (error) {
  if (!(error instanceof Problem || error instanceof Problems)) throw error
  for (const problem of error instanceof Problems ? error.all : [error]) report(formatProblem(problem))
  process.exitCode = 1
}

import { pathsOf, runtimeHome } from '../src/host/home/paths.ts'
import { installDebian } from '../src/host/programs/debian.ts'
import { formatProblem, Problem } from '../src/problem.ts'
import { CHROMIUM_PACKAGES, findChromium } from './chromium.ts'

/* The browser of the tests. Where it cannot be had, the tests that need it count as skipped and say so. */
if (findChromium() === undefined) {
  try {
    await installDebian(CHROMIUM_PACKAGES, pathsOf(runtimeHome()), (line) => console.log(line))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    console.error(`${formatProblem(error)}\nThe tests that need a browser are skipped.`)
  }
}

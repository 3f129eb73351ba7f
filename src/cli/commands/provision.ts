import { reportProblem } from '../../control/report-problem.ts'
import { type Provisioned, provision } from '../../operations/module/provision.ts'
import { formatProblem } from '../../problem.ts'
import { cautionOf } from '../caution.ts'
import type { Result } from '../output.ts'
import { surroundings } from '../surroundings.ts'

export async function run(): Promise<Result> {
  return await provisionResult()
}

const NOT_TAKEN: ReadonlySet<Provisioned['is']> = new Set(['failed', 'taken back', 'left out'])

/** Exit code 1 when one of the files was not taken; the others are served all the same. */
export async function provisionResult(): Promise<Result> {
  const at = surroundings()
  const done = await provision(cautionOf({}, at.paths), at)
  const data = done.map((one) => (one.is === 'failed' ? { ...one, problems: one.problems.map(reportProblem) } : one))
  const text = done.map(line).join('\n')
  return { data, text, exitCode: done.some(({ is }) => NOT_TAKEN.has(is)) ? 1 : 0 }
}

function line(one: Provisioned): string {
  switch (one.is) {
    case 'failed':
      return [`${one.file} was not taken:`, ...one.problems.map(formatProblem)].join('\n')
    case 'superseded':
      return `${one.name}: ${one.by} counts, and not ${one.file}`
    case 'left out':
      return leftOut(one)
    case 'taken back':
      return `${one.name}: ${one.file} was taken back: ${one.because}`
    default:
      return `${one.name}: ${one.is} (${one.file})`
  }
}

function leftOut({ name, file, outcome, at, because }: Extract<Provisioned, { is: 'left out' }>): string {
  const when = new Date(at).toLocaleString('sv-SE')
  const what = outcome === 'failed' ? 'failed' : 'was taken back'
  return [
    `${name}: ${file} is left out: it ${what} on ${when}: ${because}`,
    `  Replace the file by a fixed release, or insist: plugins.hotswap ${file}`,
  ].join('\n')
}

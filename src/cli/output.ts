import { reportProblem } from '../control/report-problem.ts'
import { formatProblem, Problem, Problems } from '../problem.ts'

/** What a command returns: the same facts for programs and for people. */
export interface Result {
  readonly data: unknown
  readonly text: string
  /** 0 unless said otherwise. */
  readonly exitCode?: number
}

export interface OutputOptions {
  readonly json?: boolean
}

/** The only place where a command's result reaches standard output. */
export function print(result: Result, options: OutputOptions): void {
  const text = options.json === true ? JSON.stringify(result.data, null, 4) : result.text
  if (text !== '') process.stdout.write(`${text}\n`)
  process.exitCode = result.exitCode ?? 0
}

/** A line about a long step, on standard error so that it is never part of a result. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Says what went wrong and how to mend it; a fault of ours shows its stack on standard error. Exit code 1. */
export async function fail(error: unknown, { json }: OutputOptions): Promise<void> {
  const problems = await problemsIn(error)
  const isFault = problems.some(({ code }) => code === 'FAULT')
  if (json === true) process.stdout.write(`${JSON.stringify({ problems: problems.map(reportProblem) }, null, 4)}\n`)
  if (json !== true || isFault) process.stderr.write(`${isFault ? fault(error) : problems.map(formatProblem).join('\n')}\n`)
  process.exitCode = 1
}

async function problemsIn(error: unknown): Promise<readonly Problem[]> {
  if (error instanceof Problems) return error.all
  if (error instanceof Problem) return [error]
  const { systemProblem } = await import('../host/disk/disk-problem.ts')
  const message = error instanceof Error ? error.message : String(error)
  const mend = 'Please report it with the lines on standard error.'
  return [systemProblem(error) ?? new Problem('FAULT', `a fault of mfserv, not yours: ${message}`, mend)]
}

function fault(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `This is a fault of mfserv, not yours. Please report it with these lines:\n${stack}`
}

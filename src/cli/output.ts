import { reportProblem } from '../daemon/report-problem.ts'
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

/** Says what went wrong and how to mend it; a fault of ours shows its stack. Exit code 1. */
export function fail(error: unknown, options: OutputOptions): void {
  const problems = error instanceof Problems ? error.all : error instanceof Problem ? [error] : undefined
  if (options.json === true && problems !== undefined)
    process.stdout.write(`${JSON.stringify({ problems: problems.map(reportProblem) }, null, 4)}\n`)
  else process.stderr.write(`${problems?.map(formatProblem).join('\n') ?? fault(error)}\n`)
  process.exitCode = 1
}

function fault(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `This is a fault of mfserv, not yours. Please report it with these lines:\n${stack}`
}

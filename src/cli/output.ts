import { writeSync } from 'node:fs'
import { reportProblem } from '../control/report-problem.ts'
import { isErrno } from '../host/disk/errno.ts'
import { formatProblem, Problem, Problems } from '../problem.ts'
import { terminalJson, terminalText } from '../terminal-text.ts'

/** What a command returns: the same facts for programs and for people. */
export interface Result {
  readonly data: unknown
  readonly text: string
  /** `a shell`: the text is code, which no terminal is to show but a shell to read. */
  readonly for?: 'a shell'
  /** 0 unless said otherwise. */
  readonly exitCode?: number
  /** What goes on in the foreground once it is printed. */
  readonly after?: () => Promise<void>
}

export interface OutputOptions {
  readonly json?: boolean
}

/** Somebody else may have made the pipe one that does not wait. */
const FULL_PIPE_MS = 5

/** The only place where a command's result reaches standard output. What files and plugins say in it is shown, never done. */
export function print(result: Result, options: OutputOptions): void {
  const text =
    options.json === true ? terminalJson(result.data) : result.for === 'a shell' ? result.text : terminalText(result.text)
  if (text !== '') write(`${text}\n`)
  process.exitCode = result.exitCode ?? 0
}

/** To standard output, by the system itself: to load Node's streams takes longer than what most commands do. */
export function write(text: string): void {
  const bytes = Buffer.from(text)
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written)
    } catch (error) {
      // Whoever reads has heard enough, as `head` has.
      if (isErrno(error, 'EPIPE')) return
      if (!isErrno(error, 'EAGAIN')) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS)
    }
  }
}

/** A line about a long step, on standard error so that it is never part of a result. */
export function progress(text: string): void {
  process.stderr.write(`${terminalText(text)}\n`)
}

/** Says what went wrong and how to fix it; a fault of ours shows its stack on standard error. Exit code 1. */
export async function fail(error: unknown, { json }: OutputOptions): Promise<void> {
  const problems = await problemsIn(error)
  const isFault = problems.some(({ code }) => code === 'FAULT')
  if (json === true) write(`${terminalJson({ problems: problems.map(reportProblem) })}\n`)
  if (json !== true || isFault) progress(isFault ? fault(error) : problems.map(formatProblem).join('\n'))
  process.exitCode = 1
}

async function problemsIn(error: unknown): Promise<readonly Problem[]> {
  if (error instanceof Problems) return error.all
  if (error instanceof Problem) return [error]
  const { systemProblem } = await import('../host/disk/disk-problem.ts')
  const message = error instanceof Error ? error.message : String(error)
  const fix = 'Please report it with the lines on standard error.'
  return [systemProblem(error) ?? new Problem('FAULT', `a fault of mfserv, not yours: ${message}`, fix)]
}

function fault(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `This is a fault of mfserv, not yours. Please report it with these lines:\n${stack}`
}

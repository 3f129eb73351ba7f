import { spawn } from 'node:child_process'
import { Problem } from '../../problem.ts'

/** Shows one line of progress. */
export type Report = (text: string) => void

export interface ToolRun {
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Said at the start, and again with the time while it takes long. */
  readonly doing: string
  /** How to get the program when it is not there. */
  readonly install: string
}

export type ToolResult = { readonly is: 'done'; readonly stdout: string } | ToolFailure

export interface ToolFailure {
  readonly is: 'failed'
  /** What it said last; when it said nothing, how it ended. */
  readonly message: string
  /** Everything it said. */
  readonly output: string
  /** `code 3`, or the name of a signal. */
  readonly endedWith: string
}

const STILL_EVERY_MS = 10_000
const MESSAGE_LINES = 40
/** How long its output may still come after its end: what it left in the background may hold the pipes for ever. */
const PIPES_CLOSE_WITHIN_MS = 300

/** Runs a program to its end. Throws `TOOL_MISSING` when there is no such program; its own failure is a result. */
export function runTool(run: ToolRun, report: Report): Promise<ToolResult> {
  const [program, ...words] = run.argv
  report(run.doing)
  const { promise, resolve, reject } = Promise.withResolvers<ToolResult>()
  const child = spawn(program, words, { cwd: run.cwd, env: run.env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', all: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
    output.all += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.all += text
  })
  let seconds = 0
  const still = setInterval(() => {
    seconds += STILL_EVERY_MS / 1000
    report(`${run.doing} (${seconds} s so far)`)
  }, STILL_EVERY_MS)
  child.on('error', (cause) => {
    clearInterval(still)
    reject(new Problem('TOOL_MISSING', `${program} cannot be run: ${cause.message}`, run.install, undefined, cause))
  })
  child.on('exit', (code, signal) => {
    clearInterval(still)
    const finish = (): void => {
      clearTimeout(late)
      for (const pipe of [child.stdout, child.stderr]) pipe.destroy()
      const endedWith = signal ?? `code ${code}`
      if (code === 0) resolve({ is: 'done', stdout: output.stdout })
      else {
        const message = lastWords(output.all) || `${program} ended with ${endedWith}`
        resolve({ is: 'failed', message, output: output.all.trim() || message, endedWith })
      }
    }
    const late = setTimeout(finish, PIPES_CLOSE_WITHIN_MS)
    child.once('close', finish)
  })
  return promise
}

/** What the tool said last, without npm's pointer to a log file and its prefix on every line. */
function lastWords(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trimEnd())
    .filter(
      (line) => !line.includes('A complete log of this run') && !line.includes('-debug-0.log') && !line.startsWith('npm warn '),
    )
  return lines.slice(-MESSAGE_LINES).join('\n').trim()
}

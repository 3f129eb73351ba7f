import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { ordered } from './client.ts'

/** Whether a test has all the time that it takes to repeat its promise at every point: `make soak`. */
export const IS_SOAK = process.env['MFSERV_SOAK'] === '1'
export const CLONE = resolve(import.meta.dirname, '../..')

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly in?: string
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

/** These become another program. */
const ALONE: ReadonlySet<string> = new Set(['mfserv_wrapper', 'plugin_wrapper', 'layer_wrapper', 'plugin_env'])

/**
 * Runs a command of `bin/` in the runtime home that `env` names. As a rule in one process with the other commands of the test
 * file, which costs a third. One that reads an input, or has variables of its own, is started as a person starts it: the launcher
 * looks at these. `make soak` starts all so.
 */
export async function runCommand(command: string, words: readonly string[], options: RunOptions, env: Environment): Promise<Ran> {
  const isAlone = IS_SOAK || ALONE.has(command) || options.input !== undefined || options.env !== undefined
  const order = { launcher: command, words, directory: options.in ?? tmpdir(), env: environment(env) }
  const answer = isAlone ? undefined : await ordered(order)
  return answer ?? (await execute(join(CLONE, 'bin', command), words, { ...options, env: { ...env, ...options.env } }))
}

type Environment = Readonly<Record<string, string>>

/** As bin/mfserv gives it to Node. */
function environment(more: Environment): Environment {
  const { NODE_TEST_CONTEXT: _, MFSERV_COMPILE_CACHE: cache, ...own } = process.env
  const all = { ...own, MFSERV_COMPILE_CACHE: cache, NODE_COMPILE_CACHE: cache, ...more }
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

export function execute(file: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...options.env }
    delete env['NODE_TEST_CONTEXT']
    const child = execFile(
      file,
      [...args],
      { cwd: options.in ?? tmpdir(), env, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
        resolve({ code, stdout, stderr })
      },
    )
    // Without a text nothing is written: a command that has ended already would make that an error.
    child.stdin?.end(options.input)
  })
}

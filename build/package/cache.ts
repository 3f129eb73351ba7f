import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** What was fetched is kept in `.cache/package`: a second build needs no network, and has the same files. */
export class Cache {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
    mkdirSync(directory, { recursive: true })
  }

  /** The directory of that name and of those reasons; made when it is not there, and whole when it is. */
  async directory(name: string, reasons: readonly string[], make: (stage: string) => void | Promise<void>): Promise<string> {
    const hash = createHash('sha256').update(JSON.stringify(reasons)).digest('hex').slice(0, 16)
    const directory = join(this.#directory, `${name}-${hash}`)
    if (existsSync(directory)) return directory
    const stage = mkdtempSync(join(this.#directory, '.new-'))
    try {
      await make(stage)
      renameSync(stage, directory)
    } finally {
      rmSync(stage, { recursive: true, force: true })
    }
    return directory
  }
}

/** Runs a tool of the machine that builds. What it says is shown; without it, how to get it. */
export function tool(
  argv: readonly [string, ...string[]],
  options: { readonly cwd: string; readonly debian: string; readonly env?: NodeJS.ProcessEnv },
): void {
  const [program, ...words] = argv
  try {
    execFileSync(program, words, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', process.stderr, 'inherit'],
    })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error(`make package needs ${program}. As root: apt install ${options.debian}`)
    }
    throw error
  }
}

export function sha256Of(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

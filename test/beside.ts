import { spawn } from 'node:child_process'

export interface Job {
  readonly name: string
  readonly argv: readonly [string, ...string[]]
}

export interface Ended {
  readonly name: string
  readonly code: number
  /** All that it printed. */
  readonly output: string
}

/**
 * Runs `main` with the terminal as its own, and the others at the same time without it, so that no line of theirs falls between
 * its lines. `told` hears of one that failed the moment it has. Answers those that failed; none means that all is well.
 */
export async function beside(main: Job, others: readonly Job[], told: (name: string) => void): Promise<readonly Ended[]> {
  const quiet = others.map(async (job) => {
    const ended = await ran(job, 'pipe')
    if (ended.code !== 0) told(job.name)
    return ended
  })
  const all = await Promise.all([ran(main, 'inherit'), ...quiet])
  return all.filter(({ code }) => code !== 0)
}

/** As a person says how long it took. */
export function minutesAndSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

function ran({ name, argv: [file, ...args] }: Job, output: 'pipe' | 'inherit'): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', output, output] })
    const end = (): void => void child.kill()
    process.once('SIGTERM', end)
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      process.off('SIGTERM', end)
      resolve({ name, code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') })
    })
  })
}

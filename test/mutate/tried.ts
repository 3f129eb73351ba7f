import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Job, Message } from './job.ts'
import type { Mutant } from './mutants.ts'

const WORKER = join(import.meta.dirname, 'worker.ts')
/** A mutant may loop for ever, which is noticed too: its tests have so much time, and never less than this. */
const TIMES_AS_LONG = 10
const SHORTEST_MS = 5000
/** For the start of the process and the first run of the tests. */
const FIRST_MS = 120_000

/** Those of the mutants of a job that no test noticed. Throws when the tests fail without any. */
export async function survivorsOf(job: Job): Promise<readonly Mutant[]> {
  const survivors: Mutant[] = []
  let rest = job.mutants
  while (rest.length > 0) {
    const verdicts = await triedBy({ ...job, mutants: rest })
    for (const [at, noticed] of verdicts.entries()) {
      const mutant = rest[at]
      if (!noticed && mutant !== undefined) survivors.push(mutant)
    }
    // The one behind the last verdict ended its process, or never ended: noticed.
    rest = rest.slice(verdicts.length + 1)
  }
  return survivors
}

/** What one process says of the mutants, in their order, as far as it comes. */
function triedBy(job: Job): Promise<readonly boolean[]> {
  return new Promise((resolve, reject) => {
    const verdicts: boolean[] = []
    let limit = FIRST_MS
    let isSound = false
    const child = fork(WORKER, { execArgv: ['--disable-warning=ExperimentalWarning'], silent: true })
    const kill = (): void => void child.kill('SIGKILL')
    let timer = setTimeout(kill, limit)
    child.on('message', (message: Message) => {
      clearTimeout(timer)
      if (message.is === 'unsound') return reject(new Error(`a test fails without any change: ${message.because}`))
      if (message.is === 'sound') [isSound, limit] = [true, Math.max(SHORTEST_MS, message.ms * TIMES_AS_LONG)]
      if (message.is === 'tried') verdicts.push(message.noticed)
      timer = setTimeout(kill, limit)
    })
    child.once('error', reject)
    child.once('close', () => {
      clearTimeout(timer)
      if (isSound) resolve(verdicts)
      else reject(new Error(`the tests of ${job.file} ended their process without any change`))
    })
    child.send(job)
  })
}

import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { log } from '../../../host/logs/logger.ts'
import { readModule } from '../../../host/module/module-environment.ts'
import { now } from '../../../host/process/clock.ts'
import { Interruption } from '../../../host/process/interruption.ts'
import { lowerPriority } from '../../../host/process/priority.ts'
import { type MetricsInput, serveMetrics } from '../../../operations/metrics/serve.ts'
import { formatProblem, type Problem } from '../../../problem.ts'

/** Until it is told to end, or until the daemon that started it has. What it says is in log/metrics.log. */
export async function run(): Promise<undefined> {
  const paths = pathsOf(runtimeHome())
  const parent = process.ppid
  const interruption = Interruption.begin()
  try {
    await serveMetrics({
      paths,
      ...((await asDaemonSays()) ?? { settings: readModule(paths, process.env).config.settings, since: now() }),
      interruption,
      begun: lowerPriority,
      isAlone: () => process.ppid !== parent,
      tell: teller(),
    })
  } finally {
    interruption.end()
    process.disconnect?.()
  }
  return undefined
}

type Said = Pick<MetricsInput, 'settings' | 'since'>

/** The configuration in force, which may be another one than the files say; undefined for a person who runs this. */
function asDaemonSays(): Promise<Said | undefined> {
  if (!process.connected) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    process.once('message', (said) => resolve(said as Said))
    process.once('disconnect', () => resolve(undefined))
  })
}

/** The daemon shows it in the status; a person reads it here. */
function teller(): (problem: Problem | undefined) => void {
  let told: string | undefined
  return (problem) => {
    if (problem?.message === told) return
    told = problem?.message
    log(problem === undefined ? 'INFO' : 'ERROR', problem === undefined ? '/metrics is served' : formatProblem(problem))
    if (process.connected)
      process.send?.(problem === undefined ? null : { code: problem.code, message: problem.message, fix: problem.fix })
  }
}

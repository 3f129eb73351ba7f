import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { version } from '../../../host/home/version.ts'
import { log } from '../../../host/logs/logger.ts'
import { readWanted, writeTrouble } from '../../../host/metrics/between.ts'
import { readModule } from '../../../host/module/module-environment.ts'
import { now } from '../../../host/process/clock.ts'
import { Interruption } from '../../../host/process/interruption.ts'
import { lowerPriority } from '../../../host/process/priority.ts'
import { serveMetrics } from '../../../operations/metrics/serve.ts'
import { formatProblem } from '../../../problem.ts'

/** Until it is told to end, or until the daemon that started it has. What it says is in log/metrics.log, and in the status. */
export async function run(): Promise<undefined> {
  const paths = pathsOf(runtimeHome())
  const parent = process.ppid
  const interruption = Interruption.begin()
  let told: string | undefined
  try {
    await serveMetrics({
      paths,
      ...(readWanted(paths) ?? { settings: readModule(paths, process.env).config.settings, since: now() }),
      version: version(),
      interruption,
      begun: lowerPriority,
      isAlone: () => process.ppid !== parent,
      tell: (problem) => {
        writeTrouble(problem, paths)
        if (problem?.message === told) return
        told = problem?.message
        log(problem === undefined ? 'INFO' : 'ERROR', problem === undefined ? '/metrics is served' : formatProblem(problem))
      },
    })
  } finally {
    interruption.end()
  }
  return undefined
}

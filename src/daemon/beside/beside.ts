import type { Config } from '../../config/config.ts'
import type { Paths } from '../../host/home/paths.ts'
import type { Disk } from '../disk.ts'
import { LogSending } from '../log-sending.ts'
import { keepLogsBounded } from '../logs.ts'
import type { Metrics } from '../metrics.ts'
import { Provisioning } from '../provisioning.ts'
import { keepTemporaryBounded } from '../temporary.ts'
import { Renewal } from '../wanted/renewal.ts'
import { spareMemory } from './spare-memory.ts'

export interface Beside {
  /** Whether a command that was started still runs. */
  readonly hasCommand: () => boolean
  readonly end: () => void
}

interface BesideInput {
  readonly paths: Paths
  readonly config: () => Config
  readonly metrics: Metrics
  readonly disk: Disk
}

/** Begins what goes on beside the loop of a daemon, by timers of its own. */
export function beginBeside({ paths, config, metrics, disk }: BesideInput): Beside {
  const provisioning = new Provisioning(paths)
  const renewal = new Renewal(paths, config)
  const timers = [
    provisioning.watch(),
    renewal.watch(),
    keepTemporaryBounded(paths, config),
    keepLogsBounded(paths.log, config),
    spareMemory(),
  ]
  const sending = new LogSending(paths.log, config).watch()
  const counting = metrics.watch()
  const room = disk.watch()
  return {
    hasCommand: () => provisioning.isRunning() || renewal.isRunning(),
    end: () => {
      room.close()
      counting.close()
      sending.close()
      for (const timer of timers) clearInterval(timer)
    },
  }
}

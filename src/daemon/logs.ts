import type { Config } from '../config/config.ts'
import { namesIn } from '../host/disk/names-in.ts'
import { boundLogs } from '../host/logs/bound-logs.ts'
import { finishRotations, type RotationRules, rotateLogs } from '../host/logs/log-rotation.ts'
import { log } from '../host/logs/logger.ts'

/** How often the sizes of the logs are looked at: a flood can pass its bound by what it writes in this time. */
const CHECK_MS = 1000
/** How often all of them together are, besides when there is another file. */
const SUM_EVERY = 10

/** Rotates the logs of a directory whenever they are due, until the timer is cleared. A look that takes long delays the next. */
export function keepLogsBounded(directory: string, config: () => Config): NodeJS.Timeout {
  let isBusy = false
  let looks = 0
  let known = 0
  let told: ReadonlyMap<string, string> = new Map()
  const look = async (): Promise<void> => {
    if (looks === 0) await finishRotations(directory)
    const failed = await rotateLogs(directory, (name) => rulesOf(config(), name), new Date())
    for (const [file, why] of failed)
      if (told.get(file) !== why) log('WARNING', `${file} cannot be rotated and grows without a bound: ${why}`)
    told = failed
    const { max_size_per_plugin: perOwner, max_size_in_total: inTotal } = config().settings.log
    const files = namesIn(directory).length
    if (files !== known || looks % SUM_EVERY === 0) boundLogs(directory, { perOwner, inTotal })
    known = files
    looks += 1
  }
  return setInterval(() => {
    if (isBusy) return
    isBusy = true
    look()
      .catch((error: unknown) => log('ERROR', `logs were not rotated: ${error instanceof Error ? error.message : String(error)}`))
      .finally(() => {
        isBusy = false
      })
  }, CHECK_MS)
}

function rulesOf({ settings: { log: rules, nginx } }: Config, name: string): RotationRules {
  const isNginx = name.startsWith('nginx') && nginx.max_size_before_rotation > 0
  return {
    maxBytes: isNginx ? nginx.max_size_before_rotation : rules.max_size_before_rotation,
    maxAgeMs: rules.max_age_before_rotation * 1000,
    files: rules.number_of_rotated_files,
  }
}

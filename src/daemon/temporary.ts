import type { Config } from '../config/config.ts'
import { removeOldTemporary } from '../host/home/old-temporary.ts'
import type { Paths } from '../host/home/paths.ts'
import { log } from '../host/logs/logger.ts'
import { now } from '../host/process/clock.ts'
import { pluginNames } from '../host/releases/plugins-directory.ts'

const EVERY_MS = 3_600_000
const DAY_MS = 86_400_000

/** Removes old files of the plugins in tmp, until the timer is cleared. */
export function keepTemporaryBounded(paths: Paths, config: () => Config): NodeJS.Timeout {
  const look = (): void => {
    const days = config().settings.misc.tmp_max_age
    if (days === 0) return
    removeOldTemporary(paths, pluginNames(paths.plugins), days * DAY_MS, now())
      .then((removed) => {
        if (removed > 0) log('INFO', `${removed} files in tmp were removed: nobody had used them for ${days} days`)
      })
      .catch((error: unknown) =>
        log('ERROR', `old files in tmp were not removed: ${error instanceof Error ? error.message : String(error)}`),
      )
  }
  return setInterval(look, EVERY_MS)
}

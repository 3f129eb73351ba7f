import type { Paths } from '../host/home/paths.ts'
import { readModule } from '../host/module/module-environment.ts'
import type { Caution } from '../operations/release/replace.ts'
import { Problem, Problems } from '../problem.ts'

/** As the options are written. */
export interface CautionOptions {
  readonly watch?: string
  readonly canary?: string
  readonly canarySeconds?: string
}

const DAY = 86_400

/** What `--watch`, `--canary` and `--canary-seconds` say; the settings of [releases] otherwise. Throws USAGE. */
export function cautionOf({ watch, canary, canarySeconds }: CautionOptions, paths: Paths): Caution {
  const { watch_seconds: usual } = readModule(paths, process.env).config.settings.releases
  const whole = (option: string, written: string | undefined, fallback: number, most: number) => {
    const value = written === undefined ? fallback : /^\d+$/.test(written) ? Number(written) : Number.NaN
    if (value <= most) return value
    return new Problem('USAGE', `${option} is "${written}"`, `Write a whole number from 0 to ${most}.`)
  }
  const watchSeconds = whole('--watch', watch, usual, DAY)
  const canaryPercent = whole('--canary', canary, 0, 99)
  const seconds = whole('--canary-seconds', canarySeconds, Math.max(1, usual), DAY)
  const alone =
    canarySeconds !== undefined && canary === undefined
      ? new Problem('USAGE', '--canary-seconds says how long a canary lasts, and there is none', 'Add --canary PERCENT.')
      : undefined
  const problems = [watchSeconds, canaryPercent, seconds, alone].filter((value) => value instanceof Problem)
  if (watchSeconds instanceof Problem || canaryPercent instanceof Problem || seconds instanceof Problem || alone !== undefined)
    throw new Problems(problems)
  return { watchSeconds, canaryPercent, canarySeconds: seconds }
}

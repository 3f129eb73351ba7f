import type { Config } from '../config/config.ts'
import type { HoldLimits } from '../host/workers/hold.ts'

export function holdLimits({ settings: { supervisor } }: Config): HoldLimits {
  return { waitMs: supervisor.hold_timeout * 1000, waiting: supervisor.hold_max }
}

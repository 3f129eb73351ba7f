import type { CronRunner } from '../host/cron/cron-runner.ts'
import { now, steadyNow } from '../host/process/clock.ts'
import type { Millis } from '../time.ts'
import type { Machinery } from './loop.ts'
import type { Configuration } from './wanted/configuration.ts'

/** How often to look while something is under way that tells nobody, such as connections that end. */
const SOON_MS = 100
/** Between two rounds that both had something to do: a fault of ours must not take a whole processor. */
export const PAUSE_MS = 2
/** How often what nobody announces is looked at: nginx, the logs, adopted workers that serve. */
export const IDLE_MS = 1000

/** Milliseconds until the next round although nothing happens. `planned` is the moment of the last plan. */
export function restMs(
  planned: Millis,
  { workers, holds, hangs, bounds }: Machinery,
  cron: CronRunner,
  configuration: Configuration,
): number {
  const wake = workers.nextWake(planned)
  const isHolding = [...holds.values()].some((hold) => hold.held() > 0)
  if (wake === 'soon' || isHolding) return SOON_MS
  const due = cron.nextWake()
  const toRead = configuration.restMs()
  const rests = [
    bounds.restMs(steadyNow()),
    ...(toRead === undefined ? [] : [toRead]),
    ...(wake === undefined ? [] : [wake - steadyNow()]),
    ...(due === undefined ? [] : [due - now()]),
  ]
  const idleMs = hangs.isAsking() ? IDLE_MS / 2 : IDLE_MS
  return Math.max(0, Math.min(idleMs, ...rests))
}

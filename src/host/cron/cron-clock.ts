import type { Millis } from '../../time.ts'
import { now } from '../process/clock.ts'

/** Where the time comes from; tests bring their own. */
export interface CronClock {
  readonly now: () => Millis
  /** The time zone of the machine, an IANA name. */
  readonly zone: string
}

export const MACHINE_CLOCK: CronClock = { now, zone: new Intl.DateTimeFormat().resolvedOptions().timeZone }

import type { Millis } from '../../time.ts'
import { now } from '../process/clock.ts'

/** Where the time comes from; tests bring their own. */
export interface CronClock {
  readonly now: () => Millis
  /** The time zone of the machine, an IANA name. */
  readonly zone: string
}

let zoneOfMachine: string | undefined

export const MACHINE_CLOCK: CronClock = {
  now,
  /** Asked for at the first job: Node loads its data of all time zones for it, a twentieth of what the start of a daemon takes. */
  get zone() {
    zoneOfMachine ??= new Intl.DateTimeFormat().resolvedOptions().timeZone
    return zoneOfMachine
  },
}

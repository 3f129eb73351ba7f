import { localTime } from '../../host/logs/log-chain.ts'
import { now } from '../../host/process/clock.ts'
import { MOMENT_FORMS, momentWritten } from '../../log/since.ts'
import type { Clock } from '../../log/stamp.ts'
import { Problem } from '../../problem.ts'
import type { Millis } from '../../time.ts'

/** The moment that an option names. Throws USAGE. */
export function momentOption(option: string, written: string): Millis {
  const at = momentWritten(written, now(), localTime, clockOf)
  if (at === undefined) throw new Problem('USAGE', `${option} is "${written}", which is no moment`, `Write ${MOMENT_FORMS}.`)
  return at
}

/** A whole number that an option names. Throws USAGE. */
export function numberOption(option: string, written: string, most: number): number {
  const value = /^\d+$/.test(written) ? Number(written) : Number.NaN
  if (value <= most) return value
  throw new Problem('USAGE', `${option} is "${written}"`, `Write a whole number from 0 to ${most}.`)
}

function clockOf(at: Millis): Clock {
  const date = new Date(at)
  return [date.getFullYear(), date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds(), 0]
}

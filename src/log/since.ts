import { later, type Millis } from '../time.ts'
import { type Clock, type LocalTime, stampOf } from './stamp.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
const DAY_MS = 86_400_000

export const MOMENT_FORMS = '10m (s, m, h, d or w ago), 14:02, 2026-11-29, or 2026-11-29T14:02:30Z'

/** What the machine's clock shows at a moment. */
export type ClockOf = (at: Millis) => Clock

/** A moment as a person writes it; undefined for what is none. `14:02` is the last one: of today, or of yesterday where it is to come. */
export function momentWritten(text: string, now: Millis, local: LocalTime, clockOf: ClockOf): Millis | undefined {
  const [, number, unit] = /^(\d{1,9}(?:\.\d+)?)\s*([smhdw])(?:ago)?$/.exec(text) ?? []
  if (number !== undefined && unit !== undefined) return later(now, -Math.round(Number(number) * (UNITS[unit] ?? 0)))
  const [, hours, minutes, seconds = '0'] = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text) ?? []
  if (hours !== undefined && minutes !== undefined) {
    const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)]
    return h > 23 || m > 59 || s > 59 ? undefined : lastAt([h, m, s], now, local, clockOf)
  }
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined
  const whole = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text} 00:00:00` : text.replace(/^(.{10}[T ]\d\d:\d\d)(?!:)/, '$1:00')
  const stamp = stampOf(whole, local)
  return stamp === undefined || stamp.end !== whole.length ? undefined : stamp.at
}

function lastAt([h, m, s]: readonly [number, number, number], now: Millis, local: LocalTime, clockOf: ClockOf): Millis {
  const [year, month, day] = clockOf(now)
  const today = local([year, month, day, h, m, s, 0])
  if (today <= now) return today
  // Not a day's milliseconds before today's: a day on which the clock is set has others.
  const [y, mo, d] = clockOf(later(local([year, month, day, 12, 0, 0, 0]), -DAY_MS))
  return local([y, mo, d, h, m, s, 0])
}

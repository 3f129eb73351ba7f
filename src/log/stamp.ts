import type { Millis } from '../time.ts'

/** Year, month (1 to 12), day, hours, minutes, seconds, milliseconds. */
export type Clock = readonly [number, number, number, number, number, number, number]

/** The moment at which the clock of the machine shows this. */
export type LocalTime = (clock: Clock) => Millis

/** The moment that a line begins with, and where the text behind it begins. */
export interface Stamp {
  readonly at: Millis
  readonly end: number
}

const [BRACKET, ZERO, NINE] = [0x5b, 0x30, 0x39]
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const TIME = String.raw`(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?`
const ZONE = String.raw`\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?`

/**
 * What begins with a year: ISO 8601, Python's logging and gunicorn (`2026-11-29 10:00:00,123`), nginx and Go
 * (`2026/11/29 10:00:00`); in square brackets or not.
 */
const YEAR_FIRST = new RegExp(String.raw`^\[?(\d{4})[-/](\d\d)[-/](\d\d)[T ]${TIME}${ZONE}\]?[:,]?\s*`)
/** What begins with a day: PHP (`[29-Nov-2026 10:00:00 UTC]`), Django (`[29/Nov/2026 10:00:00]`), Redis (`123:M 29 Nov 2026 10:00:00.123`). */
const DAY_FIRST = new RegExp(
  String.raw`^(?:\d+:[A-Z] )?\[?(\d\d?)[-/ ]([A-Za-z]{3})[-/ ](\d{4})[ :]${TIME}${ZONE}(?: [A-Z][A-Za-z]+\/[A-Za-z_/]+)?\]?[:,]?\s*`,
)
/** The common format of access logs: `127.0.0.1 - - [29/Nov/2026:10:00:00 +0100]`. The client stands before the moment. */
const COMMON = new RegExp(String.raw`^\S{1,100} \S{1,100} \S{1,100} \[(\d\d?)\/([A-Za-z]{3})\/(\d{4})[ :]${TIME}${ZONE}\]`)

/** The moment that a line begins with; undefined when it begins with none. A moment without a zone is one of the machine's clock. */
export function stampOf(line: string, local: LocalTime): Stamp | undefined {
  if (line.length < 19) return undefined
  // Expressions are tried where they may fit: a flood is read line by line.
  const first = line.charCodeAt(0)
  if (first === BRACKET || (first >= ZERO && first <= NINE)) {
    const year = YEAR_FIRST.exec(line)
    if (year !== null) return moment(year, [year[1], year[2], year[3]], year[0].length, local)
    const day = DAY_FIRST.exec(line)
    if (day !== null) return moment(day, [day[3], monthNumber(day[2]), day[1]], day[0].length, local)
  }
  const common = line.includes(' [') ? COMMON.exec(line) : null
  return common === null ? undefined : moment(common, [common[3], monthNumber(common[2]), common[1]], 0, local)
}

/** A text or a number as JSON loggers write it: ISO, or seconds, milliseconds, microseconds or nanoseconds since 1970. */
export function momentOf(value: unknown, local: LocalTime): Millis | undefined {
  if (typeof value === 'string') return stampOf(value, local)?.at
  if (typeof value !== 'number' || !(value > 0)) return undefined
  // Between 1973 and 5138 each of them has a magnitude of its own.
  const ms = value < 1e11 ? value * 1000 : value < 1e14 ? value : value < 1e17 ? value / 1000 : value / 1e6
  return Math.round(ms) as Millis
}

type Written = string | undefined

function moment(
  found: RegExpExecArray,
  [year, month, day]: readonly [Written, Written, Written],
  end: number,
  local: LocalTime,
): Stamp | undefined {
  const [hours, minutes, seconds, fraction = '', zone] = found.slice(4, 9)
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'))
  const clock = [year, month, day, hours, minutes, seconds].map(Number)
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = clock
  if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60) return undefined
  const at = zone === undefined ? local([y, mo, d, h, mi, s, ms]) : Date.UTC(y, mo - 1, d, h, mi, s, ms) - offsetOf(zone)
  return { at: at as Millis, end }
}

/** In milliseconds east of Greenwich. */
function offsetOf(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? []
  if (sign === undefined) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

function monthNumber(name: Written): string {
  return String(MONTHS.indexOf((name ?? '').toLowerCase()) + 1)
}

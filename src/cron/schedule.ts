import { Cron } from 'croner'
import { didYouMean } from '../config/nearest.ts'
import type { Millis } from '../time.ts'
import { type Fault, FIELDS, readField } from './field.ts'

/** When a job is due. `text` is how it was written. */
export type Schedule =
  /** `expression`: five fields of numbers. */
  | { readonly at: 'times'; readonly text: string; readonly expression: string }
  /** Once after each start of the module: `@reboot`. */
  | { readonly at: 'start'; readonly text: string }

/** What the due times depend on besides the schedule. */
export interface Calendar {
  /** An IANA name such as Europe/Paris. */
  readonly zone: string
  /** When the module was started. A daemon that takes over from another one is no start. */
  readonly moduleStart: Millis
}

/** The first due time after a moment; null when there is none. */
export type NextTime = (after: Millis) => Millis | null

const NAMED: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
}
const AT_START = '@reboot'

export type ReadSchedule = { readonly schedule: Schedule } | { readonly faults: readonly Fault[] }

/** Reads `@daily` and the like. */
export function readNamed(word: string): ReadSchedule {
  const name = word.toLowerCase()
  if (name === AT_START) return { schedule: { at: 'start', text: word } }
  const expression = NAMED[name]
  if (expression !== undefined) return { schedule: { at: 'times', text: word, expression } }
  const names = [...Object.keys(NAMED), AT_START]
  const fix = `${didYouMean(word, names)}Write one of ${names.join(', ')}, or five time fields.`
  return { faults: [{ message: `there is no time named ${word}`, fix }] }
}

/** Reads the five time fields, with every fault in them. */
export function readFields(words: readonly string[]): ReadSchedule {
  const fields = FIELDS.map((rule, index) => readField(words[index] ?? '', rule))
  const faults = fields.flatMap((field) => field.faults)
  if (faults.length > 0) return { faults }
  const schedule: Schedule = { at: 'times', text: words.join(' '), expression: fields.map(({ text }) => text).join(' ') }
  if (!everComes(fields.map(({ text }) => text))) {
    return { faults: [{ message: `no day is ever ${words[2]} ${words[3]}`, fix: 'Write a day that the month has.' }] }
  }
  return { schedule }
}

const MONTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
/** The last day of those that have no 31st. */
const SHORT_MONTHS: ReadonlyMap<number, number> = new Map([
  [2, 29],
  [4, 30],
  [6, 30],
  [9, 30],
  [11, 30],
])

/** Whether any month has such a day. A day of the week that is restricted suffices alone, where the day of the month does not begin with `*`. */
function everComes([, , day = '', month = '', weekday = '']: readonly string[]): boolean {
  if (day.startsWith('*') || !weekday.startsWith('*')) return true
  const firstDay = Math.min(...day.split(',').map((part) => Number(/^\d+/.exec(part)?.[0])))
  const months = month.split(',').flatMap((part) => {
    const [range = '', step = '1'] = part.split('/')
    const [first = '', last = first] = range === '*' ? ['1', '12'] : range.split('-')
    return MONTHS.filter((one) => one >= Number(first) && one <= Number(last) && (one - Number(first)) % Number(step) === 0)
  })
  return months.some((one) => {
    const lastDay = SHORT_MONTHS.get(one)
    return lastDay === undefined || firstDay <= lastDay
  })
}

/** Whether this is the name of a time zone. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/**
 * The due times of a schedule, as cron on Debian has them. When the clock goes forward, a job with fixed times that do not
 * exist that day runs once, right after the change; when it goes back, a fixed time that comes twice counts once. Jobs with
 * `*` in the minute or in the hour keep their intervals through both.
 */
export function timesOf(schedule: Schedule, calendar: Calendar): NextTime {
  if (schedule.at === 'start') return (after) => (after < calendar.moduleStart ? calendar.moduleStart : null)
  const [, , day = '', , weekday = ''] = schedule.expression.split(' ')
  const cron = new Cron(schedule.expression, {
    mode: '5-part',
    timezone: calendar.zone,
    fixedTimeRule: 'no-wildcard',
    // A star in front of either (it may have a step): both fields must fit. Otherwise one of them suffices.
    domAndDow: day.startsWith('*') || weekday.startsWith('*'),
  })
  return (after) => {
    const next = cron.nextRun(new Date(after))
    return next === null ? null : (next.getTime() as Millis)
  }
}

/** Each takes half a millisecond; the minutes of a long absence must not keep the daemon from its work. */
const MOST_AT_ONCE = 100

/** The due times after `handled` and up to `now`; of many only the first hundred. */
export function dueTimes(next: NextTime, handled: Millis, now: Millis): readonly Millis[] {
  const times: Millis[] = []
  for (let time = next(handled); time !== null && time <= now && times.length < MOST_AT_ONCE; time = next(time)) times.push(time)
  return times
}

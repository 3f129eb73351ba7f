import { didYouMean } from '../config/nearest.ts'

/** One of the five time fields of a crontab line. */
export interface FieldRule {
  readonly name: string
  readonly min: number
  readonly max: number
  /** How many different values there are: the largest step. */
  readonly size: number
  /** Three-letter names of the values, the first for `min`; empty where only numbers are allowed. */
  readonly names: readonly string[]
}

export const FIELDS: readonly FieldRule[] = [
  { name: 'minute', min: 0, max: 59, size: 60, names: [] },
  { name: 'hour', min: 0, max: 23, size: 24, names: [] },
  { name: 'day of the month', min: 1, max: 31, size: 31, names: [] },
  {
    name: 'month',
    min: 1,
    max: 12,
    size: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  // 0 and 7 are both Sunday.
  { name: 'day of the week', min: 0, max: 7, size: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
]

/** What is wrong with a text, and what to write instead. */
export interface Fault {
  readonly message: string
  readonly fix: string
}

export interface ReadField {
  /** The field with numbers instead of names. */
  readonly text: string
  readonly faults: readonly Fault[]
}

/** More than every value in a list. */
const LONGEST = 250

/** Reads values, ranges with or without a step, and lists of them: `5`, `1-5`, `0-30/10`, `mon,wed,fri`, `*`. */
export function readField(text: string, rule: FieldRule): ReadField {
  if (text.length > LONGEST) {
    return wrong(`it has ${text.length} characters`, `Write a range such as ${rule.min}-${rule.max}, or *.`, rule)
  }
  const parts = text.split(',').map((part) => readPart(part, rule))
  return { text: parts.map((part) => part.text).join(','), faults: parts.flatMap(({ faults }) => faults) }
}

function readPart(part: string, rule: FieldRule): ReadField {
  const [base = ''] = part.split('/')
  const step = part === base ? undefined : part.slice(base.length + 1)
  const range = base === '*' ? { text: base, faults: [] } : readRange(base, rule)
  const faults = [...range.faults, ...(step === undefined ? [] : stepFaults(base, step, rule))]
  return { text: step === undefined ? range.text : `${range.text}/${step}`, faults }
}

function readRange(base: string, rule: FieldRule): ReadField {
  const [first = '', last, ...rest] = base.split('-')
  if (rest.length > 0) return wrong(`"${base}" is no range`, `Write a range such as ${rule.min}-${rule.max}.`, rule)
  const from = readValue(first, rule, 'first')
  const to = last === undefined ? undefined : readValue(last, rule, 'last')
  const faults = [from, to].flatMap((value) => (typeof value === 'object' ? [value] : []))
  if (to === undefined) return { text: String(from), faults }
  // A fault is NaN here, and that is not more than anything.
  if (Number(from) > Number(to)) {
    const sides = `${from}-${rule.max},${rule.min}-${to}`
    return wrong(`the range ${base} ends before it begins`, `Write ${sides} to go over the end.`, rule)
  }
  return { text: `${from}-${to}`, faults }
}

/** `last`: as the end of a range `sun` is the 7 after Saturday. */
function readValue(text: string, rule: FieldRule, position: 'first' | 'last'): number | Fault {
  const name = rule.names.indexOf(text.toLowerCase())
  if (name === 0 && rule.max === 7 && position === 'last') return 7
  if (name >= 0) return name + rule.min
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (value >= rule.min && value <= rule.max) return value
  const names = rule.names.length === 0 ? '' : ` or one of ${rule.names.join(', ')}`
  const fix = `${didYouMean(text.slice(0, 3), rule.names)}Write a number from ${rule.min} to ${rule.max}${names}, or * for every one.`
  return { message: `the ${rule.name} is "${text}"`, fix }
}

function stepFaults(base: string, step: string, rule: FieldRule): readonly Fault[] {
  const value = /^\d{1,4}$/.test(step) ? Number(step) : 0
  if (value < 1 || value > rule.size) {
    return [{ message: `the step of the ${rule.name} is "${step}"`, fix: `Write a number from 1 to ${rule.size} after the /.` }]
  }
  if (base === '*' || base.includes('-')) return []
  const fix = `Write ${base}-${rule.max}/${step} for every ${value} from ${base} on, or */${step}.`
  return [{ message: `the ${rule.name} is "${base}/${step}", a step without a range`, fix }]
}

function wrong(message: string, fix: string, rule: FieldRule): ReadField {
  return { text: '', faults: [{ message: `the ${rule.name}: ${message}`, fix }] }
}

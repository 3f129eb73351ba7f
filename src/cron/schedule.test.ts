import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../time.ts'
import { dueTimes, isZone, type ReadSchedule, readFields, readNamed, type Schedule, timesOf } from './schedule.ts'

const PARIS = 'Europe/Paris'

interface Case {
  readonly says: string
  readonly fields: string
  readonly zone: string
  readonly after: string
  readonly due: readonly string[]
}

const CASES: readonly Case[] = [
  {
    says: 'a daily job keeps its local hour in winter and in summer',
    fields: '30 4 * * *',
    zone: PARIS,
    after: '2026-03-28T00:00:00Z',
    due: ['2026-03-28T03:30:00Z', '2026-03-29T02:30:00Z', '2026-03-30T02:30:00Z'],
  },
  {
    says: 'a time that the spring change leaves out runs once, right after the change',
    fields: '30 2 * * *',
    zone: PARIS,
    after: '2026-03-28T12:00:00Z',
    due: ['2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z'],
  },
  {
    says: 'several times that the spring change leaves out are one run',
    fields: '0,30 2,3 * * *',
    zone: PARIS,
    after: '2026-03-28T12:00:00Z',
    due: ['2026-03-29T01:00:00Z', '2026-03-29T01:30:00Z', '2026-03-30T00:00:00Z'],
  },
  {
    says: 'a time that comes twice in autumn runs at the first',
    fields: '30 2 * * *',
    zone: PARIS,
    after: '2026-10-24T12:00:00Z',
    due: ['2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
  },
  {
    says: 'an hourly job keeps its hour through the spring change',
    fields: '0 * * * *',
    zone: PARIS,
    after: '2026-03-28T23:30:00Z',
    due: ['2026-03-29T00:00:00Z', '2026-03-29T01:00:00Z', '2026-03-29T02:00:00Z'],
  },
  {
    says: 'an hourly job keeps its hour through the autumn change',
    fields: '0 * * * *',
    zone: PARIS,
    after: '2026-10-24T23:30:00Z',
    due: ['2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z', '2026-10-25T02:00:00Z'],
  },
  {
    says: 'midnight that does not exist is the first moment of the day',
    fields: '0 0 * * *',
    zone: 'Africa/Cairo',
    after: '2026-04-22T23:00:00Z',
    due: ['2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z'],
  },
  {
    says: 'two restricted day fields: one suffices',
    fields: '0 0 13 * 5',
    zone: 'UTC',
    after: '2026-11-07T00:00:00Z',
    due: [
      '2026-11-13T00:00:00Z',
      '2026-11-20T00:00:00Z',
      '2026-11-27T00:00:00Z',
      '2026-12-04T00:00:00Z',
      '2026-12-11T00:00:00Z',
      '2026-12-13T00:00:00Z',
    ],
  },
  {
    says: 'a star with a step in a day field: both must fit, as in cron',
    fields: '0 0 */2 * mon',
    zone: 'UTC',
    after: '2026-11-01T00:00:00Z',
    due: ['2026-11-09T00:00:00Z', '2026-11-23T00:00:00Z'],
  },
  {
    says: 'a star with a step in the day of the week: both must fit as well',
    fields: '0 0 13 * */2',
    zone: 'UTC',
    after: '2026-11-01T00:00:00Z',
    due: ['2026-12-13T00:00:00Z', '2027-02-13T00:00:00Z'],
  },
  {
    says: 'names of months and days, and Sunday at the end of a range',
    fields: '0 12 * Jan-MAR sat-sun',
    zone: 'UTC',
    after: '2026-12-01T00:00:00Z',
    due: ['2027-01-02T12:00:00Z', '2027-01-03T12:00:00Z', '2027-01-09T12:00:00Z'],
  },
  {
    says: '0 and 7 are Sunday',
    fields: '0 0 * * 0,7',
    zone: 'UTC',
    after: '2026-11-01T00:00:00Z',
    due: ['2026-11-08T00:00:00Z', '2026-11-15T00:00:00Z'],
  },
  {
    says: 'the 29th of February is waited for',
    fields: '0 0 29 2 *',
    zone: 'UTC',
    after: '2026-11-01T00:00:00Z',
    due: ['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z'],
  },
  {
    says: 'ranges, lists and steps go together',
    fields: '0-10/5,59 8-9 * * *',
    zone: 'UTC',
    after: '2026-11-01T08:05:00Z',
    due: ['2026-11-01T08:10:00Z', '2026-11-01T08:59:00Z', '2026-11-01T09:00:00Z'],
  },
]

for (const { says, fields, zone, after, due } of CASES) {
  test(`${fields}: ${says}`, () => {
    const next = timesOf(scheduleOf(readFields(fields.split(' '))), { zone, moduleStart: at('2026-01-01T00:00:00Z') })
    assert.deepEqual(series(next, at(after), due.length), due)
  })
}

test('the names of times mean what crontab(5) says', () => {
  const meant = ['@hourly', '@daily', '@midnight', '@Weekly', '@monthly', '@yearly', '@annually'].map((name) => {
    const schedule = scheduleOf(readNamed(name))
    return schedule.at === 'times' ? schedule.expression : schedule.at
  })
  assert.deepEqual(meant, ['0 * * * *', '0 0 * * *', '0 0 * * *', '0 0 * * 0', '0 0 1 * *', '0 0 1 1 *', '0 0 1 1 *'])
})

test('@reboot is due once, at the start of the module', () => {
  const moduleStart = at('2026-11-01T08:00:30Z')
  const next = timesOf(scheduleOf(readNamed('@reboot')), { zone: PARIS, moduleStart })
  assert.equal(next((moduleStart - 1) as Millis), moduleStart)
  assert.equal(next(moduleStart), null)
})

test('a job is not due again where the calendar ends', () => {
  const next = timesOf(scheduleOf(readFields('0 0 29 2 *'.split(' '))), { zone: 'UTC', moduleStart: at('2026-01-01T00:00:00Z') })
  assert.equal(next(at('9997-01-01T00:00:00Z')), null)
})

test('due times are those after the last that was dealt with, up to now', () => {
  const next = timesOf(scheduleOf(readNamed('@hourly')), { zone: 'UTC', moduleStart: at('2026-01-01T00:00:00Z') })
  const due = dueTimes(next, at('2026-11-01T08:00:00Z'), at('2026-11-01T10:00:00Z'))
  assert.deepEqual(due.map(iso), ['2026-11-01T09:00:00Z', '2026-11-01T10:00:00Z'])
  assert.equal(dueTimes(next, at('2026-01-01T00:00:00Z'), at('2026-11-01T00:00:00Z')).length, 100)
})

const WRONG: Readonly<Record<string, readonly string[]>> = {
  '60 * * * *': ['the minute is "60" Write a number from 0 to 59, or * for every one.'],
  '* 24 0 13 8': [
    'the hour is "24" Write a number from 0 to 23, or * for every one.',
    'the day of the month is "0" Write a number from 1 to 31, or * for every one.',
    'the month is "13" Write a number from 1 to 12 or one of jan, feb, mar, apr, may, jun, jul, aug, sep, oct, nov, dec, or * for every one.',
    'the day of the week is "8" Write a number from 0 to 7 or one of sun, mon, tue, wed, thu, fri, sat, or * for every one.',
  ],
  '* * * * monday': [
    'the day of the week is "monday" Did you mean "mon"? Write a number from 0 to 7 or one of sun, mon, tue, wed, thu, fri, sat, or * for every one.',
  ],
  '5/15 * * * *': ['the minute is "5/15", a step without a range Write 5-59/15 for every 15 from 5 on, or */15.'],
  '*/0 * * * *': ['the step of the minute is "0" Write a number from 1 to 60 after the /.'],
  '*/ * * * *': ['the step of the minute is "" Write a number from 1 to 60 after the /.'],
  '* 22-2 * * *': ['the hour: the range 22-2 ends before it begins Write 22-23,0-2 to go over the end.'],
  '1-2-3 * * * *': ['the minute: "1-2-3" is no range Write a range such as 0-59.'],
  '1,,2 * * * *': ['the minute is "" Write a number from 0 to 59, or * for every one.'],
  '0 0 L * *': ['the day of the month is "L" Write a number from 1 to 31, or * for every one.'],
  '0 0 31 feb,apr *': ['no day is ever 31 feb,apr Write a day that the month has.'],
}

for (const [fields, expected] of Object.entries(WRONG)) {
  test(`${fields} is refused with what to write instead`, () => {
    const read = readFields(fields.split(' '))
    assert.ok('faults' in read)
    assert.deepEqual(
      read.faults.map(({ message, fix }) => `${message} ${fix}`),
      expected,
    )
  })
}

/** Of each: days of some months that come, and days that never do. */
const DAYS: readonly (readonly [comes: readonly string[], never: readonly string[]])[] = [
  [
    ['31 1', '31 3', '31 5', '31 7', '31 8', '31 10', '31 12'],
    ['31 2', '31 4', '31 6', '31 9', '31 11', '30 2'],
  ],
  [['29 2', '30 4', '30 6', '30 9', '30 11', '1 2', '*/31 2', '*/31 4'], []],
  [
    ['29,31 2', '31,29 2', '31-31,28-30 2'],
    ['30-31 2', '30,31 2', '31-31/2 4'],
  ],
  [
    ['31 4-5', '31 5-6', '31 2,4,5', '31 5,6'],
    ['31 2,4,6,9,11', '30-31 2-2', '31 4-4'],
  ],
  [
    ['31 *', '31 */2', '31 */12', '31 2-12/3', '31 2,4-7/3'],
    ['31 2-6/2', '31 4-11/5', '31 2-12/7', '31 2-4/2,9-11/2'],
  ],
]

test('a day that none of its months has is refused, and one that any of them has is taken', () => {
  for (const [comes, never] of DAYS) {
    for (const days of comes) assert.ok('schedule' in readFields(`0 0 ${days} *`.split(' ')), days)
    for (const days of never) {
      const fault = { message: `no day is ever ${days}`, fix: 'Write a day that the month has.' }
      assert.deepEqual(readFields(`0 0 ${days} *`.split(' ')), { faults: [fault] })
      assert.ok('faults' in readFields(`0 0 ${days} */2`.split(' ')), days)
      assert.ok('schedule' in readFields(`0 0 ${days} mon`.split(' ')), days)
    }
  }
})

test('fields that are not there are told one by one', () => {
  const read = readFields(['0', '0'])
  assert.ok('faults' in read)
  assert.deepEqual(
    read.faults.map(({ message }) => message),
    ['the day of the month is ""', 'the month is ""', 'the day of the week is ""'],
  )
})

test('a name that is no time is refused with the nearest one', () => {
  const read = readNamed('@dayly')
  assert.ok('faults' in read)
  assert.match(read.faults[0]?.fix ?? '', /^Did you mean "@daily"\? Write one of @hourly, .*@reboot, or five time fields\.$/)
})

test('time zones are known by their names', () => {
  assert.deepEqual(['Europe/Paris', 'UTC', 'Europe/Pari', ''].map(isZone), [true, true, false, false])
})

function scheduleOf(read: ReadSchedule): Schedule {
  assert.ok('schedule' in read, JSON.stringify(read))
  return read.schedule
}

function series(next: (after: Millis) => Millis | null, after: Millis, count: number): readonly string[] {
  const times: string[] = []
  for (let time = next(after); time !== null && times.length < count; time = next(time)) times.push(iso(time))
  return times
}

function at(text: string): Millis {
  return Date.parse(text) as Millis
}

function iso(time: Millis): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}

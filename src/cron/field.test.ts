import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FIELDS, readField } from './field.ts'

/** For each field: its least and its highest value, and its longest step. */
const LIMITS: Readonly<Record<string, readonly [least: number, most: number, step: number]>> = {
  minute: [0, 59, 60],
  hour: [0, 23, 24],
  'day of the month': [1, 31, 31],
  month: [1, 12, 12],
  'day of the week': [0, 7, 7],
}

test('every field takes its values and steps up to their limits, and none beyond', () => {
  assert.deepEqual(
    FIELDS.map(({ name }) => name),
    Object.keys(LIMITS),
  )
  for (const { name } of FIELDS) {
    const [least, most, step] = LIMITS[name] ?? [Number.NaN, Number.NaN, Number.NaN]
    for (const right of [`${least}`, `${most}`, `${least}-${most}`, '*', '*/1', `*/${step}`, `${least}-${most}/${step}`])
      assert.deepEqual(faultsOf(name, right), [], `${name} ${right}`)
    for (const wrong of [`${least - 1}`, `${most + 1}`, `${least}-${most + 1}`, '*/0', `*/${step + 1}`, '*/-1', '*/x', '*/1/1'])
      assert.equal(faultsOf(name, wrong).length > 0, true, `${name} ${wrong}`)
  }
})

test('a range may be of one value, and one with two faults tells both', () => {
  assert.deepEqual(read('hour', '5-5'), { text: '5-5', faults: [] })
  assert.deepEqual(faultsOf('hour', '24-x'), ['the hour is "24"', 'the hour is "x"'])
})

test('names become numbers, in upper and lower case, and Sunday is 0 at the beginning and 7 at the end of a range', () => {
  assert.equal(read('month', 'JAN-dec,feb/2').text, '1-12,2/2')
  assert.equal(read('day of the week', 'sun,Sun-sat,fri-sun,mon-SUN/2').text, '0,0-6,5-7,1-7/2')
  assert.equal(read('month', 'jan-jan').text, '1-1')
})

test('a field of up to 250 characters is read, and a longer one refused', () => {
  const long = Array(125).fill('1').join(',')
  assert.deepEqual(faultsOf('hour', `${long}1`), [])
  assert.deepEqual(read('hour', `${long},1`).faults, [
    { message: 'the hour: it has 251 characters', fix: 'Write a range such as 0-23, or *.' },
  ])
})

test('a name that is not written right is told with the nearest, by its first three letters', () => {
  const hint = (name: string, text: string) => /Did you mean "(\w+)"/.exec(read(name, text).faults[0]?.fix ?? '')?.[1]
  assert.deepEqual(
    ['monday', 'mxnday', 'Thrusday', 'we', '8', ''].map((text) => hint('day of the week', text)),
    ['mon', 'mon', 'thu', 'wed', undefined, undefined],
  )
  assert.equal(hint('hour', 'monday'), undefined)
})

function read(name: string, text: string) {
  const rule = FIELDS.find((field) => field.name === name)
  assert.ok(rule)
  return readField(text, rule)
}

function faultsOf(name: string, text: string): readonly string[] {
  return read(name, text).faults.map(({ message }) => message)
}

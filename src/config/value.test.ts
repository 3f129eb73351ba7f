import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decimal, flag, list, oneOf, type Read, shaped, text, whole, wholeOrNone } from './value.ts'

/** What each text reads as; `undefined` when it is refused. */
function readAs<T>(read: Read<T>, written: readonly string[]): readonly (T | undefined)[] {
  return written.map((one) => {
    const result = read(one)
    return 'value' in result ? result.value : undefined
  })
}

test('a flag is on or off in every usual spelling, and nothing else is one', () => {
  const on = ['1', 'true', 'yes', 'y', 't', 'on', 'TRUE', 'On']
  const off = ['0', 'false', 'no', 'n', 'f', 'off', 'null', 'FALSE', 'Off']
  assert.deepEqual(readAs(flag, on), Array(on.length).fill(true))
  assert.deepEqual(readAs(flag, off), Array(off.length).fill(false))
  assert.deepEqual(readAs(flag, ['', '2', '10', 'truely', 'nope', ' 1']), Array(6).fill(undefined))
})

test('a whole number has its limits, a sign where less than nothing is allowed, and no other form', () => {
  assert.deepEqual(readAs(whole(-1, 5), ['-2', '-1', '0', '5', '6']), [undefined, -1, 0, 5, undefined])
  assert.deepEqual(readAs(whole(0, 500), ['', '1.0', '+1', '0x1', '1e2', '--1', ' 1', '007']), [...Array(7).fill(undefined), 7])
})

test('a number with decimals has its limits, and no other form', () => {
  const read = decimal(1, 2.5)
  assert.deepEqual(readAs(read, ['0.99', '1', '1.0', '2.5', '2.51']), [undefined, 1, 1, 2.5, undefined])
  assert.deepEqual(readAs(read, ['', '1.', '.5', '1,5', '-1', '1e0', '1.5.1']), Array(7).fill(undefined))
  assert.deepEqual(read('9'), { expected: 'a number from 1 to 2.5, such as 1.5' })
})

test('no limit is written as null, as nothing or as -1, and reads as 0', () => {
  const read = wholeOrNone(9)
  assert.deepEqual(readAs(read, ['', 'null', '-1', '0', '1', '9']), [0, 0, 0, 0, 1, 9])
  assert.deepEqual(readAs(read, ['10', '-2', 'none', '-10', 'nulls']), Array(5).fill(undefined))
  assert.deepEqual(read('10'), { expected: 'a whole number from 0 to 9' })
})

test('null stands for no text, no list and nothing of a shape', () => {
  assert.deepEqual(readAs(text, ['null', '', 'a', 'nulls']), ['', '', 'a', 'nulls'])
  assert.deepEqual(readAs(shaped(/^\d$/, 'a digit'), ['null', '', '1', 'a', '12']), ['', '', '1', undefined, undefined])
  const digits = list(',', /^\d$/, 'digits')
  assert.deepEqual(readAs(digits, ['null', '', ' , ', '1', '1, 2,,3 ,', '1,a', 'null,1']), [
    [],
    [],
    [],
    ['1'],
    ['1', '2', '3'],
    undefined,
    undefined,
  ])
})

test('one of several words is one of them as it is written', () => {
  const read = oneOf('INFO', 'DEBUG')
  assert.deepEqual(readAs(read, ['INFO', 'DEBUG', 'info', '', 'INF']), ['INFO', 'DEBUG', undefined, undefined, undefined])
  assert.deepEqual(read('info'), { expected: 'one of INFO, DEBUG' })
})

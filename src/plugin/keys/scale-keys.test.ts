import assert from 'node:assert/strict'
import test from 'node:test'
import { boundsText, SCALE_KEYS, workerBounds } from './scale-keys.ts'

test('a number of workers is one number, or the smallest and the largest', () => {
  for (const [written, least, most] of [
    ['3', 3, 3],
    ['0', 0, 0],
    ['0..4', 0, 4],
    ['1 .. 1000', 1, 1000],
    ['2..2', 2, 2],
  ] as const) {
    assert.deepEqual(workerBounds(written), { value: { least, most } })
  }
  assert.deepEqual([boundsText({ least: 3, most: 3 }), boundsText({ least: 0, most: 4 })], ['3', '0..4'])
})

test('every other text is refused with what to write', () => {
  for (const written of ['', '-1', '0..', '..4', '4..2', '0..1001', '0...4', '0..4..5', '0-4', '1.5', 'many', '0,,4']) {
    assert.deepEqual(workerBounds(written), { expected: 'a whole number from 0 to 1000, or two such as 0..4' }, written)
  }
})

test('the time until an app sleeps is a number of seconds, or that of the module', () => {
  const { read } = SCALE_KEYS.sleep_after
  assert.deepEqual([read('0'), read('600'), read('AUTO')], [{ value: 0 }, { value: 600 }, { value: undefined }])
  for (const written of ['-1', '10m', '1.5', 'auto', '']) assert.ok('expected' in read(written), written)
})

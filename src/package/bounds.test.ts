import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beyondBounds, boundsFor } from './bounds.ts'

const MEBIBYTE = 1_048_576
const GIBIBYTE = 1_073_741_824

test('an archive may unpack to two hundred times its size, to 32 MiB at least and 16 GiB at most', () => {
  const cases = [
    [0, 32 * MEBIBYTE],
    [167_772, 32 * MEBIBYTE],
    [167_773, 33_554_600],
    [1_000_000, 200_000_000],
    [85_899_345, 17_179_869_000],
    [85_899_346, 16 * GIBIBYTE],
    [90_000_000, 16 * GIBIBYTE],
  ] as const
  for (const [size, bytes] of cases) {
    const stream = bytes + 64 * MEBIBYTE
    assert.deepEqual(boundsFor(size), { entries: 200_000, bytes, stream, text: 32 * MEBIBYTE }, String(size))
  }
})

test('a release at its bounds can be installed, and one beyond any of them is told with both numbers', () => {
  const most = { entries: 200_000, bytes: 200_000_000, stream: 267_108_864 }
  assert.equal(beyondBounds(most, 1_000_000), undefined)
  assert.equal(
    beyondBounds({ ...most, entries: 200_001 }, 1_000_000),
    'it has 200001 files and directories, more than the 200000 that are installed',
  )
  assert.equal(
    beyondBounds({ ...most, bytes: 200_000_001 }, 1_000_000),
    'it has 1000000 bytes and unpacks to 200000001, more than the 200000000 that its size allows',
  )
  assert.equal(
    beyondBounds({ ...most, stream: 267_108_865 }, 1_000_000),
    'it has 1000000 bytes and unpacks to 267108865, more than the 267108864 that its size allows',
  )
})

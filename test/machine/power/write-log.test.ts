import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomFrom } from '../../soak/random.ts'
import { entriesOf, type LoggedWrite, survivors } from './write-log.ts'

const SECTOR = 512

/** An entry as QEMU writes it: the sector, how many of them, the flags; and its data. */
function entry(sector: number, sectors: number, flags: number, data = sectors): Buffer {
  const made = Buffer.alloc(SECTOR * (1 + data))
  for (const [index, value] of [sector, sectors, flags].entries()) made.writeBigUInt64LE(BigInt(value), index * 8)
  return made
}

function entriesIn(...parts: readonly Buffer[]): readonly LoggedWrite[] {
  const log = Buffer.concat([Buffer.alloc(SECTOR), ...parts])
  return entriesOf(log.length, (at) => log.subarray(at, at + 32))
}

test('each write of a log says where its data are, and a flush and a discard have none', () => {
  assert.deepEqual(entriesIn(entry(8, 2, 0), entry(0, 0, 1), entry(64, 8, 4, 0), entry(9, 1, 0)), [
    { is: 'write', to: 8 * SECTOR, from: 2 * SECTOR, bytes: 2 * SECTOR, end: 4 * SECTOR },
    { is: 'flush', end: 5 * SECTOR },
    { is: 'discard', end: 6 * SECTOR },
    { is: 'write', to: 9 * SECTOR, from: 7 * SECTOR, bytes: SECTOR, end: 8 * SECTOR },
  ])
})

test('a log that was cut off ends before its unfinished entry', () => {
  assert.equal(entriesIn(entry(8, 1, 0), entry(8, 2, 0, 1)).length, 1)
  assert.equal(entriesIn(entry(8, 1, 0), Buffer.alloc(SECTOR)).length, 1)
})

test('after a power cut what was flushed is on the disk, and of the rest some', () => {
  const write = (to: number): LoggedWrite => ({ is: 'write', to, from: 0, bytes: 1, end: to })
  const log: readonly LoggedWrite[] = [
    write(1),
    write(2),
    { is: 'flush', end: 3 },
    ...Array.from({ length: 40 }, (_, to) => write(to + 4)),
  ]
  const kept = Array.from({ length: 20 }, (_, seed) => survivors(log, randomFrom(seed)))
  for (const writes of kept) assert.deepEqual(writes.slice(0, 2), [log[0], log[1]])
  const lengths = kept.map(({ length }) => length)
  assert.ok(Math.min(...lengths) < 12 && Math.max(...lengths) > 32, lengths.join(' '))
  assert.ok(kept.some((writes) => writes.includes(log[42] as never) && !writes.includes(log[3] as never)))
})

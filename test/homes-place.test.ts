import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOfHomes } from './homes-place.ts'

const GIB = 1024 ** 3
const machine = {
  mounts: 'proc /proc proc rw 0 0\ntmpfs /dev/shm tmpfs rw,nosuid,nodev 0 0\n',
  meminfo: `MemTotal: 99 kB\nMemAvailable:    ${(4 * GIB) / 1024} kB\n`,
  free: 4 * GIB,
}

test('the tests have their homes in memory where there is room, and where programs may be run', () => {
  assert.equal(placeOfHomes(machine), '/dev/shm')
  assert.equal(placeOfHomes({ ...machine, free: 4 * GIB - 1 }), undefined)
  assert.equal(placeOfHomes({ ...machine, meminfo: machine.meminfo.replace(/\d+ kB\n$/, '4194303 kB\n') }), undefined)
  assert.equal(placeOfHomes({ ...machine, meminfo: '' }), undefined)
  assert.equal(placeOfHomes({ ...machine, mounts: '' }), undefined)
  for (const [from, to] of [
    ['nodev', 'noexec'],
    ['rw,nosuid', 'ro'],
    ['/dev/shm tmpfs', '/dev/shm ext4'],
  ] as const) {
    assert.equal(placeOfHomes({ ...machine, mounts: machine.mounts.replace(from, to) }), undefined, to)
  }
})

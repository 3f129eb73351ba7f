import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { stampsOf, stampsWithRightsOf } from './stamps.ts'

const directory = mkdtempSync(join(tmpdir(), 'mfstamps'))
after(() => rmSync(directory, { recursive: true, force: true }))

for (const stamps of [stampsOf, stampsWithRightsOf]) {
  test(`${stamps.name}: a file that cannot be reached has a stamp too, and another one when it can`, () => {
    const place = join(directory, stamps.name)
    const file = join(place, 'blog.ini')
    const absent = stamps([file])
    symlinkSync(stamps.name, place)
    const barred = stamps([file])
    rmSync(place)
    mkdirSync(place)
    writeFileSync(file, '')
    const there = stamps([file])
    assert.equal(new Set([absent, barred, there]).size, 3)
  })
}

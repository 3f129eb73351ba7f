import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Rival, winnerOf } from './winner.ts'

const old: Rival = { file: 'a.plugin', version: '9.0', release: '1', modified: 1 }
const nine: Rival = { file: 'b.plugin', version: '1.9', release: '1', modified: 2 }
const ten: Rival = { file: 'c.plugin', version: '1.10', release: '1', modified: 2 }
const again: Rival = { file: 'd.plugin', version: '1.10', release: '2', modified: 2 }
const copy: Rival = { file: 'e.plugin', version: '1.10', release: '2', modified: 2 }

test('of files with the same plugin the newest counts, then the highest version and release, then the last name, in any order', () => {
  for (const [rivals, winner] of [
    [[old, nine], nine],
    [[nine, ten], ten],
    [[ten, again], again],
    [[again, copy], copy],
  ] as const) {
    const [one, other] = rivals
    assert.equal(winnerOf([one, other]), winner)
    assert.equal(winnerOf([other, one]), winner)
  }
})

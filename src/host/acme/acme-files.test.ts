import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { dueAt } from '../../config/acme/due.ts'
import { pathsOf } from '../home/paths.ts'
import { keepFailed, readFailed, readIssued } from './acme-files.ts'

const home = mkdtempSync(join(tmpdir(), 'mfacme'))
after(() => rmSync(home, { recursive: true, force: true }))
const MINUTE_MS = 60_000
const WANTED = { names: ['a.org'], directory: 'https://ca/dir' }

test('an authority that is down for a day is asked seven times, however often the daemon is started anew meanwhile', () => {
  const paths = pathsOf(join(home, 'down'))
  const asked: number[] = []
  for (let minute = 0; minute <= 24 * 60; minute += 1) {
    // As a daemon that has just started: all it knows is on the disk.
    if (dueAt(WANTED, readIssued(paths), readFailed(paths)) > minute * MINUTE_MS) continue
    keepFailed(paths, WANTED, minute * MINUTE_MS, 'it answers 503')
    asked.push(minute)
  }
  assert.deepEqual(asked, [0, 5, 20, 65, 200, 605, 1325])
})

test('the waits begin anew when other names are wanted', () => {
  const paths = pathsOf(join(home, 'others'))
  for (let failure = 0; failure < 5; failure += 1) keepFailed(paths, WANTED, 0, 'it answers 503')
  const others = { ...WANTED, names: ['b.org'] }
  keepFailed(paths, others, 0, 'it answers 503')
  assert.equal(dueAt(others, undefined, readFailed(paths)), 5 * MINUTE_MS)
})

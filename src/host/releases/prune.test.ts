import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathsOf } from '../home/paths.ts'
import { beyond, prune } from './prune.ts'
import { pointAt, type ReleaseRecord, releaseHome, releasesOf, writeRelease } from './releases.ts'

/** By day: installed on the one, left on the other. */
const OLDEST = release('a', 1, 2)
const MIDDLE = release('b', 2, 4)
const BACK_AND_FORTH = release('c', 3, 9)
const IN_FORCE = release('d', 4)
const ALL = [OLDEST, MIDDLE, BACK_AND_FORTH, IN_FORCE]

test('those that have been out of force for longest go, and the number kept counts the one in force', () => {
  assert.deepEqual(idsBeyond('d', 4), [])
  assert.deepEqual(idsBeyond('d', 3), ['a'])
  assert.deepEqual(idsBeyond('d', 2), ['a', 'b'])
  assert.deepEqual(idsBeyond('d', 1), ['a', 'b', 'c'])
})

test('the release in force stays, however long ago it was left before', () => {
  assert.deepEqual(idsBeyond('a', 1), ['b', 'd', 'c'])
})

test('one that never was in force counts from its installation', () => {
  assert.deepEqual(
    beyond([BACK_AND_FORTH, release('tried', 5), IN_FORCE], 'd', 2).map(({ id }) => id),
    ['tried'],
  )
})

test('what goes is removed with its files, also when no mfserv runs', async (t) => {
  const paths = pathsOf(mkdtempSync(join(tmpdir(), 'mfprune')))
  t.after(() => rmSync(paths.runtimeHome, { recursive: true, force: true }))
  for (const record of ALL) {
    mkdirSync(join(releaseHome(paths.plugins, 'blog', record.id), 'local'), { recursive: true })
    writeRelease(paths.plugins, record)
  }
  pointAt(paths.plugins, 'blog', 'd')
  assert.deepEqual(await prune('blog', 3, paths), ['a'])
  assert.deepEqual(
    releasesOf(paths.plugins, 'blog').map(({ id }) => id),
    ['b', 'c', 'd'],
  )
})

function idsBeyond(current: string, keep: number): readonly string[] {
  return beyond(ALL, current, keep).map(({ id }) => id)
}

function release(id: string, installed: number, left?: number): ReleaseRecord {
  const day = (number: number): string => `2026-01-0${number}T00:00:00.000Z`
  const leftAt = left === undefined ? {} : { leftAt: day(left) }
  return { id, name: 'blog', version: '1', release: '1', sha256: id, file: id, installedAt: day(installed), ...leftAt }
}

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { namesIn } from '../disk/names-in.ts'
import { pathsOf } from './paths.ts'
import { removeAllUnrenamed } from './unrenamed.ts'

test('what a power cut left of unfinished files goes, and neither a file that is being written nor one of a plugin does', (context) => {
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  context.after(() => rmSync(home, { recursive: true, force: true }))
  const gone = 4_194_305
  const [live, old] = [`var/.status.${process.ppid}-3.tmp`, `var/.status.${process.ppid}-4.tmp`]
  const left = [
    `var/.status.${gone}-1.tmp`,
    `var/.status.${process.pid}-99.tmp`,
    `var/cron/site/.1f09e4e1.json.${gone}-2.tmp`,
    `var/plugins/.releases/site/.2-b.json.${gone}-3.tmp`,
    `config/plugins/.site.ini.${gone}-4.tmp`,
  ]
  const kept = [live, 'var/status', `var/plugins/.releases/site/2-b/.x.${gone}-1.tmp`, `var/data/site/.x.${gone}-1.tmp`]
  for (const file of [...left, ...kept, old]) {
    mkdirSync(dirname(join(home, file)), { recursive: true })
    writeFileSync(join(home, file), '')
  }
  utimesSync(join(home, old), 1, 1)
  const link = `var/plugins/.site.${gone}-5.tmp`
  symlinkSync('.releases/site/2-b', join(home, link))
  removeAllUnrenamed(pathsOf(home))
  const isThere = (file: string): boolean => namesIn(join(home, dirname(file))).includes(basename(file))
  assert.deepEqual([...left, ...kept, old, link].filter(isThere), kept)
})

test('a runtime home that is new has nothing to remove', () => {
  assert.doesNotThrow(() => removeAllUnrenamed(pathsOf('/nowhere')))
})

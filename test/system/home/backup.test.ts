import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { finishRestore } from '../../../src/host/backup/swap-home.ts'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { sourcesOf } from '../releases/make-release.ts'
import { eventually, get, newWorld, worldIn, writeFile } from '../world.ts'

const world = await newWorld('[releases]\nwatch_seconds = 0\n')
const backup = `${world.home}.tar.gz`
const other = mkdtempSync(join(tmpdir(), 'mf'))
let writer: ChildProcess | undefined
after(async () => {
  writer?.kill('SIGKILL')
  await world.end()
  for (const path of [other, backup]) rmSync(path, { recursive: true, force: true })
})
const target = worldIn(other, world.port)
const pages = await sourcesOf(world, 'pages', 'static')
const database = 'var/data/pages/visits.db'

/** Writes a row each moment, as an app does. */
const WRITER = `const { DatabaseSync } = require('node:sqlite')
const database = new DatabaseSync(process.argv[1], { timeout: 10000 })
const insert = database.prepare('INSERT INTO visits VALUES (?)')
setInterval(() => insert.run('x'.repeat(1000)), 1)`

test('a backup is written while it serves, and restored at another place its plugins answer and its databases are whole', async () => {
  await world.must('plugins.install', [await pages.release('1.0')])
  await world.must('plugins.hotswap', [await pages.release('1.1')])
  await world.must('mfserv.start')
  writeFile(join(world.home, 'var/data/pages/note.txt'), 'a note')
  makeDatabase(join(world.home, database))
  writer = spawn(process.execPath, ['-e', WRITER, join(world.home, database)], { stdio: 'ignore' })
  await eventually('there are rows', () => (rowsIn(world.home) > 20 ? true : undefined))
  const rows = rowsIn(world.home)
  assert.match((await world.must('mfserv', ['backup', backup])).stdout, /files/)
  assert.equal((await get(`${world.url}/pages/`)).status, 200)
  assert.match((await world.run('mfserv', ['backup', backup])).stderr, /there is a file .* already/)
  writer.kill('SIGKILL')
  assert.match((await world.run('mfserv', ['restore', '--force', backup])).stderr, /DAEMON_RUNS/)
  await world.must('mfserv.stop')

  // What mfserv installs for itself is no part of a backup.
  symlinkSync(readlinkSync(join(world.home, 'opt')), join(other, 'opt'))
  await target.must('mfserv', ['restore', backup])
  await target.must('mfserv.start')
  assert.equal((await get(`${target.url}/pages/`)).status, 200)
  assert.equal(readFileSync(join(other, 'var/data/pages/note.txt'), 'utf8'), 'a note')
  assert.ok(rowsIn(other) >= rows)
  await target.must('plugins.rollback', ['pages'])
  await target.must('mfserv.stop')
})

test('a home that has something is replaced only by force, and a backup that is damaged changes nothing', async () => {
  const refused = await target.run('mfserv', ['restore', backup])
  assert.match(refused.stderr, /is not empty: it has the plugin pages, data of pages[\s\S]*--force/)
  const bytes = readFileSync(backup)
  const damaged = join(other, 'tmp/damaged.tar.gz')
  writeFileSync(damaged, bytes.subarray(0, bytes.length - 100))
  writeFileSync(join(other, 'var/data/pages/note.txt'), 'another note')
  assert.match((await target.run('mfserv', ['restore', '--force', damaged])).stderr, /BACKUP_REFUSED/)
  assert.deepEqual([noteIn(other), readdirSync(other).includes('.restore')], ['another note', false])
})

test('a restoration that is killed at any moment leaves the home of before or the one of the backup', async () => {
  const began = performance.now()
  await target.must('mfserv', ['restore', '--force', backup])
  const tookMs = performance.now() - began
  const seen = new Set<string>()
  for (const share of [0.3, 0.5, 0.65, 0.8, 0.9, 0.97]) {
    writeFileSync(join(other, 'var/data/pages/note.txt'), 'of before')
    mkdirSync(join(other, 'config/plugins'), { recursive: true })
    writeFileSync(join(other, 'config/plugins/before.ini'), '')
    const child = spawn(join(import.meta.dirname, '../../../bin/mfserv'), ['restore', '--force', backup], {
      env: { ...process.env, MFMODULE_RUNTIME_HOME: other },
      stdio: 'ignore',
    })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const timer = setTimeout(() => child.kill('SIGKILL'), tookMs * share)
    await ended
    clearTimeout(timer)
    finishRestore(pathsOf(other))
    const found = [noteIn(other), existsSync(join(other, 'config/plugins/before.ini')), existsSync(join(other, '.restore'))]
    const isNew = found[0] === 'a note'
    assert.deepEqual(found, isNew ? ['a note', false, false] : ['of before', true, false])
    seen.add(isNew ? 'new' : 'old')
  }
  assert.ok(seen.has('old'))
})

function makeDatabase(file: string): void {
  const made = new DatabaseSync(file)
  made.exec('PRAGMA journal_mode = WAL; CREATE TABLE visits (a TEXT)')
  made.close()
}

function noteIn(home: string): string {
  return readFileSync(join(home, 'var/data/pages/note.txt'), 'utf8')
}

function rowsIn(home: string): number {
  const opened = new DatabaseSync(join(home, database), { timeout: 10_000 })
  try {
    assert.deepEqual(Object.values(opened.prepare('PRAGMA integrity_check').get() ?? {}), ['ok'])
    return Number(Object.values(opened.prepare('SELECT count(*) FROM visits').get() ?? {})[0])
  } finally {
    opened.close()
  }
}

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { collect } from './collect.ts'
import { isDatabaseFile, steadyCopy } from './steady-copy.ts'

const home = mkdtempSync(join(tmpdir(), 'mfhome'))
const scratch = mkdtempSync(join(tmpdir(), 'mfscratch'))
after(() => {
  for (const directory of [home, scratch]) rmSync(directory, { recursive: true })
})
const ALL = { keys: true, data: true }

test('a database is copied whole while somebody writes into it, in either mode', async () => {
  for (const [mode, size] of [
    ['wal', 4096],
    ['delete', 1024],
  ] as const) {
    const file = join(home, `${mode}.db`)
    const writer = new DatabaseSync(file)
    writer.exec(`PRAGMA page_size = ${size}; PRAGMA journal_mode = ${mode}; CREATE TABLE t (x); INSERT INTO t VALUES (1)`)
    // Not committed: it belongs to no moment of the database.
    writer.exec('BEGIN; INSERT INTO t VALUES (2)')
    assert.equal(isDatabaseFile(file), true)
    const copy = await steadyCopy(home, `${mode}.db`, scratch)
    assert.equal(copy?.note, undefined)
    const copied = new DatabaseSync(String(copy?.body))
    assert.deepEqual(
      [copied.prepare('PRAGMA integrity_check').get(), copied.prepare('SELECT count(*) AS n FROM t').get()].map((row) =>
        Object.values(row ?? {}),
      ),
      [['ok'], [1]],
    )
    copied.close()
    writer.exec('COMMIT')
    writer.close()
  }
})

test('a file that begins as a database and is none is copied as it is, and that is told', async () => {
  const text = `SQLite format 3\0${'x'.repeat(200)}`
  writeFileSync(join(home, 'odd.db'), text)
  const copy = await steadyCopy(home, 'odd.db', scratch)
  assert.deepEqual([String(copy?.body), /copied as a file/.test(copy?.note ?? '')], [text, true])
})

test('a file is copied as it was at one moment, small or large; one that has gone is left out', async () => {
  writeFileSync(join(home, 'small'), 'small', { mode: 0o700 })
  writeFileSync(join(home, 'large'), Buffer.alloc(5 << 20, 'l'))
  const small = await steadyCopy(home, 'small', scratch)
  assert.deepEqual([String(small?.body), small?.executable, small?.note], ['small', true, undefined])
  const large = await steadyCopy(home, 'large', scratch)
  assert.equal(readFileSync(String(large?.body)).equals(readFileSync(join(home, 'large'))), true)
  assert.notEqual(large?.body, join(home, 'large'))
  assert.equal(await steadyCopy(home, 'gone', scratch), undefined)
})

test('a file that changes while it is copied is copied again; one that always does is told', async () => {
  writeFileSync(join(home, 'busy'), 'busy')
  for (const [changes, looks, isTold] of [
    [0, 1, false],
    [4, 5, false],
    [99, 5, true],
  ] as const) {
    let looked = 0
    const copy = await steadyCopy(home, 'busy', scratch, () => {
      looked += 1
      return looked > changes
    })
    assert.deepEqual([looked, /written all the time/.test(copy?.note ?? ''), String(copy?.body)], [looks, isTold, 'busy'])
  }
})

test('what a backup holds is listed: links that lead out, and what is no file, are left out and told', async () => {
  const root = mkdtempSync(join(tmpdir(), 'mf'))
  const data = join(root, 'var/data/blog')
  for (const directory of [data, join(root, 'config/keys'), join(root, 'log'), join(root, 'tmp')])
    mkdirSync(directory, { recursive: true })
  for (const path of ['config/config.ini', 'config/keys/a.key', 'log/a.log', 'tmp/a', 'var/data/blog/a', 'var/uuid'])
    writeFileSync(join(root, path), '')
  symlinkSync('a', join(data, 'inside'))
  symlinkSync(join(root, 'config/config.ini'), join(data, 'absolute'))
  symlinkSync('/etc/passwd', join(data, 'outside'))
  execFileSync('mkfifo', [join(data, 'pipe')])
  const server = createServer().listen(join(data, 'socket'))
  const { files, links, notes } = collect(root, ALL)
  server.close()
  assert.deepEqual(files, ['config/config.ini', 'config/keys/a.key', 'var/data/blog/a'])
  assert.deepEqual(Object.fromEntries(links), {
    'var/data/blog/absolute': '../../../config/config.ini',
    'var/data/blog/inside': 'a',
  })
  assert.deepEqual(notes.map((note) => note.split(' ')[0]).sort(), ['var/data/blog/outside', 'var/data/blog/pipe'])
  renameSync(join(root, 'var/data'), join(root, 'elsewhere'))
  symlinkSync(join(root, 'elsewhere'), join(root, 'var/data'))
  assert.deepEqual(collect(root, ALL).files, files)
  assert.deepEqual(collect(root, { keys: false, data: false }).files, ['config/config.ini'])
  rmSync(root, { recursive: true })
})

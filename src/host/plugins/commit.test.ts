import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { type Paths, pathsOf } from '../home/paths.ts'
import { pendingFile } from '../releases/pending.ts'
import { currentRelease, pointAt, releaseHome, releasesOf, removeRelease, sweep, writeRelease } from '../releases/releases.ts'
import { commit, finishCommit } from './commit.ts'
import { readOverrides, userOverrideFile } from './override-files.ts'

const OLD = '1.0-1-aaaaaaaa'
const NEW = '1.1-1-bbbbbbbb'
let paths: Paths

beforeEach(() => {
  paths = pathsOf(mkdtempSync(join(tmpdir(), 'mfcommit')))
  for (const id of [OLD, NEW]) makeRelease(id)
  pointAt(paths.plugins, 'blog', OLD)
  write(userOverrideFile('blog', paths), 'old')
})

afterEach(() => rmSync(paths.runtimeHome, { recursive: true, force: true }))

test('a commit brings the release into force together with its overrides', () => {
  commit(paths, { name: 'blog', release: NEW, overrides: 'new' })
  assert.deepEqual(inForce(), { release: NEW, overrides: 'new', file: 'new', pending: false })
  commit(paths, { name: 'blog', release: OLD, overrides: null })
  assert.deepEqual(inForce(), { release: OLD, overrides: undefined, file: undefined, pending: false })
})

test('a commit without overrides leaves those of now alone', () => {
  commit(paths, { name: 'blog', release: NEW })
  assert.deepEqual(inForce(), { release: NEW, overrides: 'old', file: 'old', pending: false })
})

test('overrides that come back with a release are for the user of mfserv alone where there was no file of them', (t) => {
  rmSync(dirname(userOverrideFile('blog', paths)), { recursive: true })
  const mask = process.umask(0)
  t.after(() => process.umask(mask))
  commit(paths, { name: 'blog', release: NEW, overrides: 'new' })
  assert.equal(statSync(userOverrideFile('blog', paths)).mode & 0o777, 0o600)
})

test('killed before the pointer moved, nothing has changed, and the next command forgets what was meant', () => {
  write(pendingFile(paths.plugins, 'blog'), JSON.stringify({ release: NEW, overrides: 'new', replaces: 'old' }))
  assert.deepEqual(inForce(), { release: OLD, overrides: 'old', file: 'old', pending: true })
  finishCommit(paths, 'blog')
  assert.deepEqual(inForce(), { release: OLD, overrides: 'old', file: 'old', pending: false })
})

test('killed after the pointer moved, the overrides count at once, and the next command writes them into their file', () => {
  write(pendingFile(paths.plugins, 'blog'), JSON.stringify({ release: NEW, overrides: 'new', replaces: 'old' }))
  pointAt(paths.plugins, 'blog', NEW)
  assert.deepEqual(inForce(), { release: NEW, overrides: 'new', file: 'old', pending: true })
  finishCommit(paths, 'blog')
  assert.deepEqual(inForce(), { release: NEW, overrides: 'new', file: 'new', pending: false })
})

test('what somebody writes into the override file after a killed commit counts, and the next command keeps it', () => {
  write(pendingFile(paths.plugins, 'blog'), JSON.stringify({ release: NEW, overrides: 'new', replaces: 'old' }))
  pointAt(paths.plugins, 'blog', NEW)
  write(userOverrideFile('blog', paths), 'edited')
  assert.equal(inForce().overrides, 'edited')
  finishCommit(paths, 'blog')
  assert.deepEqual(inForce(), { release: NEW, overrides: 'edited', file: 'edited', pending: false })
})

test('overrides that only their owner may read stay so, and nothing else shows them', () => {
  const file = userOverrideFile('blog', paths)
  chmodSync(file, 0o600)
  commit(paths, { name: 'blog', release: NEW, overrides: 'secret' })
  const record = releasesOf(paths.plugins, 'blog').find(({ id }) => id === OLD)
  assert.ok(record)
  writeRelease(paths.plugins, { ...record, overrides: 'old' })
  const records = join(paths.plugins, '.releases/blog', `${OLD}.json`)
  assert.deepEqual(
    [file, records].map((path) => statSync(path).mode & 0o777),
    [0o600, 0o600],
  )
})

test('a torn note of a commit is no commit', () => {
  write(pendingFile(paths.plugins, 'blog'), '{"release": "1.1')
  assert.equal(inForce().overrides, 'old')
  finishCommit(paths, 'blog')
  assert.equal(inForce().pending, false)
})

test('what an interrupted command left without a record goes, what is whole or in force stays', () => {
  mkdirSync(join(paths.plugins, '.releases/blog/.unfinished-7/local'), { recursive: true })
  mkdirSync(releaseHome(paths.plugins, 'blog', '1.2-1-cccccccc'), { recursive: true })
  sweep(paths.plugins, 'blog')
  assert.deepEqual(
    releasesOf(paths.plugins, 'blog').map(({ id }) => id),
    [OLD, NEW],
  )
  assert.equal(existsSync(releaseHome(paths.plugins, 'blog', '1.2-1-cccccccc')), false)
  assert.equal(existsSync(join(paths.plugins, '.releases/blog/.unfinished-7')), false)
  removeRelease(paths.plugins, 'blog', NEW)
  assert.deepEqual(
    releasesOf(paths.plugins, 'blog').map(({ id }) => id),
    [OLD],
  )
})

function inForce() {
  const file = userOverrideFile('blog', paths)
  return {
    release: currentRelease(paths.plugins, 'blog'),
    overrides: readOverrides('blog', paths, { MFSERV_SITE_DIRECTORY: paths.tmp }).texts.find(({ layer }) => layer === 'user')
      ?.text,
    file: existsSync(file) ? readFileSync(file, 'utf8') : undefined,
    pending: existsSync(pendingFile(paths.plugins, 'blog')),
  }
}

function makeRelease(id: string): void {
  mkdirSync(releaseHome(paths.plugins, 'blog', id), { recursive: true })
  const [version = '', release = ''] = id.split('-')
  const installedAt = `2026-01-01T00:00:0${id === OLD ? 1 : 2}.000Z`
  writeRelease(paths.plugins, { id, name: 'blog', version, release, sha256: id, file: `${id}.plugin`, installedAt })
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

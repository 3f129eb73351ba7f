import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Problem } from '../../problem.ts'
import { type Paths, pathsOf } from '../home/paths.ts'
import { beginRestore, commitRestore, finishRestore, lockOfHome, restorePlaces } from './swap-home.ts'

const COMMIT = { put: ['config/config.ini', 'var/plugins', 'var/data'], cleared: ['config/old.ini', 'var/models', 'var/nothing'] }

/** A home of before, and what is to be beside it, whole. */
function homeFor(t: TestContext): Paths {
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(home, { recursive: true }))
  const paths = pathsOf(home)
  for (const path of ['config/config.ini', 'config/old.ini', 'var/plugins/blog', 'var/models/blog'])
    write(join(home, path), 'old')
  const incoming = beginRestore(paths)
  for (const path of ['config/config.ini', 'var/plugins/blog', 'var/data/blog']) write(join(incoming, path), 'new')
  return paths
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

function found({ runtimeHome }: Paths): readonly (string | undefined)[] {
  return ['config/config.ini', 'config/old.ini', 'var/plugins/blog', 'var/data/blog', 'var/models/blog', '.restore'].map(
    (path) => {
      const file = join(runtimeHome, path)
      return existsSync(file) ? (path === '.restore' ? path : readFileSync(file, 'utf8')) : undefined
    },
  )
}

const OLD = ['old', 'old', 'old', undefined, 'old', undefined]
const NEW = ['new', undefined, 'new', 'new', undefined, undefined]

test('a restoration that is decided replaces what it names, removes what it clears, and leaves nothing of itself', (t) => {
  const paths = homeFor(t)
  commitRestore(paths, COMMIT)
  assert.deepEqual(found(paths), NEW)
})

test('one that was killed before it was decided has changed nothing', (t) => {
  const paths = homeFor(t)
  finishRestore(paths)
  assert.deepEqual(found(paths), OLD)
  finishRestore(paths)
})

test('one that was killed behind that is completed, after whichever of its steps it was killed', (t) => {
  const steps = [
    ...COMMIT.put.flatMap((part) => [
      ['', part, 'old'],
      ['new', part, ''],
    ]),
    ...COMMIT.cleared.map((part) => ['', part, 'old']),
  ] as const
  for (let done = 0; done <= steps.length; done += 1) {
    const paths = homeFor(t)
    const { all, commit } = restorePlaces(paths)
    writeFileSync(commit, JSON.stringify(COMMIT))
    for (const [from = '', part = '', to = ''] of steps.slice(0, done)) {
      const at = (place: string): string => join(place === '' ? paths.runtimeHome : join(all, place), part)
      if (!existsSync(at(from))) continue
      mkdirSync(dirname(at(to)), { recursive: true })
      renameSync(at(from), at(to))
    }
    finishRestore(paths)
    assert.deepEqual(found(paths), NEW, `after ${done} steps`)
  }
})

test('nobody completes one that is under way', (t) => {
  const paths = homeFor(t)
  const lock = lockOfHome(paths)
  assert.ok(lock)
  finishRestore(paths)
  writeFileSync(restorePlaces(paths).commit, JSON.stringify(COMMIT))
  assert.throws(
    () => finishRestore(paths),
    (error) => error instanceof Problem && error.code === 'BUSY',
  )
  lock.release()
  finishRestore(paths)
  assert.deepEqual(found(paths), NEW)
})

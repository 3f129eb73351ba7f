import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { type Paths, pathsOf } from '../home/paths.ts'
import { processId } from '../process/proc.ts'
import { type CandidateRecord, readCandidates, removeCandidate, writeCandidate } from './candidate.ts'
import { pointAt, releaseHome } from './releases.ts'

const NEW = '1.1-1-bbbbbbbb'
let paths: Paths

beforeEach(() => {
  paths = pathsOf(mkdtempSync(join(tmpdir(), 'mfcandidate')))
  mkdirSync(releaseHome(paths.plugins, 'blog', NEW), { recursive: true })
})

afterEach(() => rmSync(paths.runtimeHome, { recursive: true, force: true }))

test('nothing is tried in a runtime home that never tried anything', () => {
  assert.deepEqual(readCandidates(paths), [])
})

test('a release is tried while its command lives, until it is taken back', () => {
  const record = candidate({ overrides: null, canaryPercent: 20 })
  writeCandidate(paths, record)
  assert.deepEqual(readCandidates(paths), [record])
  removeCandidate(paths, 'blog')
  assert.deepEqual(readCandidates(paths), [])
})

test('what a killed command wanted to be tried is not, whoever has its pid now', () => {
  writeCandidate(paths, candidate({ owner: { pid: process.pid, startTime: 1 } }))
  assert.deepEqual(readCandidates(paths), [])
})

test('a release that has come into force is tried no longer, though its command lives', () => {
  writeCandidate(paths, candidate({}))
  pointAt(paths.plugins, 'blog', NEW)
  assert.deepEqual(readCandidates(paths), [])
})

test('what a killed command had not renamed yet goes with the candidate', () => {
  writeCandidate(paths, candidate({}))
  writeFileSync(join(paths.candidates, '.blog.json.4711-2.tmp'), '{')
  writeFileSync(join(paths.candidates, '.blog2.json.4711-2.tmp'), '{')
  removeCandidate(paths, 'blog')
  assert.deepEqual(readdirSync(paths.candidates), ['.blog2.json.4711-2.tmp'])
})

test('a torn note, or one that is no candidate, keeps none of the others from being tried', () => {
  writeCandidate(paths, candidate({}))
  writeFileSync(join(paths.candidates, 'torn.json'), '{"plugin": "to')
  writeFileSync(join(paths.candidates, 'other.json'), '{"plugin": "other"}')
  assert.deepEqual(
    readCandidates(paths).map(({ plugin }) => plugin),
    ['blog'],
  )
})

function candidate(parts: Partial<CandidateRecord>): CandidateRecord {
  const owner = processId(process.pid)
  assert.ok(owner !== undefined)
  return { plugin: 'blog', release: NEW, owner, canaryPercent: 0, ...parts }
}

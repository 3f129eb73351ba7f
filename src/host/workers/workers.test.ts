import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '../../../test/support/phase.ts'
import { APP, detached, home, ID, pidOf, record, SLOT, specIn } from '../../../test/support/workers-fixture.ts'
import type { DesiredApp, WorkerSpec } from '../../desired/desired.ts'
import { linkedName } from '../../desired/slot.ts'
import type { Millis } from '../../time.ts'
import { pathsOf } from '../home/paths.ts'
import { processId } from '../process/proc.ts'
import { readRecords, writeRecord } from './worker-record.ts'

test('adopted workers that serve do not keep the daemon awake, one that ends does, and its end is known to who would use it', async (t) => {
  const { paths, workers } = home(t)
  const process = processId(pidOf(detached(t, 'sleep', ['600'], {})))
  assert.ok(process !== undefined)
  writeRecord(paths.workers, record(process))
  workers.adopt(new Map())
  assert.equal(workers.nextWake(0 as Millis), undefined)
  assert.equal(workers.lookAt(ID)?.state.is, 'ready')
  workers.drain(ID)
  assert.equal(workers.nextWake(0 as Millis), 'soon')
  workers.stop(ID)
  assert.equal(workers.nextWake(0 as Millis), 'soon')
  await until('it has ended', () => processId(process.pid) === undefined)
  assert.equal(workers.lookAt(ID), undefined)
  assert.equal(workers.nextWake(0 as Millis), undefined)
})

test('a client may stay at a worker from when it is linked until it takes no requests any more, and over another daemon', async (t) => {
  const { paths, workers } = home(t)
  const process = processId(pidOf(detached(t, 'sleep', ['600'], {})))
  assert.ok(process !== undefined)
  writeRecord(paths.workers, record(process))
  const mark = join(paths.run, linkedName(SLOT, 1))
  workers.adopt(new Map())
  assert.equal(existsSync(mark), false)
  workers.mayBeNamed(ID)
  assert.equal(existsSync(mark), true)
  rmSync(mark)
  workers.adopt(new Map([[SLOT, ID]]))
  assert.equal(existsSync(mark), true)
  workers.drain(ID)
  assert.equal(existsSync(mark), true)
  workers.stop(ID)
  assert.equal(existsSync(mark), false)
  workers.mayBeNamed(ID)
  assert.equal(existsSync(mark), false)
})

test('a step of the clock neither ends a worker that starts nor one that drains, and people are told the time of the clock', async (t) => {
  const { paths, workers } = home(t)
  const draining = processId(pidOf(detached(t, 'sleep', ['600'], {})))
  assert.ok(draining !== undefined)
  writeRecord(paths.workers, record(draining))
  workers.adopt(new Map())
  workers.drain(ID)
  const spec: WorkerSpec = { ...specIn(paths), ready: { by: 'answer', path: '/', withinMs: 60_000 } }
  const app: DesiredApp = { id: APP, plugin: 'blog', app: 'web', kind: 'app', slots: 1, spec }
  await workers.start({ kind: 'start-worker', app, slot: SLOT, cause: 'first', failures: 0 })
  const stepped = Date.now() + 3_600_000
  t.mock.method(Date, 'now', () => stepped)
  workers.tick()
  assert.deepEqual(
    workers.observed().map(({ state }) => state.is),
    ['draining', 'starting'],
  )
  const starting = workers.observed()[1]?.state
  assert.ok(starting?.is === 'starting')
  process.kill(starting.process.pid, 'SIGKILL')
  await until('its end is known', () => workers.observed()[1]?.state.is !== 'starting')
  assert.equal(workers.history(SLOT).lastRestart?.at, stepped)
})

const BLOCKED: Readonly<Record<string, (spec: WorkerSpec) => string>> = {
  'a directory in the place of its log': ({ logFile }) => {
    mkdirSync(logFile, { recursive: true })
    return logFile
  },
  'a file in the place of its temporary directory': ({ env }) => {
    writeFileSync(env['TMPDIR'] ?? '', '')
    return env['TMPDIR'] ?? ''
  },
}

for (const [what, block] of Object.entries(BLOCKED)) {
  test(`${what} keeps a worker from starting, and its failure names it and says what to do`, async (t) => {
    const { paths, workers } = home(t)
    const spec = specIn(paths)
    const path = block(spec)
    const app: DesiredApp = { id: APP, plugin: 'blog', app: 'web', kind: 'app', slots: 1, spec }
    await workers.start({ kind: 'start-worker', app, slot: SLOT, cause: 'first', failures: 0 })
    const state = workers.get(ID)?.state
    assert.ok(state?.is === 'failed' && state.failure.reason.kind === 'not-started')
    assert.ok(state.failure.reason.message.includes(`'${path}'`), state.failure.reason.message)
    assert.match(state.failure.reason.message, /Remove what is there/)
    assert.deepEqual(readdirSync(paths.workers), [])
  })
}

test('a worker whose log can no longer be read is known to have ended all the same', async (t) => {
  const { paths, workers } = home(t)
  const spec = specIn(paths)
  const app: DesiredApp = { id: APP, plugin: 'blog', app: 'web', kind: 'app', slots: 1, spec }
  await workers.start({ kind: 'start-worker', app, slot: SLOT, cause: 'first', failures: 0 })
  rmSync(spec.logFile)
  mkdirSync(spec.logFile)
  const state = workers.get(ID)?.state
  assert.ok(state?.is === 'starting')
  process.kill(state.process.pid, 'SIGKILL')
  await until('its end is known', () => workers.get(ID)?.state.is !== 'starting')
  const ended = workers.get(ID)?.state
  assert.ok(ended?.is === 'failed')
  assert.match(ended.failure.output, /EISDIR/)
})

test('a record that was written in another directory, of which ours is a copy, is about no worker of ours', async (t) => {
  const { paths, workers } = home(t)
  const original = pathsOf(mkdtempSync(join(tmpdir(), 'workers')))
  t.after(() => rmSync(original.runtimeHome, { recursive: true }))
  mkdirSync(original.workers, { recursive: true })
  const other = processId(pidOf(detached(t, 'sleep', ['600'], {})))
  assert.ok(other !== undefined)
  writeRecord(original.workers, record(other))
  cpSync(original.workers, paths.workers, { recursive: true })
  workers.adopt(new Map())
  assert.deepEqual(workers.observed(), [])
  assert.deepEqual(readdirSync(paths.workers), [])
  renameSync(original.workers, `${original.workers}.moved`)
  assert.equal(readRecords(`${original.workers}.moved`).records.length, 1)
})

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { DesiredApp, WorkerSpec } from '../../desired/desired.ts'
import type { SpecHash } from '../../desired/ids.ts'
import { appId, linkedName, slotId, socketName } from '../../desired/slot.ts'
import { workerId } from '../../plan/observed.ts'
import type { Millis } from '../../time.ts'
import type { ProcessId } from '../../worker/state.ts'
import { type Paths, pathsOf } from '../home/paths.ts'
import { groupOf, processId } from '../process/proc.ts'
import { readRecords, type WorkerRecord, writeRecord } from './worker-record.ts'
import { Workers } from './workers.ts'

const APP = appId('blog', 'web')
const SLOT = slotId(APP, 1)
const ID = workerId(SLOT, 1)

test('a process of somebody else is left alone when it has the pid of a worker that is long gone', async (t) => {
  const { paths, workers } = home(t)
  const stranger = detached(t, 'sleep', ['600'], {})
  writeRecord(paths.workers, record({ pid: pidOf(stranger), startTime: 1 }))
  workers.adopt(new Map())
  assert.equal(workers.get(ID)?.state.is, 'failed')
  assert.ok(processId(pidOf(stranger)) !== undefined)
  // A signal that had been sent would have ended it before the next process has.
  await once(detached(t, 'true', [], {}), 'exit')
  assert.ok(processId(pidOf(stranger)) !== undefined)
})

test('what a worker left running when it ended while no daemon ran is ended by the next one', async (t) => {
  const { paths, workers, env } = home(t)
  const leader = detached(t, 'sh', ['-c', 'sleep 600 & echo $! >left'], { env, cwd: paths.runtimeHome })
  await leftBehindBy(leader, paths, workers)
})

test('that is so also when it hides its environment, as PHP does, but has the socket of the worker', async (t) => {
  const { paths, workers } = home(t)
  const socket = join(paths.run, socketName(SLOT, 1))
  const script = `
import socket, subprocess
listener = socket.socket(socket.AF_UNIX)
listener.bind(${JSON.stringify(socket)})
listener.listen()
left = subprocess.Popen(['sleep', '600'], env={}, pass_fds=[listener.fileno()])
open('left', 'w').write(str(left.pid))
`
  const leader = detached(t, 'python3', ['-c', script], { env: { PATH: process.env['PATH'] }, cwd: paths.runtimeHome })
  await leftBehindBy(leader, paths, workers)
})

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
  while (processId(process.pid) !== undefined) await delay(5)
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
  workers.linked(ID)
  assert.equal(existsSync(mark), true)
  rmSync(mark)
  workers.adopt(new Map([[SLOT, ID]]))
  assert.equal(existsSync(mark), true)
  workers.drain(ID)
  assert.equal(existsSync(mark), true)
  workers.stop(ID)
  assert.equal(existsSync(mark), false)
  workers.linked(ID)
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
  while (workers.observed()[1]?.state.is === 'starting') await delay(5)
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
  while (workers.get(ID)?.state.is === 'starting') await delay(5)
  const ended = workers.get(ID)?.state
  assert.ok(ended?.is === 'failed')
  assert.match(ended.failure.output, /EISDIR/)
})

/** Says when it is up, and when it was asked to end; then it takes its time. */
const CAREFUL = `
import signal, sys, time
def stop(*_):
    print("finishing", flush=True)
    time.sleep(0.3)
    print("saved", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("up", flush=True)
while True: time.sleep(0.05)
`
const STUBBORN = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print("up", flush=True); time.sleep(600)'

test('a program behind a script is asked to end as the script is, has its time, and its slot is free only then', async (t) => {
  const { paths, workers } = home(t)
  const text = await untilUp(workers, { ...specIn(paths), argv: ['sh', '-c', `python3 -c '${CAREFUL}'; true`], graceMs: 20_000 })
  workers.stop(ID)
  while (workers.get(ID) !== undefined) await ticked(workers)
  assert.deepEqual(text(), ['up', 'finishing', 'saved'])
})

test('a program behind a script that does not end is killed with graceful_timeout over, also by a daemon that took it over', async (t) => {
  for (const daemons of [1, 2]) {
    const { paths, workers } = home(t)
    const spec = { ...specIn(paths), argv: ['sh', '-c', `python3 -c '${STUBBORN}'; true`], graceMs: 1500 }
    await untilUp(workers, spec)
    const leader = pidIn(workers)
    const began = performance.now()
    workers.stop(ID)
    while (processId(leader) !== undefined) await ticked(workers)
    const last = daemons === 1 ? workers : new Workers(paths, () => undefined)
    if (daemons === 2) last.adopt(new Map())
    assert.equal(last.get(ID)?.state.is, 'stopping')
    assert.ok(groupOf(leader).length > 0)
    while (last.get(ID) !== undefined) await ticked(last)
    assert.ok(performance.now() - began >= 1500)
    assert.deepEqual(groupOf(leader), [])
  }
})

/** Starts a worker, and answers once it has written `up`: a look at the lines of its log. */
async function untilUp(workers: Workers, spec: WorkerSpec): Promise<() => readonly string[]> {
  const app: DesiredApp = { id: APP, plugin: 'blog', app: 'web', kind: 'app', slots: 1, spec }
  await workers.start({ kind: 'start-worker', app, slot: SLOT, cause: 'first', failures: 0 })
  const text = (): readonly string[] => readFileSync(spec.logFile, 'utf8').trim().split('\n')
  while (!text().includes('up')) await delay(5)
  return text
}

function pidIn(workers: Workers): number {
  const state = workers.get(ID)?.state
  assert.ok(state !== undefined && 'process' in state)
  return state.process.pid
}

async function ticked(workers: Workers): Promise<void> {
  workers.tick()
  await delay(20)
}

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

function specIn({ log, tmp, runtimeHome }: Paths): WorkerSpec {
  mkdirSync(tmp, { recursive: true })
  return {
    hash: 'hash' as SpecHash,
    argv: ['sleep', '600'],
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: join(tmp, 'blog'), MFMODULE_RUNTIME_HOME: runtimeHome },
    cwd: '/',
    limits: { as: undefined, nofile: undefined, nproc: undefined, stack: undefined, core: undefined, fsize: undefined },
    logFile: join(log, 'app_blog_web.log'),
    ready: { by: 'living', forMs: 600_000 },
    drainMs: 1000,
    graceMs: 1000,
    maxAgeMs: 0,
  }
}

async function leftBehindBy(leader: ChildProcess, paths: Paths, workers: Workers): Promise<void> {
  await once(leader, 'exit')
  const left = Number(readFileSync(join(paths.runtimeHome, 'left'), 'utf8'))
  assert.ok(processId(left) !== undefined)
  writeRecord(paths.workers, record({ pid: pidOf(leader), startTime: 1 }))
  workers.adopt(new Map())
  while (processId(left) !== undefined) await delay(5)
}

/** A runtime home of its own, the workers of it, and the variables that mark a worker as one of them. */
function home(t: TestContext): { paths: Paths; workers: Workers; env: Record<string, string | undefined> } {
  const runtimeHome = mkdtempSync(join(tmpdir(), 'workers'))
  t.after(() => rmSync(runtimeHome, { recursive: true }))
  const paths = pathsOf(runtimeHome)
  mkdirSync(paths.run, { recursive: true })
  mkdirSync(paths.workers, { recursive: true })
  const env = { PATH: process.env['PATH'], MFSERV_WORKER: ID, MFMODULE_RUNTIME_HOME: runtimeHome }
  return { paths, workers: new Workers(paths, () => undefined), env }
}

/** It leads a group of its own, as a worker does. */
function detached(
  t: TestContext,
  program: string,
  args: readonly string[],
  options: { readonly env?: Record<string, string | undefined>; readonly cwd?: string },
): ChildProcess {
  const child = spawn(program, args, { ...options, detached: true, stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  return child
}

function pidOf({ pid }: ChildProcess): number {
  assert.ok(pid !== undefined)
  return pid
}

function record(process: ProcessId): WorkerRecord {
  return {
    id: ID,
    app: APP,
    slot: SLOT,
    generation: 1,
    hash: 'hash' as SpecHash,
    state: { is: 'ready', process, since: 0 as Millis, renewAt: null, failures: 0 },
    policy: { readyMs: 60_000, drainMs: 60_000, graceMs: 60_000, maxAgeMs: 0 },
    ready: { by: 'living', forMs: 0 },
    logFile: '/nonexistent/log',
    logOffset: 0,
    history: { restarts: 0, lastRestart: undefined },
    isTrial: false,
  }
}

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '../../../test/support/phase.ts'
import { APP, detached, home, ID, pidOf, record, SLOT, specIn } from '../../../test/support/workers-fixture.ts'
import type { DesiredApp, WorkerSpec } from '../../desired/desired.ts'
import { socketName } from '../../desired/slot.ts'
import type { Paths } from '../home/paths.ts'
import { groupOf, processId } from '../process/proc.ts'
import { writeRecord } from './worker-record.ts'
import { Workers } from './workers.ts'

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

/** Says when it is up, and when it was asked to end; then it goes on until there is a file `may-end`. */
const CAREFUL = `
import os, signal, time
# Blocked first: a signal that comes before the wait is not missed.
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("up", flush=True)
signal.sigwait([signal.SIGTERM])
print("finishing", flush=True)
while not os.path.exists("may-end"): time.sleep(0.01)
print("saved", flush=True)
`

const STUBBORN = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print("up", flush=True); time.sleep(600)'

test('a program behind a script is asked to end as the script is, has its time, and its slot is free only then', async (t) => {
  const { paths, workers } = home(t)
  const argv = ['sh', '-c', `python3 -c '${CAREFUL}'; true`]
  const text = await untilUp(workers, { ...specIn(paths), argv, cwd: paths.runtimeHome, graceMs: 20_000 })
  const script = pidIn(workers)
  workers.stop(ID)
  await until('the script has ended', () => isOver(workers, () => processId(script) === undefined))
  await until('it finishes', () => text().includes('finishing'))
  assert.equal(workers.get(ID)?.state.is, 'stopping')
  writeFileSync(join(paths.runtimeHome, 'may-end'), '')
  await until('its slot is free', () => isOver(workers, () => workers.get(ID) === undefined))
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
    await until('the script has ended', () => isOver(workers, () => processId(leader) === undefined))
    const last = daemons === 1 ? workers : new Workers(paths, () => undefined)
    if (daemons === 2) last.adopt(new Map())
    assert.equal(last.get(ID)?.state.is, 'stopping')
    assert.ok(groupOf(leader).length > 0)
    // graceful_timeout has to pass: nothing else ends it.
    await until('its slot is free', () => isOver(last, () => last.get(ID) === undefined))
    assert.ok(performance.now() - began >= 1500)
    // What is killed ends when the system has come to it.
    await until('nothing of it is left', () => groupOf(leader).length === 0)
  }
})

/** Starts a worker, and answers once it has written `up`: a look at the lines of its log. */
async function untilUp(workers: Workers, spec: WorkerSpec): Promise<() => readonly string[]> {
  const app: DesiredApp = { id: APP, plugin: 'blog', app: 'web', kind: 'app', slots: 1, spec }
  await workers.start({ kind: 'start-worker', app, slot: SLOT, cause: 'first', failures: 0 })
  const text = (): readonly string[] => readFileSync(spec.logFile, 'utf8').trim().split('\n')
  await until('it is up', () => text().includes('up'))
  return text
}

function pidIn(workers: Workers): number {
  const state = workers.get(ID)?.state
  assert.ok(state !== undefined && 'process' in state)
  return state.process.pid
}

/** Whether it is so, the deadlines that have come having been seen to. */
function isOver(workers: Workers, isSo: () => boolean): boolean {
  workers.tick()
  return isSo()
}

async function leftBehindBy(leader: ChildProcess, paths: Paths, workers: Workers): Promise<void> {
  await once(leader, 'exit')
  const left = Number(readFileSync(join(paths.runtimeHome, 'left'), 'utf8'))
  assert.ok(processId(left) !== undefined)
  writeRecord(paths.workers, record({ pid: pidOf(leader), startTime: 1 }))
  workers.adopt(new Map())
  await until('what it left has ended', () => processId(left) === undefined)
}

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { WorkerSpec } from '../../src/desired/desired.ts'
import type { SpecHash } from '../../src/desired/ids.ts'
import { appId, slotId } from '../../src/desired/slot.ts'
import { type Paths, pathsOf } from '../../src/host/home/paths.ts'
import type { WorkerRecord } from '../../src/host/workers/worker-record.ts'
import { Workers } from '../../src/host/workers/workers.ts'
import { workerId } from '../../src/plan/observed.ts'
import type { Millis } from '../../src/time.ts'
import type { ProcessId } from '../../src/worker/state.ts'

export const APP = appId('blog', 'web')
export const SLOT = slotId(APP, 1)
export const ID = workerId(SLOT, 1)

export function specIn({ log, tmp, runtimeHome }: Paths): WorkerSpec {
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

/** A runtime home of its own, the workers of it, and the variables that mark a worker as one of them. */
export function home(t: TestContext): { paths: Paths; workers: Workers; env: Record<string, string | undefined> } {
  const runtimeHome = mkdtempSync(join(tmpdir(), 'workers'))
  t.after(() => rmSync(runtimeHome, { recursive: true }))
  const paths = pathsOf(runtimeHome)
  mkdirSync(paths.run, { recursive: true })
  mkdirSync(paths.workers, { recursive: true })
  const env = { PATH: process.env['PATH'], MFSERV_WORKER: ID, MFMODULE_RUNTIME_HOME: runtimeHome }
  return { paths, workers: new Workers(paths, () => undefined), env }
}

/** It leads a group of its own, as a worker does. */
export function detached(
  t: TestContext,
  program: string,
  args: readonly string[],
  options: { readonly env?: Record<string, string | undefined>; readonly cwd?: string },
): ChildProcess {
  const child = spawn(program, args, { ...options, detached: true, stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  return child
}

export function pidOf({ pid }: ChildProcess): number {
  assert.ok(pid !== undefined)
  return pid
}

export function record(process: ProcessId): WorkerRecord {
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

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Paths, pathsOf, runtimeHome } from '../host/home/paths.ts'
import { processId, signal } from '../host/process/proc.ts'
import { ensurePython } from '../host/programs/python-framework.ts'
import { Problem } from '../problem.ts'
import { askControl } from './client.ts'
import { ofPlugin, startDaemon, untilProcessEnded, untilReport } from './daemon-process.ts'
import type { PluginReport, StatusReport } from './protocol.ts'
import { serveControl } from './server.ts'

/** Whoever waits is patient for so long: it is time that has to pass, for there is nothing to see while a daemon does nothing. */
const STILL_MS = 1500
/** Longer than any wait here is patient. */
const LONGER_MS = 3500
/** Something moves so often: before the patience is over that the report tells. */
const MOVES_MS = 400
const scratch = mkdtempSync(join(tmpdir(), 'mfwait'))
const children: ChildProcess[] = []
const servers: Server[] = []
after(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const server of servers) server.close().closeAllConnections()
  rmSync(scratch, { recursive: true, force: true })
})

test('a daemon that needs long to come up is waited for while it works', async () => {
  const paths = home('slow')
  // It works for some of the time, which shows as well and leaves the machine to the other tests.
  const works = 'const end = Date.now() + 20; while (Date.now() < end);'
  const rests = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);'
  const daemon = await startWith(`const up = Date.now() + ${LONGER_MS}; while (Date.now() < up) { ${works} ${rests} }`, paths)
  await askControl(paths.control, 'POST /stop')
  const id = processId(daemon.daemon.pid ?? 0)
  assert.equal(id === undefined ? 'ended' : await untilProcessEnded(id), 'ended')
})

test('a daemon that does nothing any more is said to do nothing, with its process', async () => {
  const failed = await startWith("process.kill(process.pid, 'SIGSTOP')", home('stopped')).catch((error: unknown) => error)
  assert.ok(failed instanceof Problem && failed.code === 'DAEMON_DOWN', String(failed))
  const [, pid] = /does nothing any more \(process (\d+)\)/.exec(failed.message) ?? []
  const id = processId(Number(pid))
  assert.ok(id, failed.message)
  assert.equal(await untilProcessEnded(id, 500), 'still there')
  signal(id, 'SIGKILL')
  assert.equal(await untilProcessEnded(id), 'ended')
})

test('a daemon that ends while it starts is not waited for', async () => {
  await assert.rejects(
    startWith("console.log('no room here'); process.exit(3)", home('ended')),
    /ended at once; it said:\nno room here/,
  )
})

test('an answer is waited for while the daemon works on it', async () => {
  const paths = home('busy')
  record(paths, ['sh', '-c', 'while :; do sleep 0.1; done'])
  await serve(paths, async () => {
    // Without the work of its process it would have been given up by now.
    await delay(LONGER_MS)
    return report([])
  })
  assert.equal((await askControl(paths.control, 'GET /status', {}, STILL_MS))?.status, 'RUNNING')
})

test('a daemon that was stopped is not waited for, and it says so', async () => {
  const paths = home('halted')
  record(paths, ['sleep', '1000']).kill('SIGSTOP')
  await serve(paths, () => new Promise(() => undefined))
  await assert.rejects(askControl(paths.control, 'GET /status', {}, 500), /the mfserv daemon does nothing and has not answered/)
})

test('a plugin that starts is waited for as long as the daemon says that nothing may move, and anew whenever something moves', async () => {
  const paths = home('plugin')
  const began = performance.now()
  await serve(paths, () => {
    const passed = performance.now() - began
    const slots = [{ actual: 'starting', pid: null, generation: Math.floor(passed / MOVES_MS), failures: 0 }]
    const state: PluginReport['state'] = passed < LONGER_MS ? 'starting' : 'serving'
    return report([{ name: 'blog', state, leaving: 0, apps: [{ slots }], daemons: [], held: 7 }])
  })
  const isServing = ({ plugins }: StatusReport): boolean => plugins[0]?.state === 'serving'
  assert.ok(isServing(((await untilReport(paths, isServing, ofPlugin('blog'))) ?? report([])) as StatusReport))
})

test('a plugin of which nothing moves any more is reported as it is, however busy the others are', async () => {
  const paths = home('hangs')
  const blog = { name: 'blog', state: 'starting', leaving: 0, apps: [], daemons: [] }
  await serve(paths, () => report([blog, { ...blog, name: 'shop', leaving: Math.round(performance.now()) }]))
  const last = await untilReport(paths, () => false, ofPlugin('blog'))
  assert.equal(last?.plugins[0]?.state, 'starting')
})

function home(name: string): Paths {
  const paths = pathsOf(join(scratch, name))
  mkdirSync(paths.config, { recursive: true })
  mkdirSync(join(paths.control, '..'), { recursive: true })
  writeFileSync(join(paths.config, 'config.ini'), '[nginx]\nflag = 0\nport = 0\n')
  return paths
}

/** Starts the real daemon, which runs the code first. */
async function startWith(code: string, paths: Paths): Promise<StatusReport> {
  const before = { ...process.env }
  // As mfserv.start does: the daemon finds what it needs.
  const shared = pathsOf(runtimeHome()).opt
  if (existsSync(shared)) symlinkSync(shared, paths.opt)
  await ensurePython(paths)
  const module = `${paths.runtimeHome}-first.mjs`
  writeFileSync(module, code)
  Object.assign(process.env, { NODE_OPTIONS: `--import=${module}`, MFMODULE_RUNTIME_HOME: paths.runtimeHome })
  try {
    return await startDaemon(paths, { stillMs: STILL_MS })
  } finally {
    process.env = before
  }
}

/** Lets a process stand for the daemon. */
function record({ daemon }: Paths, [program, ...words]: readonly [string, ...string[]]): ChildProcess {
  const child = spawn(program, words, { stdio: 'ignore', detached: true })
  children.push(child)
  writeFileSync(daemon, JSON.stringify(processId(child.pid ?? 0)))
  return child
}

async function serve({ control }: Paths, status: () => unknown): Promise<void> {
  const answer = async (): Promise<never> => (await status()) as never
  const names = [
    'GET /status',
    'POST /look',
    'POST /wake',
    'GET /cron/history',
    'POST /cron/run',
    'POST /hand-over',
    'POST /successor',
    'POST /stop',
  ] as const
  const handlers = Object.fromEntries(names.map((name) => [name, answer])) as Record<(typeof names)[number], typeof answer>
  servers.push(await serveControl(control, handlers))
}

function report(plugins: readonly unknown[]): unknown {
  return { status: 'RUNNING', plugins, candidates: [], nginx: { pid: 1, reloads: 0 }, patienceMs: 1000 }
}

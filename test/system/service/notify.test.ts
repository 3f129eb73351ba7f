import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import type { PluginReport, StatusReport } from '../../../src/control/protocol.ts'
import { environmentOf, parentOf, processId } from '../../../src/host/process/proc.ts'
import { CONFIG, SERVE } from '../socket-app.ts'
import { CLONE, eventually, get, newWorld, type World, writeFile } from '../world.ts'

interface Told {
  readonly pid: number
  readonly text: string
}

describe('a daemon that systemd starts', () => {
  let world: World
  let listener: ChildProcess
  let daemon: ChildProcess
  const told: Told[] = []
  before(async () => {
    world = await newWorld()
    const home = join(world.home, 'var/plugins/pages')
    writeFile(join(home, '.layerapi2_label'), 'plugin_pages@mfserv\n')
    writeFile(join(home, 'config.ini'), CONFIG)
    writeFile(join(home, 'main/serve.py'), SERVE)
    listener = spawn('python3', [join(import.meta.dirname, 'notified.py'), join(world.home, 'notify')])
    if (listener.stdout === null) throw new Error('it has no output')
    createInterface({ input: listener.stdout }).on('line', (line) => told.push(JSON.parse(line)))
    await hears('BOUND=1', 0)
  })
  after(async () => {
    // First: after a test that failed it would keep this file from ending.
    listener.kill('SIGKILL')
    await world.end()
    daemon.kill('SIGKILL')
  })

  test('takes the place of one that a person started, and says when it is ready, and that it goes on', async () => {
    await world.must('mfserv.start')
    const before = await world.until('all serves', ({ plugins }) => plugins[0]?.state === 'serving')
    daemon = startAsService()
    await hears(`MAINPID=${daemon.pid}`, daemon.pid)
    await hears('READY=1', daemon.pid)
    await hears('STATUS=RUNNING', daemon.pid)
    await hears('WATCHDOG=1', daemon.pid)
    const after = await world.status()
    assert.deepEqual([after.daemon.pid, after.daemon.service], [daemon.pid, 'systemd'])
    assert.deepEqual(workersOf(after), workersOf(before))
    // Neither the socket nor its address is for what the daemon starts.
    process.kill(workersOf(after)[0] ?? 0, 'SIGKILL')
    const [worker = 0] = workersOf(await world.until('another worker', (now) => !isAmong(workersOf(before)[0], now)))
    assert.deepEqual(Object.keys(environmentOf(worker)).filter(isForTheDaemon), [])
  })

  test('hands over to one that it starts itself when mfserv.restart asks for it', async () => {
    const first = daemon.pid
    const ended = new Promise((resolve) => daemon.once('exit', resolve))
    assert.match((await world.must('mfserv.restart')).stdout, /^mfserv is RUNNING/)
    const { daemon: next } = await world.status()
    assert.ok(next.pid !== null && next.pid !== first)
    assert.equal(next.service, 'systemd')
    // systemd waits only for the end of its own children.
    assert.notEqual(parentOf(next.pid), first)
    const reloading = told.findIndex(({ pid, text }) => pid === first && /^RELOADING=1\nMONOTONIC_USEC=\d+$/.test(text))
    const ready = told.findIndex(({ text }) => text === `MAINPID=${next.pid}`)
    assert.ok(reloading >= 0 && ready > reloading, JSON.stringify(told))
    await hears('READY=1', next.pid)
    await hears('WATCHDOG=1', next.pid)
    assert.equal(await ended, 0)
    assert.equal((await get(`${world.url}/pages`)).status, 200)
  })

  test('says that it stops, and asks for time', async () => {
    const { daemon: last } = await world.status()
    await world.must('mfserv.stop')
    await hears('STOPPING=1\nEXTEND_TIMEOUT_USEC=60000000\nWATCHDOG=1', last.pid ?? -1)
  })

  test('says that it stops as soon as it is told to, also while nginx is slow to take a change', async () => {
    const service = startAsService()
    const { nginx } = await world.until('all serves', ({ plugins }) => plugins[0]?.state === 'serving')
    const more = join(world.home, 'var/plugins/more')
    process.kill(nginx.pid ?? 0, 'SIGSTOP')
    try {
      cpSync(join(world.home, 'var/plugins/pages'), more, { recursive: true })
      writeFile(join(more, '.layerapi2_label'), 'plugin_more@mfserv\n')
      const isReady = ({ name, apps }: PluginReport): boolean =>
        name === 'more' && apps.every(({ slots }) => slots.every(({ actual }) => actual === 'ready'))
      const asked = await world.until('nginx is all that is left', ({ plugins }) => plugins.some(isReady))
      assert.equal(asked.plugins.find(isReady)?.state, 'starting')
      service.kill('SIGTERM')
      // nginx is given a minute.
      await hears('STOPPING=1\nEXTEND_TIMEOUT_USEC=60000000\nWATCHDOG=1', service.pid, 10_000)
    } finally {
      process.kill(nginx.pid ?? 0, 'SIGCONT')
    }
    assert.equal(await new Promise((resolve) => service.once('exit', resolve)), 0)
    assert.equal(processId(nginx.pid ?? 0), undefined)
    rmSync(more, { recursive: true })
  })

  test('stops what another daemon left, when it is told to stop before it supervises', async () => {
    await world.must('mfserv.start')
    const { daemon: killed, nginx } = await world.until('all serves', ({ plugins }) => plugins[0]?.state === 'serving')
    process.kill(killed.pid ?? 0, 'SIGKILL')
    const next = startAsService()
    const log = join(world.home, 'log/mfserv.log')
    await eventually(
      'it begins',
      () => readFileSync(log, 'utf8').includes(` starts in ${world.home}, pid ${next.pid}\n`) || undefined,
    )
    next.kill('SIGTERM')
    assert.equal(await new Promise((resolve) => next.once('exit', resolve)), 0)
    assert.equal(processId(nginx.pid ?? 0), undefined)
  })

  test('says in its status why it did not start, and ends well when it is switched off', async () => {
    writeFileSync(join(world.home, 'var/state-version'), '{"version":1000}')
    const refused = startAsService()
    await hears(/^STATUS=it did not start: a newer mfserv has written this runtime home/, refused.pid)
    refused.kill('SIGKILL')
    writeFileSync(join(world.home, 'var/state-version'), '')
    writeFileSync(join(world.home, 'config/config.ini'), '[startup]\nflag = 0\n')
    const off = startAsService()
    assert.equal(await new Promise((resolve) => off.once('exit', resolve)), 0)
    await hears('READY=1', off.pid)
    await hears('STATUS=not started: [startup] flag is 0', off.pid)
  })

  function startAsService(): ChildProcess {
    const env = {
      ...process.env,
      MFMODULE_RUNTIME_HOME: world.home,
      MFSERV_SITE_DIRECTORY: join(world.home, 'site'),
      NOTIFY_SOCKET: join(world.home, 'notify'),
      WATCHDOG_USEC: '2000000',
    }
    return spawn(join(CLONE, 'bin/mfserv'), ['daemon', '--take-over', '--even-same'], { env, stdio: 'ignore' })
  }

  function hears(text: string | RegExp, from: number | undefined, patienceMs?: number): Promise<Told> {
    const isIt = (one: Told): boolean => one.pid === from && (typeof text === 'string' ? one.text === text : text.test(one.text))
    return eventually(`${from} tells ${text}`, () => told.find(isIt), patienceMs)
  }
})

function workersOf({ plugins }: StatusReport): readonly number[] {
  return plugins.flatMap(({ apps }) => apps.flatMap(({ slots }) => slots.flatMap(({ pid }) => pid ?? [])))
}

function isAmong(pid: number | undefined, report: StatusReport): boolean {
  return workersOf(report).includes(pid ?? 0) || workersOf(report).length < 2
}

function isForTheDaemon(name: string): boolean {
  return ['NOTIFY_SOCKET', 'MFSERV_NOTIFY_FD', 'WATCHDOG_USEC'].includes(name)
}

import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { StatusReport } from '../../../src/control/protocol.ts'
import { commandLineOf, environmentOf, processes, processId } from '../../../src/host/process/proc.ts'
import { startLoad } from '../../load/client.ts'
import { describe as describeVerdict, judge } from '../../load/verdict.ts'
import { CONFIG, SERVE } from '../socket-app.ts'
import { ask, CLONE, edit, eventually, execute, newWorld, type Ran, untilNginxIsCalm, type World, writeFile } from '../world.ts'

const PER_SECOND = 240
/** Four times of it are a thousand. */
const SOME = 250

describe('a daemon that runs other code than mfserv.start', () => {
  let world: World
  let clone: string
  let changes = 0
  before(async () => {
    world = await newWorld()
    clone = mkdtempSync(join(tmpdir(), 'mfclone'))
    for (const part of ['bin', 'src', 'python', 'python2', 'share', 'templates', 'package.json', 'package-lock.json'])
      cpSync(join(CLONE, part), join(clone, part), { recursive: true, verbatimSymlinks: true })
    symlinkSync(join(CLONE, 'node_modules'), join(clone, 'node_modules'))
    const home = join(world.home, 'var/plugins/pages')
    writeFile(join(home, '.layerapi2_label'), 'plugin_pages@mfserv\n')
    writeFile(join(home, 'config.ini'), CONFIG)
    writeFile(join(home, 'main/serve.py'), SERVE)
    // A home from before the state had a version.
    writeFile(join(world.home, 'var/state-version'), '')
    writeFile(join(home, 'crontab'), '@yearly sleep 600\n@yearly sleep 2; echo done\n')
    assert.equal((await start()).code, 0)
    assert.match(readFileSync(join(world.home, 'var/state-version'), 'utf8'), /^\{"version":1,/)
    await world.must('mfserv', ['cron', 'run', 'pages', '1', '--no-wait'])
    await world.until('all serves', ({ plugins }) => plugins[0]?.state === 'serving')
    await untilNginxIsCalm(world)
  })
  after(async () => {
    await world.end()
    rmSync(clone, { recursive: true, force: true })
  })

  test('hands over to it, and to mfserv.restart without a change: a new daemon, the same workers and jobs, and no request is lost', async () => {
    const before = await world.status()
    await world.must('mfserv', ['cron', 'run', 'pages', '2', '--no-wait'])
    const load = startLoad({ url: world.url, paths: ['/pages'], perSecond: PER_SECOND, connections: 'mixed' })
    await load.further(SOME)
    for (const way of ['mfserv.start', 'mfserv.start', 'mfserv.restart']) {
      const { daemon } = await world.status()
      if (way === 'mfserv.start') changeOneLine()
      assert.equal((await start(way)).code, 0)
      assert.notEqual((await world.status()).daemon.pid, daemon.pid)
      await load.further(SOME)
    }
    const verdict = judge(await load.stop(), [])
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
    assert.ok(verdict.done >= 1000, String(verdict.done))
    const after = await world.status()
    assert.notEqual(after.daemon.pid, before.daemon.pid)
    assert.deepEqual(pidsOf(after), pidsOf(before))
    assert.equal(after.nginx.reloads, 0)
    await untilOneDaemon()
    const job = await eventually('the job that ran meanwhile has ended', async () =>
      (await world.status()).cron.find(({ line, running }) => line === 2 && running === null),
    )
    assert.deepEqual({ runs: job.runs, failed: job.failed }, { runs: 1, failed: 0 })
    assert.equal(pidsOf(await world.status()).length, 4)
  })

  test('answers who waits in it for a worker that the new daemon sees come up', async () => {
    const before = await world.status()
    writeFileSync(join(world.home, 'not-yet'), '')
    for (const pid of workersOf(before)) process.kill(pid, 'SIGKILL')
    const answers = Promise.all(['GET', 'POST'].map((method) => ask(`${world.url}/pages`, { method })))
    await world.until('both wait', ({ plugins }) => plugins[0]?.apps[0]?.held === 2)
    changeOneLine()
    const starting = start()
    const after = await world.until('the new daemon is there', ({ daemon }) => daemon.pid !== before.daemon.pid)
    assert.equal(after.plugins[0]?.apps[0]?.held, 0)
    rmSync(join(world.home, 'not-yet'))
    assert.deepEqual(
      (await answers).map(({ status }) => status),
      [200, 200],
    )
    assert.equal((await starting).code, 0)
    await untilOneDaemon()
  })

  for (const [when, file, line, wrong] of [
    ['at once', 'src/daemon/run.ts', 'export async function runDaemon', "throw new Error('a mistake of ours')\n"],
    ['when it has the place', 'src/daemon/daemon.ts', 'this.#cron.adopt()', "throw new Error('a mistake of ours')\n    "],
  ] as const) {
    test(`goes on when the new one fails ${when}, and mfserv.start says why`, async () => {
      const { daemon } = await world.status()
      const failed = await withLine(file, line, wrong, () => start())
      assert.equal(failed.code, 1)
      const said = `the new mfserv daemon ended at once; the one before it goes on (process ${daemon.pid}); it said:`
      assert.ok(failed.stderr.includes(said), failed.stderr)
      assert.match(failed.stderr, /a mistake of ours/)
      const before = await world.status()
      assert.equal(before.daemon.pid, daemon.pid)
      for (const pid of workersOf(before)) process.kill(pid, 'SIGKILL')
      await world.until('it has started other workers', (now) => {
        const there = workersOf(now)
        return there.length === 2 && there.every((pid) => !workersOf(before).includes(pid))
      })
      assert.equal((await start()).code, 0)
    })
  }

  for (const [step, file, line] of [
    ['before it asks', 'src/daemon/hand-over.ts', 'const query = { pid:'],
    ['when it has the lock', 'src/daemon/daemon.ts', 'this.#standing.begin('],
    ['when it can be asked', 'src/daemon/daemon.ts', 'const ignore = listenToSignals'],
  ] as const) {
    for (const victim of ['old', 'new'] as const) {
      test(`leaves one daemon after kill -9 of the ${victim} one at the step of the new one ${step}`, async () => {
        const before = await world.status()
        const old = processId(before.daemon.pid ?? 0)
        assert.ok(old)
        await withLine(file, line, "process.kill(process.pid, 'SIGSTOP')\n    ", async () => {
          const starting = start()
          const next = await eventually('the new one has stopped there', () => daemons().find(isStopped))
          process.kill(victim === 'old' ? old.pid : next, 'SIGKILL')
          if (victim === 'old') process.kill(next, 'SIGCONT')
          assert.equal((await starting).code, victim === 'old' ? 0 : 1)
        })
        assert.equal((await start()).code, 0)
        await untilOneDaemon()
        assert.deepEqual(pidsOf(await world.status()), pidsOf(before))
      })
    }
  }

  test('is left alone by it when nothing has changed', async () => {
    const { daemon } = await world.status()
    assert.equal((await start()).code, 0)
    assert.equal((await world.status()).daemon.pid, daemon.pid)
  })

  /** By the launcher of the clone that is changed. */
  function start(launcher = 'mfserv.start'): Promise<Ran> {
    return execute(join(clone, 'bin', launcher), [], {
      env: { MFMODULE_RUNTIME_HOME: world.home, MFSERV_SITE_DIRECTORY: join(world.home, 'site') },
    })
  }

  function changeOneLine(): void {
    changes += 1
    const file = join(clone, 'src/host/logs/logger.ts')
    writeFileSync(file, `${readFileSync(file, 'utf8').replace(/\/\/ change \d+\n$/, '')}// change ${changes}\n`)
  }

  /** With something written before a text of a file of the clone, which runs it once. */
  async function withLine<T>(file: string, line: string, added: string, act: () => Promise<T>): Promise<T> {
    const path = join(clone, file)
    const text = readFileSync(path, 'utf8')
    edit(path, line, `${added}${line}`)
    try {
      return await act()
    } finally {
      writeFileSync(path, text)
    }
  }

  /** Those that supervise, or are about to, or answer who waits in their holds. */
  function daemons(): readonly number[] {
    const isOne = (pid: number): boolean =>
      commandLineOf(pid).includes('daemon') && environmentOf(pid)['MFMODULE_RUNTIME_HOME'] === world.home
    return processes().filter(isOne)
  }

  function untilOneDaemon(): Promise<true> {
    return eventually('there is one daemon', async () => {
      const all = daemons()
      return all.length === 1 && all[0] === (await world.status()).daemon.pid ? true : undefined
    })
  }
})

function isStopped(pid: number): boolean {
  return /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

function workersOf({ plugins }: StatusReport): readonly number[] {
  return plugins.flatMap(({ apps }) => apps.flatMap(({ slots }) => slots.flatMap(({ pid }) => pid ?? [])))
}

/** Of the workers, the extra daemon and the cron job that runs for long. */
function pidsOf({ plugins, cron }: StatusReport): readonly (number | null)[] {
  const slots = plugins.flatMap(({ apps, daemons }) => [...apps, ...daemons].flatMap((one) => one.slots.map(({ pid }) => pid)))
  return [...slots, ...cron.filter(({ line }) => line === 1).map(({ running }) => running?.pid ?? null)]
}

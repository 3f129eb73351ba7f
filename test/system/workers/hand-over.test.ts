import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { areAsTheyWere, readBuilt } from '../../../build/fresh.ts'
import type { StatusReport } from '../../../src/control/protocol.ts'
import { commandLineOf, environmentOf, processes, processId } from '../../../src/host/process/proc.ts'
import { startLoad } from '../../load/client.ts'
import { describe as describeVerdict, judge } from '../../load/verdict.ts'
import { CONFIG, SERVE } from '../socket-app.ts'
import {
  ask,
  CLONE,
  edit,
  eventually,
  execute,
  IS_SOAK,
  newWorld,
  type Ran,
  untilNginxIsCalm,
  type World,
  writeFile,
} from '../world.ts'

const PER_SECOND = IS_SOAK ? 250 : 60
/** A second of load before, between and after what happens. */
const SOME = PER_SECOND

describe('a daemon that runs other code than mfserv.start', () => {
  let world: World
  /** As a package has it: without the sources, of which each start would cost half as much again. */
  let clone: string
  /** All code of mfserv but what the quickest commands need. */
  let bundle: string
  let changes = 0
  before(async () => {
    world = await newWorld()
    clone = mkdtempSync(join(tmpdir(), 'mfclone'))
    for (const part of ['bin', 'python', 'python2', 'share', 'templates', 'package.json', 'package-lock.json']) copy(part)
    symlinkSync(join(CLONE, 'node_modules'), join(clone, 'node_modules'))
    bundle = join(clone, 'dist', await bundled(), 'rest.cjs')
    const home = join(world.home, 'var/plugins/pages')
    writeFile(join(home, '.layerapi2_label'), 'plugin_pages@mfserv\n')
    writeFile(join(home, 'config.ini'), CONFIG)
    writeFile(join(home, 'main/serve.py'), SERVE)
    // A home from before the state had a version.
    writeFile(join(world.home, 'var/state-version'), '')
    writeFile(join(home, 'crontab'), '@yearly sleep 600\n@yearly sleep 2; echo done\n')
    await mustStart()
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
      await mustStart(way)
      assert.notEqual((await world.status()).daemon.pid, daemon.pid)
      await load.further(SOME)
    }
    const verdict = judge(await load.stop(), [])
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
    assert.ok(verdict.done >= 4 * SOME, String(verdict.done))
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
    writeFileSync(join(world.home, 'var/data/pages/not-yet'), '')
    for (const pid of workersOf(before)) process.kill(pid, 'SIGKILL')
    // A POST that still reaches one of them may have run, so it is answered with 502 and does not wait.
    await eventually('they are gone', () => workersOf(before).every((pid) => processId(pid) === undefined) || undefined)
    const answers = Promise.all(['GET', 'POST'].map((method) => ask(`${world.url}/pages`, { method })))
    await world.until('both wait', ({ plugins }) => plugins[0]?.apps[0]?.held === 2)
    changeOneLine()
    const starting = start()
    const after = await world.until('the new daemon is there', ({ daemon }) => daemon.pid !== before.daemon.pid)
    assert.equal(after.plugins[0]?.apps[0]?.held, 0)
    rmSync(join(world.home, 'var/data/pages/not-yet'))
    assert.deepEqual(
      (await answers).map(({ status }) => status),
      [200, 200],
    )
    assert.equal((await starting).code, 0)
    await untilOneDaemon()
  })

  for (const [when, line, wrong] of [
    ['at once', 'refuseNewerState(paths, machine.version)', "throw new Error('a mistake of ours')\n"],
    ['when it has the place', 'this.#cron.adopt()', "throw new Error('a mistake of ours')\n    "],
  ] as const) {
    test(`goes on when the new one fails ${when}, and mfserv.start says why`, async () => {
      const { daemon } = await world.status()
      const failed = await withLine(line, wrong, () => start())
      assert.equal(failed.code, 1)
      const said = `the new mfserv daemon ended at once; the one before it goes on (process ${daemon.pid}); it said:`
      assert.ok(failed.stderr.includes(said), failed.stderr)
      assert.match(failed.stderr, /a mistake of ours/)
      const before = await world.status()
      assert.equal(before.daemon.pid, daemon.pid)
      for (const pid of workersOf(before)) process.kill(pid, 'SIGKILL')
      await world.until('it has started other workers', (now) => {
        const there = workersOf(now)
        return now.plugins[0]?.state === 'serving' && there.length === 2 && there.every((pid) => !workersOf(before).includes(pid))
      })
      await mustStart()
    })
  }

  for (const [step, line] of [
    ['before it asks', 'const query = {'],
    ['when it has the lock', 'this.#standing.begin('],
    ['when it can be asked', 'const ignore = listenToSignals'],
  ] as const) {
    for (const victim of ['old', 'new'] as const) {
      test(`leaves one daemon after kill -9 of the ${victim} one at the step of the new one ${step}`, async () => {
        const before = await world.status()
        const old = processId(before.daemon.pid ?? 0)
        assert.ok(old)
        await withLine(line, "process.kill(process.pid, 'SIGSTOP')\n    ", async () => {
          const starting = start()
          const next = await eventually('the new one has stopped there', () => daemons().find(isStopped))
          process.kill(victim === 'old' ? old.pid : next, 'SIGKILL')
          if (victim === 'old') process.kill(next, 'SIGCONT')
          assert.equal((await starting).code, victim === 'old' ? 0 : 1)
        })
        await mustStart()
        await untilOneDaemon()
        assert.deepEqual(pidsOf(await world.status()), pidsOf(before))
      })
    }
  }

  test('is left alone by it when nothing has changed', async () => {
    const { daemon } = await world.status()
    await mustStart()
    assert.equal((await world.status()).daemon.pid, daemon.pid)
  })

  /** By the launcher of the clone that is changed. */
  function start(launcher = 'mfserv.start'): Promise<Ran> {
    return execute(join(clone, 'bin', launcher), [], {
      env: {
        MFMODULE_RUNTIME_HOME: world.home,
        MFSERV_SITE_DIRECTORY: join(world.home, 'site'),
        // What is compiled of this clone is of no use to the next run.
        MFSERV_COMPILE_CACHE: join(clone, 'compile-cache'),
      },
    })
  }

  async function mustStart(launcher?: string): Promise<void> {
    const { code, stdout, stderr } = await start(launcher)
    assert.equal(code, 0, `it ended with ${code}\n${stdout}${stderr}`)
  }

  function changeOneLine(): void {
    changes += 1
    const file = join(clone, 'dist/start.cjs')
    writeFileSync(file, `${readFileSync(file, 'utf8').replace(/\/\/ change \d+\n$/, '')}// change ${changes}\n`)
  }

  /** With something written before a text of the bundle, which runs it once. */
  async function withLine<T>(line: string, added: string, act: () => Promise<T>): Promise<T> {
    const text = readFileSync(bundle, 'utf8')
    assert.equal(text.split(line).length, 2, `${line} is there once`)
    edit(bundle, line, `${added}${line}`)
    try {
      return await act()
    } finally {
      writeFileSync(bundle, text)
    }
  }

  function copy(part: string): void {
    cpSync(join(CLONE, part), join(clone, part), { recursive: true, verbatimSymlinks: true })
  }

  /** Puts the bundle of the present sources into the clone; answers its directory in `dist/`. */
  async function bundled(): Promise<string> {
    const { quick, look, rest } = existsSync(join(CLONE, 'dist/built.json')) ? readBuilt() : { quick: [], look: [], rest: [] }
    if (rest.length > 0 && areAsTheyWere([...quick, ...look, ...rest])) copy('dist')
    else {
      for (const part of ['build', 'src']) copy(part)
      const ran = await execute(process.execPath, ['--preserve-symlinks', join(clone, 'build/bundle.ts')], {})
      assert.equal(ran.code, 0, ran.stderr)
      rmSync(join(clone, 'src'), { recursive: true })
    }
    const built = join(clone, 'dist/built.json')
    const { slot }: { readonly slot: string } = JSON.parse(readFileSync(built, 'utf8'))
    writeFileSync(built, JSON.stringify({ slot, quick: [], look: [], rest: [] }))
    return slot
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

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { CronReport } from '../../control/protocol.ts'
import { readNamed } from '../../cron/schedule.ts'
import { reportCron } from '../../daemon/report/report-cron.ts'
import type { DesiredCronJob } from '../../desired/desired.ts'
import type { Millis } from '../../time.ts'
import { type Paths, pathsOf } from '../home/paths.ts'
import { CronRunner } from './cron-runner.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** A whole hour. */
const T0 = Date.parse('2026-11-01T08:00:00Z')

test('a job runs at its due time as its own command line, in the environment and directory of its plugin', async (t) => {
  const { world, runner } = start(t)
  const command = `echo "$GREETING from $(basename "$PWD")"; pwd >&2; cat; exit 3`
  runner.update([world.job({ command, env: { GREETING: 'hello' }, input: 'and its input\n' })])
  world.passes(HOUR - 1)
  runner.tick()
  assert.equal(runner.running(), 0)
  world.passes(1)
  runner.tick()
  const { lastRun, runs, failed, next, trouble } = await ended(runner)
  assert.equal(lastRun?.output, `hello from home\n${world.home}\nand its input`)
  assert.deepEqual([lastRun.exitCode, lastRun.due, runs, failed, trouble], [3, T0 + HOUR, 1, 1, 'failed'])
  assert.equal(next, T0 + 2 * HOUR)
  assert.match(readFileSync(world.log, 'utf8'), /^2026-11-01T09:00:00\.000Z \(cron blog line 1\) echo /)
})

test('a run that is ended by a signal says by which', async (t) => {
  const { world, runner } = start(t)
  runner.update([world.job({ command: 'kill -KILL $$' })])
  world.passes(HOUR)
  runner.tick()
  const { lastRun } = await ended(runner)
  assert.deepEqual([lastRun?.exitCode, lastRun?.signal, lastRun?.outcome], [137, 'SIGKILL', 'exit code 137 (SIGKILL)'])
})

test('the last lines of the output are kept, not more', async (t) => {
  const { world, runner } = start(t)
  runner.update([world.job({ command: 'seq 100000' })])
  world.passes(HOUR)
  runner.tick()
  const { lastRun } = await ended(runner)
  assert.deepEqual(
    lastRun?.output.split('\n'),
    Array.from({ length: 20 }, (_, index) => String(99_981 + index)),
  )
})

test('a job whose directory is gone is told as not started, and is tried again at the next due time', async (t) => {
  const { world, runner } = start(t)
  runner.update([world.job({ cwd: join(world.home, 'gone') })])
  world.passes(HOUR)
  runner.tick()
  const { lastRun, next } = await ended(runner)
  assert.match(lastRun?.outcome ?? '', /^not started: /)
  assert.equal(next, T0 + 2 * HOUR)
})

test('a run that takes too long is alone: the next due time is skipped and counted', async (t) => {
  const { world, runner } = start(t)
  runner.update([world.job({ command: world.waiting })])
  world.passes(HOUR)
  runner.tick()
  await world.begun()
  world.passes(HOUR)
  runner.tick()
  assert.deepEqual(pick(only(runner)), { runs: 0, skipped: 1, missed: 0, trouble: 'skipped' })
  world.release()
  assert.deepEqual(pick(await ended(runner)), { runs: 1, skipped: 1, missed: 0, trouble: null })
  assert.equal(world.beginnings(), 1)
})

test('a run survives the kill -9 of its daemon; the next one knows it, does not repeat it, and learns its exit code', async (t) => {
  const { world } = start(t)
  const job = world.job({ command: `${world.waiting}; exit 5` })
  const pid = await killedDaemonWith(world, job)
  const runner = world.runner()
  runner.adopt()
  runner.update([job])
  world.passes(HOUR)
  runner.tick()
  assert.equal(only(runner).running?.pid, pid)
  assert.equal(only(runner).skipped, 0)
  world.release()
  const { lastRun, runs } = await ended(runner)
  assert.deepEqual([lastRun?.exitCode, lastRun?.output, runs, world.beginnings()], [5, 'begun', 1, 1])
})

test('a run that ends while no daemon is there leaves its exit code all the same', async (t) => {
  const { world } = start(t)
  const job = world.job({ command: `${world.waiting}; exit 6` })
  await killedDaemonWith(world, job)
  world.release()
  await phase('the exit code is on disk', () => (existsSync(join(world.paths.cron, 'blog/j1.exit')) ? true : undefined))
  world.passes(HOUR)
  const runner = world.runner()
  runner.adopt()
  runner.update([job])
  runner.tick()
  const { lastRun, runs } = await ended(runner)
  assert.deepEqual([lastRun?.exitCode, runs, world.beginnings()], [6, 1, 1])
})

test('a run that its daemon had no time to write down is found and not repeated', async (t) => {
  const { world } = start(t)
  const job = world.job({ command: world.waiting })
  const pid = await killedDaemonWith(world, job)
  const file = join(world.paths.cron, 'blog/j1.json')
  const record = JSON.parse(readFileSync(file, 'utf8'))
  record.memory.state = { is: 'starting', run: record.memory.state.run }
  writeFileSync(file, JSON.stringify(record))
  world.passes(HOUR)
  const runner = world.runner()
  runner.adopt()
  runner.update([job])
  runner.tick()
  assert.equal(only(runner).running?.pid, pid)
  world.release()
  await ended(runner)
  assert.equal(world.beginnings(), 1)
})

test('a run that was decided on and never began is told, not repeated', (t) => {
  const { world, runner } = start(t)
  const job = world.job({})
  runner.update([job])
  const file = join(world.paths.cron, 'blog/j1.json')
  const record = JSON.parse(readFileSync(file, 'utf8'))
  record.memory.handled = T0 + HOUR
  record.memory.state = { is: 'starting', run: { due: T0 + HOUR, startedAt: T0 + HOUR } }
  writeFileSync(file, JSON.stringify(record))
  world.passes(HOUR)
  const second = world.runner()
  second.adopt()
  second.update([job])
  second.tick()
  assert.deepEqual([second.running(), only(second).lastRun?.outcome], [0, 'ended while no daemon ran, exit code unknown'])
})

test('what was due while no daemon ran is missed and told, and the last minute is made up for', async (t) => {
  const { world, runner } = start(t)
  const job = world.job({})
  runner.update([job])
  world.passes(3 * HOUR + 2 * MINUTE)
  const late = world.runner()
  late.adopt()
  late.update([job])
  late.tick()
  assert.deepEqual(pick(only(late)), { runs: 0, skipped: 0, missed: 3, trouble: 'missed' })
  world.passes(58 * MINUTE + 30_000)
  const inTime = world.runner()
  inTime.adopt()
  inTime.update([job])
  inTime.tick()
  assert.deepEqual(pick(await ended(inTime)), { runs: 1, skipped: 0, missed: 3, trouble: null })
})

test('@reboot runs once after each start of the module, and not when a daemon takes over', async (t) => {
  const { world, runner } = start(t)
  const job = world.job({ schedule: schedule('@reboot') })
  runner.update([job])
  runner.tick()
  assert.equal((await ended(runner)).runs, 1)
  const second = world.runner()
  second.adopt()
  second.update([job])
  second.tick()
  assert.equal(second.running(), 0)
  second.stop()
  world.passes(1)
  const third = world.runner()
  third.adopt()
  third.update([job])
  third.tick()
  assert.equal((await ended(third)).runs, 2)
})

test('a person runs a job at any time, but not beside a run that is under way', async (t) => {
  const { world, runner } = start(t)
  runner.update([world.job({ command: world.waiting })])
  assert.deepEqual(runner.runNow('blog', 'j1'), { is: 'started', startedAt: T0 })
  await world.begun()
  assert.deepEqual(runner.runNow('blog', 'j1'), { is: 'runs-already' })
  assert.deepEqual(runner.runNow('blog', 'j2'), { is: 'unknown-job' })
  world.release()
  assert.equal((await ended(runner)).lastRun?.due, null)
})

test('at the end of the module runs are ended with what they started, and nothing begins any more', async (t) => {
  const { world, runner } = start(t)
  runner.update([world.job({ command: `${world.waiting} & wait` }), world.job({ id: 'j2', line: 2 })])
  runner.runNow('blog', 'j1')
  await world.begun()
  runner.stop()
  await phase('no run is left', () => (runner.running() === 0 ? true : undefined))
  world.passes(HOUR)
  runner.tick()
  assert.equal(runner.running(), 0)
  assert.deepEqual(
    runner
      .jobs()
      .map(reportCron)
      .map(({ runs }) => runs),
    [1, 0],
  )
  assert.equal(runner.jobs().map(reportCron)[0]?.lastRun?.signal, 'SIGTERM')
})

test('a program behind the shell of a run has its time to end, and the end of the module waits for it', async (t) => {
  const { world, runner } = start(t)
  const [up, saved, script] = ['up', 'saved', 'careful.py'].map((name) => join(world.home, name)) as [string, string, string]
  const lines = [
    'import signal, sys, time',
    `def stop(*_): time.sleep(0.3); open(${JSON.stringify(saved)}, "w").close(); sys.exit()`,
    'signal.signal(signal.SIGTERM, stop)',
    `open(${JSON.stringify(up)}, "w").close()`,
    'while True: time.sleep(0.02)',
  ]
  writeFileSync(script, lines.join('\n'))
  runner.update([world.job({ command: `python3 ${script}; true` })])
  runner.runNow('blog', 'j1')
  await phase('it is up', () => existsSync(up) || undefined)
  runner.stop()
  await phase('no run is left', () => {
    runner.tick()
    return runner.running() === 0 ? true : undefined
  })
  assert.ok(existsSync(saved))
})

test('a line that is changed is another job; one that is gone and comes back keeps its history and missed nothing', async (t) => {
  const { world, runner } = start(t)
  const job = world.job({})
  runner.update([job])
  world.passes(HOUR)
  runner.tick()
  await ended(runner)
  runner.update([world.job({ id: 'j2' })])
  assert.deepEqual(pick(only(runner)), { runs: 0, skipped: 0, missed: 0, trouble: null })
  world.passes(5 * HOUR)
  runner.update([job])
  runner.tick()
  assert.deepEqual(pick(only(runner)), { runs: 1, skipped: 0, missed: 0, trouble: null })
})

test('the history of a line that is gone is removed with its logs after a month', async (t) => {
  const { world, runner } = start(t)
  world.passes(Date.now() - T0)
  runner.update([world.job({})])
  runner.runNow('blog', 'j1')
  await ended(runner)
  runner.update([])
  world.passes(29 * 24 * HOUR)
  runner.update([])
  assert.equal(existsSync(world.log), true)
  world.passes(2 * 24 * HOUR)
  runner.update([])
  assert.deepEqual([existsSync(world.log), existsSync(join(world.paths.cron, 'blog/j1.json'))], [false, false])
})

test('a job whose history was removed with its plugin begins anew', async (t) => {
  const { world, runner } = start(t)
  const job = world.job({})
  runner.update([job])
  runner.runNow('blog', 'j1')
  await ended(runner)
  runner.update([])
  rmSync(join(world.paths.cron, 'blog'), { recursive: true })
  runner.update([job])
  assert.deepEqual([only(runner).runs, runner.history('blog', 'j1')], [0, []])
})

test('a due time that cannot be written down is not started, and the daemon lives', async (t) => {
  const { world, runner } = start(t)
  runner.update([world.job({})])
  rmSync(join(world.paths.cron, 'blog'), { recursive: true })
  writeFileSync(join(world.paths.cron, 'blog'), '')
  world.passes(HOUR)
  runner.tick()
  const { lastRun } = only(runner)
  assert.match(lastRun?.outcome ?? '', /^not started: .*(ENOTDIR|EEXIST)/)
  assert.equal(world.beginnings(), 0)
})

test('a time zone of its own moves a job', (t) => {
  const { world, runner } = start(t)
  runner.update([world.job({ schedule: schedule('@daily'), zone: 'Europe/Paris' })])
  assert.equal(only(runner).next, Date.parse('2026-11-01T23:00:00Z'))
})

interface World {
  readonly paths: Paths
  readonly home: string
  readonly log: string
  /** A command that says that it began and ends when it is released. */
  readonly waiting: string
  readonly job: (more: Partial<DesiredCronJob>) => DesiredCronJob
  readonly runner: () => CronRunner
  readonly passes: (ms: number) => void
  readonly now: () => number
  readonly begun: () => Promise<unknown>
  readonly beginnings: () => number
  readonly release: () => void
}

function start(t: TestContext): { readonly world: World; readonly runner: CronRunner } {
  const runtimeHome = mkdtempSync(join(tmpdir(), 'mfserv-cron-'))
  const paths = pathsOf(runtimeHome)
  const home = mkdtempSync(join(runtimeHome, 'p'))
  const plugin = join(home, 'home')
  const [beginnings, release] = [join(runtimeHome, 'beginnings'), join(runtimeHome, 'release')]
  const log = join(paths.log, 'cron_blog_j1.log')
  let now = T0
  const world: World = {
    paths,
    home: plugin,
    log,
    waiting: `echo begun; echo >>${beginnings}; while [ -e ${paths.cron} ] && ! [ -e ${release} ]; do sleep 0.02; done`,
    job: (more) => ({
      plugin: 'blog',
      id: 'j1',
      line: 1,
      schedule: schedule('@hourly'),
      zone: undefined,
      command: 'true',
      shell: '/bin/sh',
      input: undefined,
      cwd: plugin,
      logFile: log,
      ...more,
      env: { PATH: process.env['PATH'] ?? '', MFMODULE_RUNTIME_HOME: runtimeHome, ...more.env },
    }),
    runner: () => new CronRunner(paths, () => undefined, { now: () => now as Millis, zone: 'UTC' }),
    passes: (ms) => {
      now += ms
    },
    now: () => now,
    begun: () => phase('the run has begun', () => (existsSync(beginnings) ? true : undefined)),
    beginnings: () => (existsSync(beginnings) ? readFileSync(beginnings, 'utf8').length : 0),
    release: () => writeFileSync(release, ''),
  }
  t.after(async () => {
    world.release()
    rmSync(runtimeHome, { recursive: true, force: true, maxRetries: 5 })
  })
  mkdirSync(plugin)
  const runner = world.runner()
  runner.adopt()
  return { world, runner }
}

/** A daemon in a process of its own starts the job at its due time and is killed. Answers the pid of the run. */
async function killedDaemonWith(world: World, job: DesiredCronJob): Promise<number> {
  const code = `
    import { CronRunner } from ${JSON.stringify(join(import.meta.dirname, 'cron-runner.ts'))}
    import { pathsOf } from ${JSON.stringify(join(import.meta.dirname, '../home/paths.ts'))}
    let now = ${world.now()}
    const runner = new CronRunner(pathsOf(${JSON.stringify(world.paths.runtimeHome)}), () => undefined, { now: () => now, zone: 'UTC' })
    runner.adopt()
    runner.update([${JSON.stringify(job)}])
    now += ${HOUR}
    runner.tick()
    setInterval(() => undefined, 1000)`
  const daemon = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: ['ignore', 'ignore', 'inherit'] })
  world.passes(HOUR)
  const file = join(world.paths.cron, 'blog/j1.json')
  const pid = await phase('the run has begun and is written down', () =>
    world.beginnings() === 1 ? JSON.parse(readFileSync(file, 'utf8')).memory.state.process?.pid : undefined,
  )
  const gone = new Promise((resolve) => daemon.once('exit', resolve))
  daemon.kill('SIGKILL')
  await gone
  world.passes(-HOUR)
  return pid
}

function ended(runner: CronRunner): Promise<CronReport> {
  return phase('the run has ended', () => {
    runner.tick()
    return runner.running() === 0 ? only(runner) : undefined
  })
}

function only(runner: CronRunner): CronReport {
  const [report, ...rest] = runner.jobs().map(reportCron)
  assert.ok(report !== undefined && rest.length === 0)
  return report
}

function pick({ runs, skipped, missed, trouble }: CronReport) {
  return { runs, skipped, missed, trouble }
}

function schedule(name: string): DesiredCronJob['schedule'] {
  const read = readNamed(name)
  assert.ok('schedule' in read)
  return read.schedule
}

/** Asks again until there is an answer; the bound only keeps a broken test from hanging. */
async function phase<T>(name: string, ask: () => T | undefined): Promise<T> {
  const deadline = performance.now() + 20_000
  for (;;) {
    const answer = ask()
    if (answer !== undefined) return answer
    assert.ok(performance.now() < deadline, `it never came to this: ${name}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

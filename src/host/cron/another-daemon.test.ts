import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ended, HOUR, MINUTE, only, pick, schedule, start, T0, type World } from '../../../test/support/cron-fixture.ts'
import { phase, until } from '../../../test/support/phase.ts'
import { reportCron } from '../../daemon/report/report-cron.ts'
import type { DesiredCronJob } from '../../desired/desired.ts'
import { processId } from '../process/proc.ts'

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

test('at the end of the module runs are ended with what they started, and nothing begins any more', async (t) => {
  const { world, runner } = start(t)
  runner.update([world.job({ command: `${world.waiting} & wait` }), world.job({ id: 'j2', line: 2 })])
  runner.runNow('blog', 'j1')
  await world.begun()
  runner.stop()
  await until('no run is left', () => {
    // Which of the two ends first decides whether the end of the shell is the end of the run.
    runner.tick()
    return runner.running() === 0
  })
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
  const has = (name: string): boolean => existsSync(join(world.home, name))
  const code = `
import os, signal, time
# Blocked first: a signal that comes before the wait is not missed.
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
open('up', 'w')
signal.sigwait([signal.SIGTERM])
open('asked', 'w')
while not os.path.exists('may-end'): time.sleep(0.01)
open('saved', 'w')
`
  writeFileSync(join(world.home, 'careful.py'), code)
  runner.update([world.job({ command: 'python3 careful.py; true' })])
  runner.runNow('blog', 'j1')
  await until('it is up', () => has('up'))
  const shell = only(runner).running?.pid ?? assert.fail('no run is under way')
  runner.stop()
  await until('it was asked to end', () => has('asked'))
  await until('its shell has ended', () => processId(shell) === undefined)
  runner.tick()
  assert.equal(runner.running(), 1)
  writeFileSync(join(world.home, 'may-end'), '')
  await until('no run is left', () => {
    runner.tick()
    return runner.running() === 0
  })
  assert.ok(has('saved'))
})

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

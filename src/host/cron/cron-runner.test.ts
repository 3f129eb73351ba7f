import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ended, HOUR, only, pick, schedule, start, T0 } from '../../../test/support/cron-fixture.ts'

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

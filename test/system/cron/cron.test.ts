import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { CronReport } from '../../../src/control/protocol.ts'
import { openToOthers } from '../open-to-others.ts'
import { createPlugin, eventually, newWorld, type World, writeFile } from '../world.ts'

/** By line: 2 waits until it is released, 3 greets, 4 fails, 5 is due at each start of the module. */
const CRONTAB = `GREETING=hello
0 0 1 1 * echo begun; echo >>begun; until [ -e release ]; do sleep 0.02; done; exit 3
@daily echo "$GREETING from $MFSERV_CURRENT_PLUGIN_NAME, {{MFSERV_CURRENT_PLUGIN_APP_MAIN_TYPE}}"; cd {{MFSERV_CURRENT_PLUGIN_DATA_DIR}}; cd "$OLDPWD"; pwd
@yearly echo broken >&2; exit 4
@reboot echo >>started
`

describe('the cron jobs of a plugin', () => {
  let world: World
  let home: string

  before(async () => {
    world = await newWorld()
    home = await createPlugin(world, 'jobs', 'static')
    writeFile(join(home, 'crontab'), CRONTAB)
    await world.start()
    await world.until('the crontab is read', ({ cron }) => cron.length === 4)
  })
  after(async () => {
    writeFile(join(home, 'release'), '')
    await world.end()
  })

  const jobs = async (): Promise<readonly CronReport[]> =>
    JSON.parse((await world.must('mfserv', ['cron', 'list', '--json'])).stdout)
  const lineCount = (name: string): number => (existsSync(join(home, name)) ? readFileSync(join(home, name), 'utf8').length : 0)
  const restart = async (): Promise<void> => {
    const { daemon } = await world.status()
    assert.ok(daemon.pid !== null)
    process.kill(daemon.pid, 'SIGKILL')
    await world.start()
  }

  test('are listed with their next run, for people and for programs', async () => {
    const list = await jobs()
    assert.deepEqual(
      list.map(({ plugin, line, schedule }) => [plugin, line, schedule]),
      [
        ['jobs', 2, '0 0 1 1 *'],
        ['jobs', 3, '@daily'],
        ['jobs', 4, '@yearly'],
        ['jobs', 5, '@reboot'],
      ],
    )
    const { next } = list[1] ?? {}
    assert.ok(typeof next === 'number' && new Date(next).getHours() === 0 && new Date(next).getMinutes() === 0)
    const { stdout } = await world.must('mfserv', ['cron', 'list', 'jobs'])
    assert.match(stdout, /Cron jobs \(4\)/)
    assert.match(stdout, /@daily/)
  })

  test('run in the environment and the directory of the plugin; their output and exit code come back', async () => {
    const { code, stdout } = await world.run('mfserv', ['cron', 'run', 'jobs', '3'])
    assert.equal(code, 0)
    assert.ok(stdout.startsWith(`hello from jobs, static\n${home}\nThe job ended: exit code 0, `), stdout)
  })

  test('that fail give their exit code, and are named in the status until they run well', async () => {
    const job = (await jobs())[2]?.job ?? ''
    assert.equal((await world.run('mfserv', ['cron', 'run', 'jobs', job.slice(0, 5)])).code, 4)
    assert.match((await world.run('mfserv.status')).stdout, /line 4 \(\w{8}\) {2}failed: .*exit code 4/)
    assert.match((await world.must('mfserv', ['cron', 'history', 'jobs', '4'])).stdout, /exit code 4.*asked for\n {6}broken/)
  })

  test('with @reboot run at the start of the module, and not when a daemon takes over', async () => {
    await eventually('it ran', () => (lineCount('started') > 0 ? true : undefined))
    await restart()
    assert.equal(lineCount('started'), 1)
    await world.must('mfserv.stop')
    await world.start()
    await eventually('it ran again', () => (lineCount('started') === 2 ? true : undefined))
  })

  test('outlive the kill -9 of the daemon; the next one knows them, does not start them again, and learns how they ended', async () => {
    await world.must('mfserv', ['cron', 'run', 'jobs', '2', '--no-wait'])
    await eventually('it runs', () => (lineCount('begun') > 0 ? true : undefined))
    const pid = (await jobs())[0]?.running?.pid
    await restart()
    assert.equal((await jobs())[0]?.running?.pid, pid)
    const second = await world.run('mfserv', ['cron', 'run', 'jobs', '2'])
    assert.deepEqual([second.code, /runs already {2}\(BUSY\)/.test(second.stderr)], [1, true])
    writeFile(join(home, 'release'), '')
    const report = await world.until('the run has ended', ({ cron }) => cron[0]?.running === null)
    assert.deepEqual([report.cron[0]?.lastRun?.exitCode, report.cron[0]?.lastRun?.output, lineCount('begun')], [3, 'begun', 1])
  })

  test('that were due while no daemon ran are counted as missed, and named in the status', async () => {
    const job = (await jobs())[1]?.job ?? ''
    const { daemon } = await world.status()
    assert.ok(daemon.pid !== null)
    process.kill(daemon.pid, 'SIGKILL')
    const file = join(world.home, `var/cron/jobs/${job}.json`)
    const record = JSON.parse(readFileSync(file, 'utf8'))
    const midnight = new Date().setHours(0, 0, 0, 0)
    record.memory.handled = new Date(midnight).setDate(new Date(midnight).getDate() - 3)
    writeFileSync(file, JSON.stringify(record))
    await world.start()
    const { cron } = await world.status()
    // Three midnights, or two and one that is just being made up for.
    assert.ok((cron[1]?.missed ?? 0) >= 2)
    if (cron[1]?.missed === 3)
      assert.match((await world.run('mfserv.status')).stdout, /line 3 \(\w{8}\) {2}did not run: mfserv was down/)
  })

  test('with a line that does not parse are refused with file, line and fix; those from before go on', async () => {
    writeFile(join(home, 'crontab'), CRONTAB.replace('@daily', '61 0 * * 8'))
    const { plugins, cron } = await world.until('the mistake is seen', (report) => report.plugins[0]?.state === 'refused')
    assert.deepEqual(
      plugins[0]?.problems.map(({ code, file, line, message }) => [code, file, line, message]),
      [
        ['CRONTAB_LINE', join(home, 'crontab'), 3, 'the minute is "61"'],
        ['CRONTAB_LINE', join(home, 'crontab'), 3, 'the day of the week is "8"'],
      ],
    )
    assert.equal(cron.length, 4)
    writeFile(join(home, 'crontab'), CRONTAB)
    await world.until('it is fixed', (report) => report.plugins[0]?.state === 'serving')
  })

  test('keep their history when another line changes', async () => {
    const before = (await jobs())[1]
    writeFile(join(home, 'crontab'), `# a new first line\n${CRONTAB.replace('exit 4', 'exit 5')}`)
    const { cron } = await world.until('the change is seen', (report) => report.cron[1]?.line === 4)
    assert.deepEqual([cron[1]?.job, cron[1]?.runs, cron[2]?.runs], [before?.job, before?.runs, 0])
  })

  test('that nobody knows are named with those that are known', async () => {
    const { code, stderr } = await world.run('mfserv', ['cron', 'run', 'jobs', '99'])
    assert.deepEqual([code, /\(CRON_JOB_NOT_FOUND\)\n {2}Its jobs: \w{8} \(line 3\)/.test(stderr)], [1, true])
    assert.match((await world.run('mfserv', ['cron', 'list', 'job'])).stderr, /Did you mean "jobs"\?/)
  })

  test('and what they say are for the user of mfserv alone', () => {
    assert.deepEqual(openToOthers(world.home), [])
  })

  test('are ended with the module', async () => {
    writeFile(join(home, 'crontab'), '@yearly echo $$ >pid; trap "" HUP; sleep 1000\n')
    await world.until('the change is seen', ({ cron }) => cron.length === 1)
    await world.must('mfserv', ['cron', 'run', 'jobs', '1', '--no-wait'])
    const pid = await eventually('it runs', () =>
      lineCount('pid') > 1 ? readFileSync(join(home, 'pid'), 'utf8').trim() : undefined,
    )
    await world.must('mfserv.stop')
    assert.equal(existsSync(`/proc/${pid}`), false)
  })
})

import assert from 'node:assert/strict'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { CronReport } from '../../../src/control/protocol.ts'
import { eventually, newWorld } from '../world.ts'
import { sourcesOf } from './make-release.ts'

const DAEMON = `#!/bin/bash
log=$MFSERV_CURRENT_PLUGIN_DATA_DIR/daemon
version=$(cat version)
trap 'sleep 0.3; echo "end $version $$" >>$log; exit 0' TERM
echo "begin $version $$" >>$log
while :; do sleep 1 & wait $!; done
`
/** Each minute; by hand, and soon over; by hand, and over when the test lets it. */
const CRONTAB = `* * * * * echo "$(date +\\%H:\\%M) $(cat version)" >>$MFSERV_CURRENT_PLUGIN_DATA_DIR/minutes
@yearly cat version >>$MFSERV_CURRENT_PLUGIN_DATA_DIR/asked
@yearly cd $MFSERV_CURRENT_PLUGIN_DATA_DIR; cat "$OLDPWD"/version >>long; until [ -e go ]; do sleep 0.02; done; cat "$OLDPWD"/version >>long
`
const MINUTE_MS = 60_000
/** Before the minute: so much earlier a swap begins that is to be under way then. */
const EARLY_MS = 700

test('over a hot swap and a rollback a daemon never runs twice, and no run of a cron job is lost, doubled or cut short', async () => {
  const world = await newWorld('[releases]\nwatch_seconds = 0\n')
  const data = join(world.home, 'var/data/feed')
  const lines = (name: string): readonly string[] =>
    existsSync(join(data, name)) ? readFileSync(join(data, name), 'utf8').trimEnd().split('\n') : []
  const job = async (line: number): Promise<CronReport | undefined> =>
    (await world.status()).cron.find((one) => one.line === line)
  try {
    await world.must('mfserv.start')
    const feed = await sourcesOf(world, 'feed', 'default')
    mkdirSync(join(feed.home, 'bin'), { recursive: true })
    writeFileSync(join(feed.home, 'bin/feed'), DAEMON, { mode: 0o755 })
    writeFileSync(join(feed.home, 'crontab'), CRONTAB)
    appendFileSync(join(feed.home, 'config.ini'), '\n[extra_daemon_feed]\ncmd_and_args = feed\nnumprocesses = 1\n')
    const file = (version: string): Promise<string> =>
      feed.release(version, (home) => writeFileSync(join(home, 'version'), `${version}\n`))
    const [one, two] = [await file('1.0.0'), await file('2.0.0')]
    // A minute that begins while it is installed may have a run, or come too early for one.
    const began = [minuteNow()]
    await world.must('plugins.install', [one])
    began.push(minuteNow())
    await world.must('mfserv', ['cron', 'run', 'feed', '3', '--no-wait'])
    await eventually('the long run is under way', () => (lines('long').length === 1 ? true : undefined))

    await pause(MINUTE_MS - ((Date.now() + EARLY_MS) % MINUTE_MS))
    const runs = { wanted: 0 }
    const runMeanwhile = async (change: Promise<unknown>): Promise<void> => {
      const over = change.then(() => 'over' as const)
      do {
        await world.must('mfserv', ['cron', 'run', 'feed', '2'])
        runs.wanted += 1
      } while ((await Promise.race([over, pause(100)])) !== 'over')
    }
    await runMeanwhile(world.must('plugins.hotswap', [two]))
    assert.equal((await job(3))?.running === null, false, 'the run of the old version goes on')
    writeFileSync(join(data, 'go'), '')
    await eventually('the long run has ended', async () => ((await job(3))?.running === null ? true : undefined))
    assert.deepEqual(lines('long'), ['1.0.0', '1.0.0'], 'a run under way stays in its version, whose files are there to its end')
    assert.equal((await job(3))?.lastRun?.exitCode, 0)
    await world.must('mfserv', ['cron', 'run', 'feed', '2'])
    runs.wanted += 1
    assert.equal(lines('asked').at(-1), '2.0.0')
    await runMeanwhile(world.must('plugins.rollback', ['feed']))
    assert.equal(lines('asked').length, runs.wanted)

    const events = lines('daemon').map((line) => line.split(' ').slice(0, 2).join(' '))
    assert.deepEqual(events, ['begin 1.0.0', 'end 1.0.0', 'begin 2.0.0', 'end 2.0.0', 'begin 1.0.0'])
    const ended = await eventually('the runs of the minutes have ended', async () => {
      const { running, runs: all } = (await job(1)) ?? {}
      const due = began.map((minute) => minuteNow() - minute).find((minutes) => minutes === all)
      return running === null && due !== undefined ? { due } : undefined
    }).catch(async (error: unknown) => {
      assert.fail(`${error}: ${JSON.stringify(await job(1))}, and it wrote ${lines('minutes').join()}`)
    })
    const minutes = lines('minutes').map((line) => line.split(' ')[0])
    assert.equal(minutes.length, ended.due, minutes.join())
    assert.equal(new Set(minutes).size, minutes.length, minutes.join())
    const { missed, skipped } = (await job(1)) ?? {}
    assert.deepEqual([missed, skipped], [0, 0])
  } finally {
    await world.end()
  }
})

function minuteNow(): number {
  return Math.floor(Date.now() / MINUTE_MS)
}

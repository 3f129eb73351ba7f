import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { CronReport } from '../../src/control/protocol.ts'
import { readNamed } from '../../src/cron/schedule.ts'
import { reportCron } from '../../src/daemon/report/report-cron.ts'
import type { DesiredCronJob } from '../../src/desired/desired.ts'
import { CronRunner } from '../../src/host/cron/cron-runner.ts'
import { type Paths, pathsOf } from '../../src/host/home/paths.ts'
import type { Millis } from '../../src/time.ts'
import { phase } from './phase.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

/** A whole hour. */
export const T0 = Date.parse('2026-11-01T08:00:00Z')

export interface World {
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

export function start(t: TestContext): { readonly world: World; readonly runner: CronRunner } {
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

export function ended(runner: CronRunner): Promise<CronReport> {
  return phase('the run has ended', () => {
    runner.tick()
    return runner.running() === 0 ? only(runner) : undefined
  })
}

export function only(runner: CronRunner): CronReport {
  const [report, ...rest] = runner.jobs().map(reportCron)
  assert.ok(report !== undefined && rest.length === 0)
  return report
}

export function pick({ runs, skipped, missed, trouble }: CronReport) {
  return { runs, skipped, missed, trouble }
}

export function schedule(name: string): DesiredCronJob['schedule'] {
  const read = readNamed(name)
  assert.ok('schedule' in read)
  return read.schedule
}

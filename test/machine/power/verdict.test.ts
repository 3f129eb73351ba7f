import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CronRun } from '../../../src/cron/state.ts'
import type { Millis } from '../../../src/time.ts'
import { OPERATIONS, type Operation } from './operations.ts'
import { type Facts, judge, remains } from './verdict.ts'

const MINUTE = 60_000

/** A machine that nothing has happened to. */
const WELL: Facts = {
  waitedS: 10,
  service: 'active',
  report: { status: 'RUNNING', because: [], plugins: [plugin('site', '2'), plugin('spare', '1')], candidates: [] },
  pages: { ...pages('site', '2'), ...pages('spare', '1'), ...noPages('extra') },
  releases: { site: ['1-a', '1-a.json', '2-b', '2-b.json'], spare: ['1-c', '1-c.json'] },
  pointers: { site: '.releases/site/2-b', spare: '.releases/spare/1-c' },
  damaged: [],
  leftovers: [],
  log: { lines: 0, missing: 0, doubled: 0, copies: 0 },
  cron: { ticks: ['60.1'], memories: [memory([1])] },
  packaged: 'old',
  journal: '',
  daemonLog: '',
}

/** The operation, whether it had ended, what is other than well, and what is to be said of it. */
const CASES: readonly (readonly [string, boolean, Partial<Facts>, 'old' | 'new' | undefined, readonly RegExp[]])[] = [
  ['install', false, {}, 'old', []],
  ['install', true, {}, 'old', [/had ended with code 0, and after the boot it had not happened/]],
  ['install', true, withPlugin('extra', '1'), 'new', []],
  ['hotswap', false, withPlugin('site', '3'), 'new', []],
  ['hotswap', false, withPlugin('site', '1'), undefined, [/site is no whole version of 2 or 3/]],
  ['hotswap', false, { pages: { ...WELL.pages, '/site/': answer('2 3 2') } }, undefined, [/site is no whole version/]],
  ['hotswap', false, { pages: { ...WELL.pages, '/site/files/': answer('3') } }, undefined, [/site is no whole version/]],
  ['hotswap', false, { pages: { ...WELL.pages, ...pages('extra', '1') } }, 'old', [/extra is no whole version/]],
  ['rollback', true, withPlugin('site', '1'), 'new', []],
  ['uninstall', false, { pages: { ...WELL.pages, ...noPages('spare') } }, undefined, [/spare is no whole version/]],
  ['restart', true, {}, 'old', []],
  ['restart', false, { service: 'activating' }, 'old', [/after 10 s the service is activating/]],
  ['restart', false, { report: null }, 'old', [/mfserv.status does not answer/, /site is no/, /spare is no/]],
  ['restart', false, { damaged: ['var/models/site.json: empty'] }, 'old', [/damaged: var\/models\/site.json/]],
  ['upgrade', false, { packaged: 'new' }, 'new', []],
  ['upgrade', false, { packaged: 'mixed: 3 of 9 files are new' }, undefined, [/the code of mfserv is mixed/]],
  ['rotation', false, {}, 'old', [/the log is gone/]],
  ['rotation', true, { log: { lines: 12_000, missing: 0, doubled: 0, copies: 1 } }, 'new', []],
  [
    'rotation',
    false,
    { log: { lines: 9, missing: 7, doubled: 2, copies: 1 } },
    'new',
    [/7 lines of a log .* are lost/, /2 lines .* twice/],
  ],
  ['cron', true, { cron: { ticks: ['60.1', '120.1'], memories: [memory([1, 2])] } }, 'new', []],
  [
    'cron',
    false,
    { cron: { ticks: ['60.1', '120.1'], memories: [memory([1])] } },
    'new',
    [/began 2 times, and mfserv knows of 1 runs/],
  ],
  ['cron', false, { cron: { ticks: ['60.1', '61.1'], memories: [memory([1, 1])] } }, 'new', [/a due time .* was started twice/]],
  ['cron', false, { cron: { ticks: [], memories: [] } }, 'old', [/nothing is known any more of a cron job/]],
]

for (const [name, isDone, other, served, failures] of CASES) {
  const what = `${name}${isDone ? ', done' : ''}, ${JSON.stringify(other).slice(0, 60)}`
  test(`after a power cut, ${what}: ${served ?? 'no version'} serves, ${failures.length} faults`, () => {
    const verdict = judge({ operation: operation(name), ticksBefore: 1, isDone }, { ...WELL, ...other })
    assert.equal(verdict.served, served)
    assert.equal(verdict.failures.length, failures.length, verdict.failures.join('\n'))
    for (const [index, failure] of failures.entries()) assert.match(verdict.failures[index] ?? '', failure)
  })
}

test('nothing remains but whole releases of plugins that are installed', () => {
  assert.deepEqual(remains(WELL), [])
  const releases = {
    site: ['1-a', '2-b.json', '.unfinished-9', '.removed-8', 'pending.json'],
    spare: [],
    extra: ['1-d', '1-d.json'],
  }
  const leftovers = ['/var/candidates/site.json']
  assert.deepEqual(remains({ ...WELL, releases, leftovers }), [
    'half a release: site/1-a',
    'half a release: site/2-b.json',
    'half a release: site/.unfinished-9',
    'releases of a plugin that is not installed: extra',
    'left over: /var/candidates/site.json',
  ])
})

function operation(name: string): Operation {
  const found = OPERATIONS.find((one) => one.name === name)
  assert.ok(found)
  return found
}

function plugin(name: string, version: string): { readonly name: string; readonly version: string; readonly state: string } {
  return { name, version, state: 'serving' }
}

function withPlugin(name: string, version: string): Partial<Facts> {
  const others = ['site', 'spare'].filter((other) => other !== name).map((other) => plugin(other, other === 'site' ? '2' : '1'))
  return {
    report: { status: 'RUNNING', because: [], plugins: [...others, plugin(name, version)], candidates: [] },
    pages: { ...WELL.pages, ...pages(name, version) },
  }
}

function answer(body: string, status = 200): { readonly status: number; readonly body: string } {
  return { status, body }
}

function pages(name: string, version: string): Facts['pages'] {
  return { [`/${name}/`]: answer(`${version} ${version} ${version}`), [`/${name}/files/`]: answer(version) }
}

function noPages(name: string): Facts['pages'] {
  return { [`/${name}/`]: answer('', 404), [`/${name}/files/`]: answer('', 404) }
}

/** Of a job whose due times were the minutes of these numbers. */
function memory(minutes: readonly number[]): Facts['cron']['memories'][number] {
  const runs = minutes.map((minute): CronRun => ({ due: (minute * MINUTE) as Millis, startedAt: (minute * MINUTE) as Millis }))
  return {
    handled: 0 as Millis,
    state: { is: 'waiting' },
    runs: runs.length,
    failed: 0,
    skipped: 0,
    missed: 0,
    history: runs.map((run) => ({ is: 'ran', run, endedAt: run.startedAt, outcome: { is: 'unseen' }, output: '' })),
  }
}

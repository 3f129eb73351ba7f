import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PluginReport, StatusWord } from './protocol.ts'
import { exitCodeOf, type Facts, verdict } from './word.ts'

const up = { pid: 1, failures: 0 }
const down = { pid: null, failures: 0 }
const crashedOnce = { pid: null, failures: 1 }
const failed = { pid: null, failures: 3 }
/** The version before serves. */
const outdated = { pid: 1, failures: 3 }

type Slot = Facts['plugins'][number]['apps'][number]['slots'][number]

function plugin(state: PluginReport['state'], ...slots: readonly Slot[]): Facts['plugins'][number] {
  return { name: 'blog', state, apps: [{ isServed: true, slots }], daemons: [] }
}

function withDaemon(...slots: readonly Slot[]): Facts['plugins'][number] {
  return { name: 'bakery', state: 'failing', apps: [], daemons: [{ slots }] }
}

const CALM: Facts = { phase: 'running', nginx: 'serves', plugins: [], problems: [] }
const WRONG = [{ message: 'the disk is full' }]
const serving = plugin('serving', up)

test('a drained machine serves and says that it does not; what does not serve says that', () => {
  for (const [facts, word] of [
    [{ plugins: [serving] }, 'DRAINING'],
    [{ problems: WRONG }, 'DRAINING'],
    [{ nginx: 'down' }, 'ERROR'],
    [{ phase: 'starting', nginx: 'untried' }, 'STARTING'],
    [{ phase: 'stopping' }, 'STOPPING'],
  ] as const) {
    const { word: found, because, isHealthy } = verdict({ ...CALM, ...facts, isDraining: true })
    assert.deepEqual([found, isHealthy], [word, false])
    assert.equal(because.length > 0, true)
  }
  assert.deepEqual(verdict({ ...CALM, problems: WRONG, isDraining: true }).because.slice(1), ['the disk is full'])
  assert.deepEqual(verdict({ ...CALM, isDraining: false }), verdict(CALM))
})

test('the word tells whether requests are served and whether anything is wrong besides; health is OK while they are', () => {
  const cases: readonly (readonly [what: string, facts: Partial<Facts>, word: StatusWord, health: 'OK' | 'not'])[] = [
    ['nothing is installed', {}, 'RUNNING', 'OK'],
    ['a plugin serves', { plugins: [serving] }, 'RUNNING', 'OK'],
    ['nginx is not wanted', { nginx: 'off', plugins: [serving] }, 'RUNNING', 'OK'],
    ['a plugin was stopped by a person', { plugins: [plugin('stopped', down)] }, 'RUNNING', 'OK'],
    ['a changed plugin comes up', { plugins: [plugin('starting', up, down)] }, 'RUNNING', 'OK'],
    ['a worker is restarted after its end', { plugins: [plugin('starting', crashedOnce)] }, 'RUNNING', 'OK'],
    ['the configuration has a mistake', { plugins: [serving], problems: WRONG }, 'DEGRADED', 'OK'],
    ['a plugin fails, another serves', { plugins: [serving, plugin('failing', failed)] }, 'DEGRADED', 'OK'],
    ['a new version fails, the one before serves', { plugins: [plugin('failing', outdated)] }, 'DEGRADED', 'OK'],
    ['the files of a plugin are refused', { plugins: [plugin('refused', up)] }, 'DEGRADED', 'OK'],
    ['nginx refuses a plugin, another serves', { plugins: [serving, plugin('quarantined', up)] }, 'DEGRADED', 'OK'],
    ['a daemon of a plugin fails', { plugins: [withDaemon(failed)] }, 'DEGRADED', 'OK'],
    ['every app fails', { plugins: [plugin('failing', failed), plugin('failing', failed)] }, 'ERROR', 'not'],
    ['nginx refuses the only plugin', { plugins: [plugin('quarantined', up)] }, 'ERROR', 'not'],
    ['nginx does not run', { nginx: 'down', plugins: [serving] }, 'ERROR', 'not'],
    ['nothing was tried yet', { phase: 'starting', nginx: 'untried' }, 'STARTING', 'not'],
    ['nginx did not start', { phase: 'starting', nginx: 'down', problems: WRONG }, 'ERROR', 'not'],
    ['apps come up', { phase: 'starting', plugins: [plugin('starting', down)] }, 'STARTING', 'not'],
    ['what serves is taken over', { phase: 'starting', plugins: [plugin('starting', up, down)] }, 'STARTING', 'OK'],
    ['a first attempt failed', { phase: 'starting', plugins: [plugin('failing', crashedOnce)] }, 'STARTING', 'not'],
    ['a daemon is restarted', { phase: 'starting', plugins: [withDaemon(crashedOnce)] }, 'STARTING', 'OK'],
    ['it fails again and again', { phase: 'starting', plugins: [serving, plugin('failing', failed)] }, 'DEGRADED', 'OK'],
    ['it came up with a mistake', { phase: 'starting', plugins: [serving], problems: WRONG }, 'DEGRADED', 'OK'],
    ['it was told to stop', { phase: 'stopping', plugins: [serving] }, 'STOPPING', 'not'],
    ['it has stopped', { phase: 'stopped', nginx: 'down' }, 'STOPPED', 'not'],
    ['no daemon, nothing left', { phase: 'gone', nginx: 'down', isLeft: false }, 'STOPPED', 'not'],
    ['the daemon died, all the rest serves', { phase: 'gone', isLeft: true }, 'DEGRADED', 'OK'],
    ['the daemon died and nginx too', { phase: 'gone', nginx: 'down', isLeft: true }, 'ERROR', 'not'],
  ]
  for (const [what, facts, word, health] of cases) {
    const found = verdict({ ...CALM, ...facts })
    assert.deepEqual([found.word, found.isHealthy ? 'OK' : 'not'], [word, health], what)
    assert.equal(found.because.length === 0, word === 'RUNNING', `${what}: every other word has its reason`)
  }
})

test('the reasons name the plugins and the problems, each once', () => {
  const { because } = verdict({ ...CALM, plugins: [serving, plugin('failing', failed)], problems: [...WRONG, ...WRONG] })
  assert.deepEqual(because, ['the disk is full', 'plugin blog is failing'])
})

test('each word has its exit code, and only RUNNING has 0', () => {
  const words: readonly StatusWord[] = ['RUNNING', 'ERROR', 'DEGRADED', 'STOPPED', 'STARTING', 'STOPPING']
  assert.deepEqual(words.map(exitCodeOf), [0, 1, 2, 3, 4, 4])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../time.ts'
import { newsOf, toldOf } from './dev-news.ts'
import type { AppReport, PluginReport, SlotReport } from './protocol.ts'

const NEVER = { changedAt: undefined, readyAt: undefined }

function slot(generation: number, more: Partial<SlotReport> = {}): SlotReport {
  return {
    slot: 1,
    actual: 'ready',
    pid: 7,
    generation,
    restarts: 0,
    failures: 0,
    since: null,
    lastRestart: undefined,
    retryAt: null,
    ...more,
  }
}

function plugin(state: PluginReport['state'], slots: Readonly<Record<string, readonly SlotReport[]>>): PluginReport {
  const apps = Object.entries(slots).map(
    ([name, its]): AppReport => ({
      name,
      type: 'node',
      url: '',
      isServed: true,
      held: 0,
      socket: undefined,
      slots: its,
      file: 'config.ini',
    }),
  )
  return {
    name: 'blog',
    version: '1',
    release: 'dev_link',
    summary: '',
    home: '/b',
    url: '',
    state,
    apps,
    daemons: [],
    leaving: 0,
    problems: [],
  }
}

const failing = (code: number): PluginReport =>
  plugin('failing', {
    main: [
      slot(1, {
        actual: 'failed',
        failures: 2,
        lastRestart: { cause: 'failed', at: 1 as Millis, reason: { kind: 'exited', exit: { code, signal: null } }, output: '' },
      }),
    ],
  })

test('a new version is told with how long it took from the change to the last ready worker', () => {
  const before = toldOf(plugin('serving', { main: [slot(4), slot(4)] }))
  const { lines, told } = newsOf(before, plugin('serving', { main: [slot(5), slot(5)] }), {
    changedAt: 1000 as Millis,
    readyAt: 1420 as Millis,
  })
  assert.deepEqual(lines, ['v5 serves after 0.4 s'])
  assert.deepEqual(newsOf(told, plugin('serving', { main: [slot(5), slot(5)] }), NEVER).lines, [])
  assert.deepEqual(newsOf(told, plugin('serving', { main: [slot(6), slot(5)] }), NEVER).lines, [])
})

test('of several parts each is named, and without a change there is no time', () => {
  const before = toldOf(plugin('serving', { main: [slot(1)], web: [slot(1)] }))
  const { lines } = newsOf(before, plugin('serving', { main: [slot(1)], web: [slot(2)] }), NEVER)
  assert.deepEqual(lines, ['web v2 serves'])
})

test('nothing is told while workers start', () => {
  const before = toldOf(plugin('serving', { main: [slot(1)] }))
  const { lines, isSettled } = newsOf(before, plugin('serving', { main: [slot(2, { actual: 'starting' })] }), NEVER)
  assert.deepEqual([lines, isSettled], [[], false])
})

test('a failure is told once, with who answers meanwhile, and again when it is another; then that it serves again', () => {
  const before = toldOf(plugin('serving', { main: [slot(1)] }))
  const first = newsOf(before, failing(1), NEVER)
  assert.match(first.lines.join('\n'), /^blog is failing:\n(.|\n)*\nMeanwhile requests are answered/)
  assert.deepEqual(newsOf(first.told, failing(1), NEVER).lines, [])
  const back = newsOf(first.told, plugin('serving', { main: [slot(1)] }), NEVER)
  assert.deepEqual(back.lines, ['blog serves again'])
})

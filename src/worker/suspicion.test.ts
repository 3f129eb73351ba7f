import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../time.ts'
import { judge, type Look, longestMs, trusted, type Verdict } from './suspicion.ts'

const TIMEOUT_MS = 10_000

/** Looks once a second until a verdict other than `leave` has come `verdicts` times, at most two minutes; answers when they came. */
function watched(look: (second: number, asked: boolean) => Partial<Look>): readonly (readonly [number, Verdict])[] {
  const found: (readonly [number, Verdict])[] = []
  let suspicion = trusted(0 as Millis)
  for (let second = 1; second <= 120; second += 1) {
    const at = (second * 1000) as Millis
    const idle = { at, taken: new Set<string>(), waiting: 0, isStopped: false, effort: '', answer: 'none' } as const
    const [after, verdict] = judge(suspicion, { ...idle, ...look(second, suspicion.is === 'asked') }, TIMEOUT_MS)
    suspicion = after
    if (verdict !== 'leave') found.push([second, verdict])
    if (verdict === 'replace') break
  }
  return found
}

const ONE = new Set(['one'])

test('a worker with nothing to do is never asked', () => {
  assert.deepEqual(
    watched(() => ({})),
    [],
  )
})

test('a worker that lets connections go is never asked, however many wait for it', () => {
  assert.deepEqual(
    watched((second) => ({ taken: new Set([`at ${second}`]), waiting: 100 })),
    [],
  )
})

test('a worker with long requests that answers is asked ever more seldom, and never replaced', () => {
  const asked = watched((second, isAsked) => ({ taken: ONE, effort: `${second}`, answer: isAsked ? 'answered' : 'none' }))
  assert.deepEqual(asked, [
    [2, 'ask'],
    [6, 'ask'],
    [13, 'ask'],
    [26, 'ask'],
    [51, 'ask'],
    [100, 'ask'],
  ])
})

test('a stopped worker is replaced after 5 s', () => {
  const found = watched(() => ({ taken: ONE, isStopped: true }))
  assert.deepEqual(found, [
    [2, 'ask'],
    [5, 'replace'],
  ])
})

test('one that neither answers nor runs is replaced within the timeout and 5 s', () => {
  const found = watched(() => ({ taken: ONE }))
  assert.deepEqual(found, [
    [2, 'ask'],
    [14, 'replace'],
  ])
})

test('one that had long requests and answered is asked at once when somebody waits for it', () => {
  const found = watched((second, isAsked) => ({
    taken: ONE,
    effort: `${second}`,
    waiting: second < 60 ? 0 : 1,
    answer: isAsked && second < 60 ? 'answered' : 'none',
  }))
  assert.deepEqual(found.slice(-2), [
    [60, 'ask'],
    [71, 'replace'],
  ])
})

test('one that computes for ever is replaced when somebody waits for it', () => {
  const found = watched((second) => ({ taken: ONE, effort: `${second}`, waiting: second < 30 ? 0 : 1 }))
  assert.deepEqual(found, [
    [2, 'ask'],
    [30, 'replace'],
  ])
})

test('one that sends a long stream to its only client, one request at a time, goes on', () => {
  assert.deepEqual(
    watched((second) => ({ taken: ONE, effort: `${second}` })),
    [[2, 'ask']],
  )
})

test('one that handles one request at a time goes on while each of them ends within the timeout', () => {
  const found = watched((second) => ({ taken: new Set([`request ${Math.floor(second / 9)}`]), waiting: 50 }))
  assert.ok(found.every(([, verdict]) => verdict === 'ask'))
})

/** A worker that keeps one connection, looked at so many milliseconds after the moment 0. */
function lookAt(ms: number, more: Partial<Look> = {}): Look {
  return { at: ms as Millis, taken: ONE, waiting: 0, isStopped: false, effort: '', answer: 'none', ...more }
}

test('a worker that answers is asked twice as late the next time, and at last once a minute', () => {
  let suspicion = trusted(0 as Millis)
  const asked: number[] = []
  for (let round = 0; round < 8; round += 1) {
    asked.push(suspicion.askAfterMs)
    const before = suspicion.since
    assert.equal(judge(suspicion, lookAt(before + suspicion.askAfterMs - 1), TIMEOUT_MS)[1], 'leave')
    const [question, verdict] = judge(suspicion, lookAt(before + suspicion.askAfterMs), TIMEOUT_MS)
    assert.equal(verdict, 'ask')
    suspicion = judge(question, lookAt(before + suspicion.askAfterMs, { answer: 'answered' }), TIMEOUT_MS)[0]
  }
  assert.deepEqual(asked, [1500, 3000, 6000, 12_000, 24_000, 48_000, 60_000, 60_000])
})

test('of the time before the question two and a half seconds count, and then the timeout and a little more', () => {
  const late = judge(trusted(0 as Millis), lookAt(10_000), TIMEOUT_MS)[0]
  const early = judge(trusted(0 as Millis), lookAt(2000), TIMEOUT_MS)[0]
  for (const [asked, replacedAt] of [
    [late, 7500 + 13_200],
    [early, 13_200],
  ] as const) {
    assert.equal(judge(asked, lookAt(replacedAt - 1), TIMEOUT_MS)[1], 'leave')
    assert.equal(judge(asked, lookAt(replacedAt), TIMEOUT_MS)[1], 'replace')
  }
})

test('a script of PHP may take until php-fpm looks for it, which it does three times within the time it has', () => {
  assert.equal(longestMs(60_000, 'http'), 60_000)
  assert.equal(longestMs(60_000, 'fastcgi'), 84_000)
  assert.equal(longestMs(1000, 'fastcgi'), 5334)
})

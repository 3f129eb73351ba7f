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

test('a script of PHP may take until php-fpm looks for it, which it does three times within the time it has', () => {
  assert.equal(longestMs(60_000, 'http'), 60_000)
  assert.equal(longestMs(60_000, 'fastcgi'), 84_000)
})

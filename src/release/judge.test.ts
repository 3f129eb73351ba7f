import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Judgement, judge, type Margin } from './judge.ts'
import { type Measured, measure } from './measure.ts'

const MARGIN: Margin = { errorPoints: 1, latencyFactor: 3, latencyFloorMs: 100 }

test('as many failures as before are good, and so is no traffic at all', () => {
  assert.equal(judge(seen(2000, 40), seen(2000, 50), MARGIN), 'good')
  assert.equal(judge(seen(2000, 40), seen(0, 0), MARGIN), 'good')
  assert.equal(judge(seen(0, 0), seen(0, 0), MARGIN), 'good')
})

test('more failures than the margin allows are worse, and the judgement says which', () => {
  assert.match(
    because(judge(seen(2000, 0), seen(2000, 30), MARGIN)),
    /^30 of 2000 requests failed \(30 with 500\), 1\.5 % against 0\.0 % before/,
  )
  assert.equal(judge(seen(2000, 0), seen(2000, 15), MARGIN), 'good')
})

test('one or two errors among few requests are chance; all of few are not', () => {
  assert.equal(judge(seen(3, 0), seen(3, 1), MARGIN), 'good')
  assert.equal(judge(seen(100, 0), seen(50, 2), MARGIN), 'good')
  assert.match(because(judge(seen(100, 0), seen(50, 3), MARGIN)), /^3 of 50/)
  assert.equal(judge(seen(10, 0), seen(1, 1), MARGIN), 'good')
  assert.match(because(judge(seen(10, 0), seen(2, 2), MARGIN)), /^2 of 2/)
  assert.match(because(judge(seen(0, 0), seen(3, 3), MARGIN)), /^3 of 3/)
})

test('a version that failed before may fail as much, also wholly', () => {
  assert.equal(judge(seen(200, 200), seen(200, 200), MARGIN), 'good')
  assert.match(because(judge(seen(200, 100), seen(200, 200), MARGIN)), /^200 of 200/)
})

test('slower than the factor and by more than the floor is worse', () => {
  assert.equal(judge(seen(200, 0, 10), seen(200, 0, 100), MARGIN), 'good')
  assert.equal(judge(seen(200, 0, 400), seen(200, 0, 1100), MARGIN), 'good')
  assert.match(
    because(judge(seen(200, 0, 10), seen(200, 0, 150), MARGIN)),
    /^half of the requests took 150 ms or longer, against 10 ms/,
  )
})

test('a slow tail is seen when there are enough requests for one', () => {
  const tail = (requests: number): Measured =>
    measure(Array.from({ length: requests }, (_, index) => ({ status: 200, durationMs: index < 5 ? 2000 : 10 })))
  assert.match(because(judge(seen(200, 0, 10), tail(200), MARGIN)), /^one request in a hundred took 2000 ms/)
  assert.equal(judge(seen(200, 0, 10), tail(50), MARGIN), 'good')
  assert.equal(judge(seen(10, 0, 10), seen(200, 0, 5000), MARGIN), 'good')
})

test('a version that answers nothing while clients wait is worse; one that nobody asks is not', () => {
  const silent = { ...seen(0, 0), seconds: 10, unanswered: 40 }
  assert.match(because(judge(seen(2000, 0), silent, MARGIN)), /^it answered no request in 10\.0 s, and 40 connections wait/)
  assert.equal(judge(seen(2000, 0), { ...silent, unanswered: 0 }, MARGIN), 'good')
})

function seen(requests: number, failed: number, durationMs = 5): Measured {
  return measure(Array.from({ length: requests }, (_, index) => ({ status: index < failed ? 500 : 200, durationMs })))
}

function because(judgement: Judgement): string {
  assert.notEqual(judgement, 'good')
  return judgement === 'good' ? '' : judgement.because
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { randomFrom } from '../../test/soak/random.ts'
import { observe } from '../../test/support/receipt-fixture.ts'
import { type Judgement, judge, judgeEarly, type Margin, type Observed } from './judge.ts'

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
  assert.equal(judge(seen(100, 0), seen(50, 3), MARGIN), 'good')
  assert.match(because(judge(seen(100, 0), seen(50, 4), MARGIN)), /^4 of 50/)
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

test('a slow tail is seen when there are enough requests for one, and more of them are slow than chance makes', () => {
  assert.match(because(judge(seen(200, 0, 10), tail(200, 8), MARGIN)), /^one request in a hundred took 2000 ms/)
  assert.equal(judge(seen(200, 0, 10), tail(200, 4), MARGIN), 'good')
  assert.equal(judge(seen(200, 0, 10), tail(50, 8), MARGIN), 'good')
  assert.equal(judge(seen(10, 0, 10), seen(200, 0, 5000), MARGIN), 'good')
})

test('of two versions that are alike, fewer than one in fifty is taken back, however much they fail or dawdle', () => {
  const TRIALS = 500
  for (const { share, requests } of [
    { share: 0.05, requests: [100, 100] },
    { share: 0.02, requests: [500, 500] },
    { share: 0.1, requests: [10, 30] },
    { share: 0.02, requests: [10, 100] },
    { share: 0.5, requests: [40, 3] },
  ] as const) {
    const random = randomFrom(1)
    const some = (of: number): number => Array.from({ length: of }, random).filter((one) => one < share).length
    const isTakenBack = (version: (of: number) => Observed): boolean =>
      judge(version(requests[0]), version(requests[1]), MARGIN) !== 'good'
    const failing = Array.from({ length: TRIALS }, () => isTakenBack((of) => seen(of, some(of)))).filter(Boolean).length
    const slow = Array.from({ length: TRIALS }, () => isTakenBack((of) => tail(of, some(of)))).filter(Boolean).length
    assert.ok(failing < TRIALS / 50, `${failing} of ${TRIALS} that fail ${share} of ${requests.join(' and ')}`)
    assert.ok(slow < TRIALS / 50, `${slow} of ${TRIALS} that are slow in ${share} of ${requests.join(' and ')}`)
  }
})

test('while it is watched, a version that fails everything is seen at its third request, and one that is alike goes on', () => {
  assert.equal(judgeEarly(seen(1000, 0), seen(2, 2), MARGIN), 'good')
  assert.match(because(judgeEarly(seen(1000, 0), seen(3, 3), MARGIN)), /^3 of 3/)
  const TRIALS = 500
  const LOOKS = 20
  const random = randomFrom(2)
  const fails = (share: number, of: number): number => Array.from({ length: of }, random).filter((one) => one < share).length
  for (const share of [0.001, 0.02, 0.1, 0.5]) {
    const takenBack = Array.from({ length: TRIALS }, () => {
      const before = seen(100, fails(share, 100))
      let failed = 0
      return Array.from({ length: LOOKS }, (_, look) => {
        failed += fails(share, 10)
        return judgeEarly(before, seen((look + 1) * 10, failed), MARGIN)
      }).some((verdict) => verdict !== 'good')
    }).filter(Boolean).length
    assert.ok(takenBack < TRIALS / 50, `${takenBack} of ${TRIALS} that fail ${share}`)
  }
})

test('a version that fails at least as seldom as the one before is never taken back for its failures', () => {
  const counts = fc.record({ of: fc.integer({ min: 1, max: 300 }), failed: fc.double({ min: 0, max: 1, noNaN: true }) })
  fc.assert(
    fc.property(counts, counts, (before, after) => {
      const [old, now] = [Math.ceil(before.of * before.failed), Math.floor(after.of * Math.min(before.failed, after.failed))]
      assert.equal(judge(seen(before.of, old), seen(after.of, now), MARGIN), 'good')
    }),
  )
})

test('a version that answers nothing while clients wait or give up is worse; one that nobody asks is not', () => {
  const silent = silence({ unanswered: 40 })
  assert.match(because(judge(seen(2000, 0), silent, MARGIN)), /^it answered no request in 10\.0 s, and 40 connections wait/)
  assert.equal(judge(seen(2000, 0), silence({ unanswered: 0 }), MARGIN), 'good')
  const left = observe(Array.from({ length: 19 }, () => ({ status: 499, durationMs: 1000 })))
  assert.match(because(judge(seen(30, 0), left, MARGIN)), /19 clients went away without an answer/)
  assert.equal(judge(left, left, MARGIN), 'good')
})

test('the least number of failures that chance does not explain is the same for the same traffic', () => {
  const cases = [
    { before: [10, 0], of: 10, fewest: 6 },
    { before: [10, 3], of: 10, fewest: 9 },
    { before: [20, 5], of: 100, fewest: 55 },
    { before: [100, 50], of: 100, fewest: 67 },
    { before: [4, 2], of: 40, fewest: 36 },
    { before: [0, 0], of: 50, fewest: 48 },
    { before: [1000, 0], of: 4, fewest: 2 },
  ] as const
  for (const { before, of, fewest } of cases) {
    const [requests, failedBefore] = before
    const old = seen(requests, failedBefore)
    const judged = [fewest - 1, fewest].map((failed) => judge(old, seen(of, failed), MARGIN) === 'good')
    assert.deepEqual(judged, [true, false], `${fewest} of ${of} after ${before.join(' of which fail ')}`)
  }
  // Two that differ by exactly four standard errors.
  assert.equal(judgeEarly(seen(30, 7), seen(30, 23), MARGIN), 'good')
  assert.match(because(judgeEarly(seen(30, 7), seen(30, 24), MARGIN)), /^24 of 30/)
})

test('failures may be more by exactly the margin, and of two all may not fail', () => {
  assert.equal(judge(seen(3000, 0), seen(3000, 30), MARGIN), 'good')
  assert.match(because(judge(seen(3000, 0), seen(3000, 31), MARGIN)), /^31 of 3000/)
  assert.equal(judge(seen(200, 80), seen(200, 160), { ...MARGIN, errorPoints: 50 }), 'good')
  assert.match(because(judge(seen(3, 0), seen(2, 2), MARGIN)), /^2 of 2 /)
  assert.equal(
    because(judge(seen(200, 100), seen(200, 200), MARGIN)),
    '200 of 200 requests failed (200 with 500), 100.0 % against 50.0 % before; 1 percentage points more are allowed',
  )
})

test('silence is worse from two who wait or left and twenty answers before, and one answer ends it', () => {
  const left = (count: number) => observe(Array.from({ length: count }, () => ({ status: 499, durationMs: 9 })))
  assert.match(because(judge(seen(20, 0), silence({ unanswered: 2 }), MARGIN)), /and 2 connections wait .*; 20 requests/)
  assert.equal(judge(seen(20, 0), silence({ unanswered: 1 }), MARGIN), 'good')
  assert.equal(judge(seen(19, 0), silence({ unanswered: 2 }), MARGIN), 'good')
  assert.match(
    because(judge(seen(20, 0), left(2), MARGIN)),
    /in 0\.0 s, 2 clients went away without an answer, and 0 connections wait/,
  )
  assert.equal(judge(seen(20, 0), left(1), MARGIN), 'good')
  const one = seen(1, 0)
  assert.equal(judge(seen(20, 0), { ...one, measured: { ...one.measured, unanswered: 40 } }, MARGIN), 'good')
})

test('how long requests take is compared from twenty requests on, and the slowest of a hundred from a hundred on', () => {
  for (const [few, enough] of [
    [seen(19, 0, 10), seen(20, 0, 10)],
    [tail(19, 0), tail(20, 0)],
  ] as const) {
    assert.equal(judge(few, seen(200, 0, 5000), MARGIN), 'good')
    assert.match(because(judge(enough, seen(200, 0, 5000), MARGIN)), /^half of the requests took 5000 ms/)
    assert.equal(judge(seen(200, 0, 10), seen(few.measured.requests, 0, 5000), MARGIN), 'good')
  }
  assert.equal(judge(tail(99, 0), tail(200, 30), MARGIN), 'good')
  assert.match(because(judge(tail(100, 0), tail(200, 30), MARGIN)), /^one request in a hundred took 2000 ms/)
})

test('half of the requests may take exactly as long as is allowed, and websockets say nothing of it', () => {
  const mixed = (halfMs: number) =>
    observe(Array.from({ length: 50 }, (_, index) => ({ status: 200, durationMs: index < 30 ? halfMs : 5000 })))
  assert.equal(judge(seen(50, 0, 10), mixed(110), MARGIN), 'good')
  assert.match(because(judge(seen(50, 0, 10), mixed(111), MARGIN)), /^half of the requests took 111 ms or longer, against 10 ms/)
  const sockets = observe(Array.from({ length: 200 }, () => ({ status: 101, durationMs: 60_000 })))
  assert.equal(judge(sockets, seen(200, 0, 5000), MARGIN), 'good')
  assert.equal(judge(seen(200, 0, 10), sockets, MARGIN), 'good')
})

function seen(requests: number, failed: number, durationMs = 5): Observed {
  return observe(Array.from({ length: requests }, (_, index) => ({ status: index < failed ? 500 : 200, durationMs })))
}

function tail(requests: number, slow: number): Observed {
  return observe(Array.from({ length: requests }, (_, index) => ({ status: 200, durationMs: index < slow ? 2000 : 10 })))
}

function silence({ unanswered }: { readonly unanswered: number }): Observed {
  const { measured, tally } = seen(0, 0)
  return { measured: { ...measured, seconds: 10, unanswered }, tally }
}

function because(judgement: Judgement): string {
  assert.notEqual(judgement, 'good')
  return judgement === 'good' ? '' : judgement.because
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../time.ts'
import type { AccessLine } from './access.ts'
import { isWithin, Slow } from './slow.ts'

const SPAN = { from: 60_000 as Millis, to: 120_000 as Millis }

function line(uri: string, at: number, durationMs: number, more: Partial<AccessLine> = {}): AccessLine {
  return {
    at: at as Millis,
    plugin: 'blog',
    app: 'main',
    method: 'GET',
    status: 200,
    durationMs,
    link: 'blog.main.1.sock',
    uri,
    requestId: '5c0d',
    upstreamMs: durationMs,
    connection: 1,
    ...more,
  }
}

function reportOf(lines: readonly AccessLine[], most = 3) {
  const slow = new Slow(most)
  for (const one of lines) slow.add(one)
  return slow.report(SPAN)
}

const WITHIN = [
  [59_999, 10, false],
  [60_000, 10, true],
  [119_000, 10, true],
  // It began within.
  [400_000, 280_001, true],
  [400_000, 280_000, false],
] as const
for (const [at, took, is] of WITHIN)
  test(`a request that ended at ${at} after ${took} ms was ${is ? '' : 'not '}under way between 60,000 and 120,000`, () =>
    assert.equal(isWithin(line('/', at, took), SPAN), is))

test('the slowest come first, no more than are asked for; of two alike the earlier', () => {
  const { slowest, requests } = reportOf([5, 90, 20, 90, 7, 30].map((took, index) => line(`/${index}`, 70_000, took)))
  assert.deepEqual(
    slowest.map(({ uri }) => uri),
    ['/1', '/3', '/5'],
  )
  assert.equal(requests, 6)
})

test('apps and paths come by the time they took in sum, without what stands behind the question mark', () => {
  const lines = [
    ...Array.from({ length: 50 }, (_, index) => line(`/blog/list?page=${index}`, 70_000, 10)),
    line('/blog/slow', 70_000, 400, { status: 504 }),
    line('/shop', 70_000, 100, { plugin: 'shop' }),
    line('/x.css', 70_000, 1, { app: '', plugin: '#unknown#', link: undefined }),
  ]
  const { apps, paths } = reportOf(lines)
  assert.deepEqual(
    apps.map(({ app, totalMs, measured }) => [app, totalMs, measured.requests, measured.failed]),
    [
      ['blog/main', 900, 51, 1],
      ['shop/main', 100, 1, 0],
      ['#unknown#', 1, 1, 0],
    ],
  )
  assert.deepEqual(
    paths.map(({ path, totalMs, measured }) => [path, totalMs, measured.p50Ms]),
    [
      ['/blog/list', 500, 10],
      ['/blog/slow', 400, 400],
      ['/shop', 100, 100],
    ],
  )
})

test('a websocket is none of the slow ones', () => {
  const { slowest, apps } = reportOf([line('/ws', 70_000, 3_600_000, { status: 101 }), line('/', 70_000, 5)])
  assert.deepEqual([slowest.map(({ uri }) => uri), apps[0]?.totalMs], [['/'], 5])
})

test('paths without end are counted up to a bound', () => {
  const { otherPaths, paths } = reportOf(Array.from({ length: 5010 }, (_, index) => line(`/${index}`, 70_000, 1)))
  assert.deepEqual([otherPaths, paths.length], [10, 3])
})

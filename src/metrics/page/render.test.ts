import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Millis } from '../../time.ts'
import { Counts } from '../requests/counts.ts'
import { METRICS } from './metrics.ts'
import { toldOfRequests } from './of-requests.ts'
import { formatFor, renderPage, type Told } from './render.ts'

const counts = new Counts()
const request = {
  at: 0 as Millis,
  plugin: 'blog',
  app: 'main',
  kind: 'app',
  status: 200,
  receivedBytes: 80,
  sentBytes: 300,
} as const
for (const durationMs of [1, 4, 700, 70_000]) counts.add({ ...request, durationMs })

test('a counter, and how long requests took, as Prometheus reads them', () => {
  const page = renderPage(toldOfRequests(counts.all()), 'text').split('\n')
  assert.deepEqual(page.slice(0, 6), [
    '# HELP mfserv_requests_total Requests that were answered, by who answered them and by status.',
    '# TYPE mfserv_requests_total counter',
    'mfserv_requests_total{plugin="blog",app="main",kind="app",status="200"} 4',
    '# HELP mfserv_request_duration_seconds Seconds from the first byte of a request to the last of its answer, websockets left out.',
    '# TYPE mfserv_request_duration_seconds histogram',
    'mfserv_request_duration_seconds_bucket{plugin="blog",app="main",le="0.001"} 1',
  ])
  for (const line of [
    'mfserv_request_duration_seconds_bucket{plugin="blog",app="main",le="1"} 3',
    'mfserv_request_duration_seconds_bucket{plugin="blog",app="main",le="60"} 3',
    'mfserv_request_duration_seconds_bucket{plugin="blog",app="main",le="+Inf"} 4',
    'mfserv_request_duration_seconds_sum{plugin="blog",app="main"} 70.705',
    'mfserv_request_duration_seconds_count{plugin="blog",app="main"} 4',
    'mfserv_response_bytes_total{plugin="blog",app="main"} 1200',
  ])
    assert.ok(page.includes(line), line)
  assert.equal(page.at(-1), '')
})

test('OpenMetrics names a counter without its ending, writes bounds with a point, and says where the page ends', () => {
  const page = renderPage(toldOfRequests(counts.all()), 'openmetrics')
  assert.match(page, /^# TYPE mfserv_requests counter\nmfserv_requests_total\{/m)
  assert.match(page, /le="1\.0"\} 3\n/)
  assert.ok(page.endsWith('\n# EOF\n'))
})

test('whatever a plugin has chosen as its version is one value on one line, in valid UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (version) => {
      const page = renderPage({ mfserv_plugin_info: [{ labels: { plugin: 'blog', version, release: '' }, value: 1 }] }, 'text')
      const lines = page.split('\n')
      assert.equal(lines.length, 4)
      assert.match(lines[2] ?? '', /^mfserv_plugin_info\{plugin="blog",version="(?:[^"\\]|\\["\\n])*",release=""\} 1$/s)
      assert.ok(page.isWellFormed())
    }),
  )
  const long = renderPage({ mfserv_plugin_info: [{ labels: { version: 'x'.repeat(1e6) }, value: 1 }] }, 'text')
  assert.ok(long.length < 500)
})

test('what is not known is absent, and a number without an end is written as the formats have it', () => {
  const told: Told = { mfserv_daemon_up: [], mfserv_disk_free_files: [{ labels: {}, value: Number.POSITIVE_INFINITY }] }
  const page = renderPage(told, 'text')
  assert.deepEqual(page.split('\n').slice(2), ['mfserv_disk_free_files +Inf', ''])
})

test('the format is OpenMetrics for who prefers it, and else the one that everything reads', () => {
  const prometheus =
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1'
  assert.equal(formatFor(prometheus), 'openmetrics')
  for (const accept of [
    '',
    '*/*',
    'text/plain',
    'text/html',
    'application/openmetrics-text;q=0',
    'application/openmetrics-text;q=x',
  ])
    assert.equal(formatFor(accept), 'text', accept)
  assert.equal(formatFor('text/plain;q=1,application/openmetrics-text;q=0.5'), 'text')
})

test('each name has the form that Prometheus recommends', () => {
  for (const [name, { type, labels }] of Object.entries(METRICS)) {
    assert.match(name, /^mfserv_[a-z_]+[a-z]$/)
    assert.doesNotMatch(name, /_(total|count|sum|bucket)$/)
    assert.ok(type !== 'histogram' || name.endsWith('_seconds'))
    for (const label of labels) assert.match(label, /^[a-z]+$/)
  }
})

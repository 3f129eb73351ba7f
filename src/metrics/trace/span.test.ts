import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../../time.ts'
import type { CountedRequest } from '../requests/request.ts'
import { otlpBody } from './otlp.ts'
import { spanOf } from './span.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const REQUEST: CountedRequest = {
  at: 1_795_625_054_123 as Millis,
  plugin: 'blog',
  app: 'main',
  kind: 'app',
  status: 502,
  durationMs: 42,
  receivedBytes: 80,
  sentBytes: 300,
}
const fresh = (): string => 'aaaaaaaaaaaaaaaa'
const line = (traceparent: string): string => JSON.stringify({ traceparent, method: 'GET', uri: '/blog/x?token=secret' })

test('a request in a trace of somebody else is a span below the one that called', () => {
  const span = spanOf(REQUEST, line(`00-${TRACE}-00f067aa0ba902b7-01`), fresh)
  assert.deepEqual([span?.traceId, span?.spanId, span?.parentSpanId], [TRACE, fresh(), '00f067aa0ba902b7'])
  assert.deepEqual([span?.from, span?.path], [1_795_625_054_081, '/blog/x'])
})

test('a request that began its trace is the first span, by the id that its app was told as its parent', () => {
  const span = spanOf(REQUEST, line(`00-${TRACE}-${TRACE.slice(16)}-01`), fresh)
  assert.deepEqual([span?.spanId, span?.parentSpanId], [TRACE.slice(16), undefined])
})

test('a trace that is not to be recorded, and a line without one, is no span', () => {
  for (const text of [line(`00-${TRACE}-00f067aa0ba902b7-00`), line(''), line('nonsense'), '{}', 'torn'])
    assert.equal(spanOf(REQUEST, text, fresh), undefined, text)
})

test('spans are sent as OTLP has them in JSON, a failed request as an error', () => {
  const span = spanOf(REQUEST, line(`00-${TRACE}-00f067aa0ba902b7-01`), fresh)
  assert.ok(span !== undefined)
  const [resource] = JSON.parse(otlpBody([span], '1.2.3')).resourceSpans
  assert.deepEqual(resource.resource.attributes[0], { key: 'service.name', value: { stringValue: 'mfserv' } })
  const [sent] = resource.scopeSpans[0].spans
  assert.deepEqual(
    [sent.name, sent.kind, sent.startTimeUnixNano, sent.endTimeUnixNano, sent.status],
    ['GET blog/main', 2, '1795625054081000000', '1795625054123000000', { code: 2 }],
  )
  assert.deepEqual(sent.attributes[2], { key: 'http.response.status_code', value: { intValue: '502' } })
  assert.doesNotMatch(JSON.stringify(sent), /secret/)
})

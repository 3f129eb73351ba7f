import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import type { Span } from '../../metrics/trace/span.ts'
import type { Millis } from '../../time.ts'
import { SpanQueue } from './span-queue.ts'

const SPAN: Span = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  parentSpanId: undefined,
  request: {
    at: 1_795_625_054_123 as Millis,
    plugin: 'blog',
    app: 'main',
    kind: 'app',
    status: 200,
    durationMs: 42,
    receivedBytes: 80,
    sentBytes: 300,
  },
  from: 1_795_625_054_081 as Millis,
  method: 'GET',
  path: '/blog',
}

test('spans for a collector that is down are dropped and counted, and no more than some wait for it', async () => {
  const queue = new SpanQueue('http://127.0.0.1:9', '1.2.3')
  for (let count = 0; count < 10_000; count += 1) queue.add(SPAN)
  assert.equal(queue.dropped, 10_000 - 4096)
  queue.flush()
  while (queue.dropped === 10_000 - 4096) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(queue.dropped, 10_000 - 4096 + 512)
  // It has just failed: it is asked again later.
  queue.flush()
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([queue.exported, queue.dropped], [0, 10_000 - 4096 + 512])
})

test('a collector gets what was added, some at a time', async () => {
  const sizes: number[] = []
  const server = createServer(async (asked, answer) => {
    const { resourceSpans } = JSON.parse((await asked.toArray()).join(''))
    sizes.push(resourceSpans[0].scopeSpans[0].spans.length)
    answer.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const queue = new SpanQueue(`http://127.0.0.1:${address.port}/`, '1.2.3')
  for (let count = 0; count < 600; count += 1) queue.add(SPAN)
  while (queue.exported < 600) {
    queue.flush()
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.deepEqual([sizes, queue.dropped], [[512, 88], 0])
  server.close()
  server.closeAllConnections()
})

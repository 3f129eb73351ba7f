import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fastcgiAnswer, fastcgiGet, fastcgiHead } from './fastcgi.ts'
import { openHold } from './hold.ts'

test('the head of a request is whole with its last parameter, in however many pieces it comes', () => {
  const request = fastcgiGet('/ready')
  const last = request.length - 8
  for (let length = 0; length < last; length += 1) assert.equal(fastcgiHead(request.subarray(0, length)), undefined)
  assert.deepEqual(fastcgiHead(request.subarray(0, last))?.bytes, request.subarray(0, last))
  assert.equal(fastcgiHead(request)?.parameters.get('REQUEST_METHOD'), 'GET')
})

test('a value that looks like another method does not change it', () => {
  const request = fastcgiGet(`/${'REQUEST_METHODPOST'}`)
  assert.equal(fastcgiHead(request)?.parameters.get('REQUEST_METHOD'), 'GET')
})

test('a FastCGI request waits for a worker as others do, or is told in its own protocol to come back', async (context) => {
  const place = placeIn(context)
  const limits = { waitMs: 60_000, waiting: 1 }
  const hold = await openHold(join(place, 'hold'), () => limits, {
    name: 'blog/web',
    waits: () => undefined,
    target: () => undefined,
    nextTryMs: () => undefined,
    startingMs: () => undefined,
    longestMs: () => 60_000,
    isPaused: () => false,
  })
  const worker = createServer((client) => client.once('data', () => client.end(fastcgiAnswer('Status: 200 OK'))))
  await new Promise<void>((resolve) => worker.listen(join(place, 'worker'), resolve))
  const first = ask(join(place, 'hold'))
  while (hold.held() === 0) await new Promise((resolve) => setImmediate(resolve))
  assert.match(await ask(join(place, 'hold')), /Status: 503.*Retry-After: 5/s)
  hold.release(join(place, 'worker'))
  assert.match(await first, /Status: 200/)
  worker.close()
  await hold.close()
})

function placeIn(context: TestContext): string {
  const place = mkdtempSync(join(tmpdir(), 'fcgi'))
  context.after(() => rmSync(place, { recursive: true }))
  return place
}

function ask(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path }, () => socket.write(fastcgiGet('/')))
    let answer = ''
    socket.setEncoding('latin1').on('data', (text) => {
      answer += text
    })
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
  })
}

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { untilAnswered } from './readiness.ts'

const QUESTION = { path: '/' }

test('a worker is ready with the head of its answer, also when the answer never ends, and is not read for ever', async (t) => {
  const left = Promise.withResolvers<void>()
  const socket = await serve(t, (_, answer) => {
    const more = setInterval(() => answer.write('more\n'), 5)
    answer.once('close', () => {
      clearInterval(more)
      left.resolve()
    })
  })
  assert.equal(await untilAnswered(socket, QUESTION, new AbortController().signal), 'answered')
  await left.promise
})

test('a worker whose answer comes in pieces can end it, although it is ready with the first', async (t) => {
  const ready = new AbortController()
  const wrote = Promise.withResolvers<Error | undefined>()
  const socket = await serve(t, (_, answer) => {
    answer.write('one')
    answer.once('close', () => wrote.resolve(answer.writableFinished ? undefined : new Error('the client left')))
    ready.signal.addEventListener('abort', () => answer.end('two'))
  })
  assert.equal(await untilAnswered(socket, QUESTION, ready.signal), 'answered')
  ready.abort()
  assert.equal(await wrote.promise, undefined)
})

test('nobody waits any longer for a worker that takes the question and does not answer', async (t) => {
  const asked = Promise.withResolvers<void>()
  const left = Promise.withResolvers<void>()
  const socket = await serve(t, (question) => {
    question.socket.once('close', () => left.resolve())
    asked.resolve()
  })
  const over = new AbortController()
  const outcome = untilAnswered(socket, QUESTION, over.signal)
  await asked.promise
  over.abort()
  assert.equal(await outcome, 'aborted')
  await left.promise
})

async function serve(t: TestContext, handler: RequestListener): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'ready'))
  const server = createServer(handler).listen(join(directory, 'worker.sock'))
  t.after(() => {
    server.close()
    server.closeAllConnections()
    rmSync(directory, { recursive: true })
  })
  await once(server, 'listening')
  return join(directory, 'worker.sock')
}

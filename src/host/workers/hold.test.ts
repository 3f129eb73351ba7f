import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { ask, directory, length, open, PATIENT, worker } from '../../../test/support/hold-fixture.ts'

test('requests that find no worker wait, bodies and all, and are answered once one is ready', async () => {
  const path = join(directory, 'a.sock')
  const hold = await open(path, () => undefined)
  const bodies = ['', 'x'.repeat(2000), 'y'.repeat(3_000_000)]
  const answers = Promise.all(bodies.map((body) => ask(path, body)))
  while (hold.held() < bodies.length) await new Promise(setImmediate)
  const { socket, close } = await worker('a.worker', length)
  hold.release(socket)
  assert.deepEqual(
    (await answers).map(({ status, body }) => [status, body]),
    bodies.map((body) => [200, `${body.length} bytes`]),
  )
  assert.equal(hold.held(), 0)
  close()
  hold.close()
})

test('who waits too long is told when to come back, the body having been sent or not', async () => {
  const path = join(directory, 'b.sock')
  const hold = await open(
    path,
    () => undefined,
    () => ({ waitMs: 30, waiting: 100 }),
  )
  for (const body of ['', 'x'.repeat(100_000)]) {
    const { status, retryAfter } = await ask(path, body)
    assert.equal(status, 503)
    assert.match(retryAfter ?? '', /^\d+$/)
  }
  hold.close()
})

test('whoever develops an app is told of a worker that has been starting for 3 s, and everybody else waits for it', async () => {
  const path = join(directory, 'slow.sock')
  let startingMs: number | undefined
  const hold = await open(path, () => undefined, PATIENT, { startingMs: () => startingMs })
  const developers = { 'X-Mfserv-Tried': '0 faced page' }
  const [shown, other] = [ask(path, '', 'GET', '/', developers), ask(path, '', 'GET', '/', { 'X-Mfserv-Tried': '0 faced' })]
  while (hold.held() < 2) await new Promise(setImmediate)
  startingMs = 3000
  assert.equal((await shown).status, 503)
  assert.equal((await ask(path, '', 'GET', '/', developers)).status, 503)
  assert.equal(hold.held(), 1)
  const { socket, close } = await worker('slow.worker', length)
  hold.release(socket)
  assert.equal((await other).status, 200)
  close()
  hold.close()
})

test('no more requests wait than are allowed', async () => {
  const path = join(directory, 'c.sock')
  const hold = await open(
    path,
    () => undefined,
    () => ({ waitMs: 60_000, waiting: 2 }),
  )
  const waiting = [ask(path), ask(path)]
  while (hold.held() < 2) await new Promise(setImmediate)
  assert.equal((await ask(path)).status, 503)
  const { socket, close } = await worker('c.worker', length)
  hold.release(socket)
  assert.deepEqual(
    (await Promise.all(waiting)).map(({ status }) => status),
    [200, 200],
  )
  close()
  hold.close()
})

test('a worker that refuses after all sends the request back to wait', async () => {
  const path = join(directory, 'd.sock')
  const hold = await open(path, () => undefined)
  const answer = ask(path, 'hello')
  while (hold.held() < 1) await new Promise(setImmediate)
  hold.release(join(directory, 'nobody.sock'))
  while (hold.held() < 1) await new Promise(setImmediate)
  const { socket, close } = await worker('d.worker', length)
  hold.release(socket)
  assert.equal((await answer).body, '5 bytes')
  close()
  hold.close()
})

test('the connection of a request that waited is not kept, so the next one is not bound to the same worker', async () => {
  const { socket, close } = await worker('h.worker', (asked, answer) => answer.end(String(asked.headers.connection)))
  const path = join(directory, 'h.sock')
  const hold = await open(path, () => socket)
  const kept = new Agent({ keepAlive: true })
  const said = await new Promise<string | undefined>((resolve, reject) => {
    const asked = request({ socketPath: path, path: '/', agent: kept, headers: { Connection: '' } }, (answer) => {
      answer.resume().on('end', () => resolve(answer.headers.connection))
    })
    asked.removeHeader('Connection')
    asked.on('error', reject)
    asked.end()
  })
  assert.equal(said, 'close')
  kept.destroy()
  close()
  hold.close()
})

test('with a worker ready a request passes at once', async () => {
  const { socket, close } = await worker('e.worker', length)
  const path = join(directory, 'e.sock')
  const hold = await open(path, () => socket)
  assert.equal((await ask(path, 'hello')).body, '5 bytes')
  close()
  hold.close()
})

test('closing tells those who wait to come back later', async () => {
  const path = join(directory, 'f.sock')
  const hold = await open(path, () => undefined)
  const answer = ask(path)
  while (hold.held() < 1) await new Promise(setImmediate)
  hold.close()
  assert.equal((await answer).status, 503)
})

test('closing waits for nobody, and who has a worker gets the whole answer, however slowly it is read', async () => {
  const long = 'x'.repeat(5_000_000)
  const { socket, close } = await worker('i.worker', (_, answer) => answer.end(long))
  const path = join(directory, 'i.sock')
  const hold = await open(path, () => socket)
  const answer = await new Promise<IncomingMessage>((resolve) => request({ socketPath: path, agent: false }, resolve).end())
  hold.close()
  assert.ok(!existsSync(path))
  const chunks = await answer.toArray()
  assert.equal(Buffer.concat(chunks).length, long.length)
  close()
})

test('once nobody may wait, a request finds a worker that is ready or is told at once to come back later', async () => {
  const { socket, close } = await worker('j.worker', length)
  const path = join(directory, 'j.sock')
  let ready: string | undefined
  const hold = await open(path, () => ready)
  const waiting = ask(path)
  while (hold.held() < 1) await new Promise(setImmediate)
  hold.stopWaiting()
  assert.equal((await waiting).status, 503)
  assert.equal((await ask(path, 'hello')).status, 503)
  ready = socket
  assert.equal((await ask(path, 'hello')).status, 200)
  close()
  hold.close()
})

test('a client that never reads does not keep a process from ending that has closed its hold and cuts off who is left', async () => {
  const path = join(directory, 'k.sock')
  const inside = Promise.withResolvers<void>()
  const { socket, close } = await worker('k.worker', (_, answer) => {
    answer.end('x'.repeat(5_000_000))
    inside.resolve()
  })
  const script = `
    const { cutOffHolds, openHold } = await import(${JSON.stringify(join(import.meta.dirname, 'hold.ts'))})
    const hold = await openHold(${JSON.stringify(path)}, () => ({ waitMs: 60_000, waiting: 100 }), {
      name: '', isPaused: () => false, target: () => ${JSON.stringify(socket)}, nextTryMs: () => undefined, longestMs: () => 60_000 })
    process.stdout.write('open')
    process.stdin.once('data', () => {
      process.stdin.destroy()
      hold.close()
      cutOffHolds()
    })
  `
  const holding = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(holding, 'exit')
  await once(holding.stdout, 'data')
  const client = connect({ path, allowHalfOpen: true })
  client.pause()
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await inside.promise
  holding.stdin.write('close')
  await ended
  client.destroy()
  close()
})

test('while an app fails to start nobody waits for it, and each is told when it is tried again', async () => {
  const path = join(directory, 'o.sock')
  let next: number | undefined
  const hold = await open(path, () => undefined, PATIENT, { nextTryMs: () => next })
  const waiting = ask(path)
  while (hold.held() < 1) await new Promise(setImmediate)
  next = 7400
  hold.look()
  assert.deepEqual([(await waiting).status, (await waiting).retryAfter], [503, '8'])
  const { status, retryAfter } = await ask(path)
  assert.deepEqual([status, retryAfter], [503, '8'])
  hold.close()
})

test('a hold that gives way to another at its place takes in nobody any more, leaves the other its socket, and answers who waits', async () => {
  const path = join(directory, 'way.sock')
  const { socket, close } = await worker('way.worker', length)
  const first = await open(path, () => undefined)
  const waiting = ask(path, 'first')
  while (first.held() < 1) await new Promise(setImmediate)
  const second = await open(path, () => socket)
  first.giveWay()
  assert.equal((await ask(path, 'to the second')).body, '13 bytes')
  assert.equal(first.held(), 1)
  first.release(socket)
  assert.equal((await waiting).body, '5 bytes')
  assert.equal((await ask(path, 'still there')).body, '11 bytes')
  close()
  second.close()
})

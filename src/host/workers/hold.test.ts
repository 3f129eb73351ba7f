import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openHold } from './hold.ts'

let directory: string
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'hold'))
})
after(() => rmSync(directory, { recursive: true }))

const PATIENT = () => ({ waitMs: 60_000, waiting: 100 })

interface Answer {
  readonly status: number
  readonly body: string
  readonly retryAfter: string | undefined
}

function ask(socketPath: string, body = '', method = body === '' ? 'GET' : 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath, method, path: '/', agent: false, headers: { 'Content-Length': body.length } },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            body: Buffer.concat(chunks).toString(),
            retryAfter: answer.headers['retry-after'],
          }),
        )
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

async function worker(name: string, handler: RequestListener): Promise<{ socket: string; close: () => void }> {
  const socket = join(directory, name)
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return { socket, close: () => server.close() }
}

const length: RequestListener = (asked, answer) => {
  let bytes = 0
  asked.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  asked.on('end', () => answer.end(`${bytes} bytes`))
}

test('requests that find no worker wait, bodies and all, and are answered once one is ready', async () => {
  const path = join(directory, 'a.sock')
  const hold = await openHold(path, PATIENT, () => undefined)
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
  const hold = await openHold(
    path,
    () => ({ waitMs: 30, waiting: 100 }),
    () => undefined,
  )
  for (const body of ['', 'x'.repeat(100_000)]) {
    const { status, retryAfter } = await ask(path, body)
    assert.equal(status, 503)
    assert.match(retryAfter ?? '', /^\d+$/)
  }
  hold.close()
})

test('no more requests wait than are allowed', async () => {
  const path = join(directory, 'c.sock')
  const hold = await openHold(
    path,
    () => ({ waitMs: 60_000, waiting: 2 }),
    () => undefined,
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
  const hold = await openHold(path, PATIENT, () => undefined)
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

test('a worker that ends with a request gives a GET back to wait, and lets a POST fail: it may have run', async () => {
  const dying = await worker('g.dying', (asked) => asked.socket.destroy())
  const path = join(directory, 'g.sock')
  let ready: string | undefined = dying.socket
  const hold = await openHold(path, PATIENT, () => ready)
  await assert.rejects(ask(path, 'a body'), { code: 'ECONNRESET' })
  const answer = ask(path)
  while (hold.held() < 1) await new Promise(setImmediate)
  ready = undefined
  const { socket, close } = await worker('g.worker', length)
  hold.release(socket)
  assert.deepEqual([(await answer).status, (await answer).body], [200, '0 bytes'])
  dying.close()
  close()
  hold.close()
})

test('the connection of a request that waited is not kept, so the next one is not bound to the same worker', async () => {
  const { socket, close } = await worker('h.worker', (asked, answer) => answer.end(String(asked.headers.connection)))
  const path = join(directory, 'h.sock')
  const hold = await openHold(path, PATIENT, () => socket)
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
  const hold = await openHold(path, PATIENT, () => socket)
  assert.equal((await ask(path, 'hello')).body, '5 bytes')
  close()
  hold.close()
})

test('closing tells those who wait to come back later', async () => {
  const path = join(directory, 'f.sock')
  const hold = await openHold(path, PATIENT, () => undefined)
  const answer = ask(path)
  while (hold.held() < 1) await new Promise(setImmediate)
  hold.close()
  assert.equal((await answer).status, 503)
})

test('closing waits for nobody, and who has a worker gets the whole answer, however slowly it is read', async () => {
  const long = 'x'.repeat(5_000_000)
  const { socket, close } = await worker('i.worker', (_, answer) => answer.end(long))
  const path = join(directory, 'i.sock')
  const hold = await openHold(path, PATIENT, () => socket)
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
  const hold = await openHold(path, PATIENT, () => ready)
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
    const hold = await openHold(${JSON.stringify(path)}, () => ({ waitMs: 60_000, waiting: 100 }), () => ${JSON.stringify(socket)})
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

test('a PUT is given to the next worker when one ended with it, unless its body is too long to be kept', async () => {
  const dying = await worker('l.dying', (asked) => asked.resume().on('end', () => asked.socket.destroy()))
  const path = join(directory, 'l.sock')
  let ready: string | undefined = dying.socket
  const hold = await openHold(path, PATIENT, () => ready)
  await assert.rejects(ask(path, 'x'.repeat(3_000_000), 'PUT'), { code: /ECONNRESET|EPIPE/ })
  const answer = ask(path, 'x'.repeat(900_000), 'PUT')
  while (hold.held() < 1) await new Promise(setImmediate)
  ready = undefined
  const { socket, close } = await worker('l.worker', length)
  hold.release(socket)
  assert.equal((await answer).body, '900000 bytes')
  dying.close()
  close()
  hold.close()
})

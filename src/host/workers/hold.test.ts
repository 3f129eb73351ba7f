import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connectionsTo } from '../process/connections.ts'
import { type HeldApp, type Hold, openHold } from './hold.ts'

let directory: string
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'hold'))
})
after(() => rmSync(directory, { recursive: true }))

const PATIENT = () => ({ waitMs: 60_000, waiting: 100 })

/** `known`: what else the hold asks about the app. */
function open(path: string, target: HeldApp['target'], limits = PATIENT, known: Partial<HeldApp> = {}): Promise<Hold> {
  return openHold(path, limits, { name: 'blog/web', target, nextTryMs: () => undefined, longestMs: () => 60_000, ...known })
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly retryAfter: string | undefined
}

function ask(socketPath: string, body = '', method = body === '' ? 'GET' : 'POST', url = '/', headers = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath, method, path: url, agent: false, headers: { 'Content-Length': body.length, ...headers } },
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

test('a worker that ends with a request gives a GET back to wait, and lets a POST fail: it may have run', async () => {
  const dying = await worker('g.dying', (asked) => {
    if (asked.method === 'GET') ready = undefined
    asked.socket.destroy()
  })
  const path = join(directory, 'g.sock')
  let ready: string | undefined = dying.socket
  const hold = await open(path, () => ready)
  assert.equal((await ask(path, 'a body')).status, 502)
  const answer = ask(path)
  while (hold.held() < 1) await new Promise(setImmediate)
  const { socket, close } = await worker('g.worker', length)
  ready = socket
  hold.look()
  assert.deepEqual([(await answer).status, (await answer).body], [200, '0 bytes'])
  dying.close()
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
      name: '', target: () => ${JSON.stringify(socket)}, nextTryMs: () => undefined, longestMs: () => 60_000 })
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
  const end = (asked: IncomingMessage): void => {
    ready = undefined
    asked.socket.destroy()
  }
  const dying = await worker('l.dying', (asked) => asked.resume().on('end', () => end(asked)))
  const path = join(directory, 'l.sock')
  let ready: string | undefined = dying.socket
  const hold = await open(path, () => ready)
  assert.equal((await ask(path, 'x'.repeat(3_000_000), 'PUT')).status, 502)
  ready = dying.socket
  const answer = ask(path, 'x'.repeat(900_000), 'PUT')
  while (hold.held() < 1) await new Promise(setImmediate)
  const { socket, close } = await worker('l.worker', length)
  ready = socket
  hold.look()
  assert.equal((await answer).body, '900000 bytes')
  dying.close()
  close()
  hold.close()
})

test('a request that ends two workers is answered 502 and named in the log, without the secrets of its URL', async (t) => {
  const lines: string[] = []
  t.mock.method(process.stdout, 'write', (text: string) => lines.push(text) > 0)
  let ends = 0
  const dying = await worker('m.dying', (asked) => {
    ends += 1
    asked.socket.destroy()
  })
  const path = join(directory, 'm.sock')
  const hold = await open(path, () => dying.socket)
  const answer = await ask(path, '', 'GET', '/die?password=s3cret&x=1', { 'X-Request-Id': 'abc' })
  assert.deepEqual([answer.status, ends], [502, 2])
  assert.ok(
    lines.some((line) => line.includes('blog/web: request abc, GET /die?password=***&x=1, ended two workers')),
    lines.join(),
  )
  ends = 0
  assert.equal((await ask(path, '', 'GET', '/die', { 'X-Mfserv-Tried': '1 0.002' })).status, 502)
  assert.equal(ends, 1, 'it had ended one before, as nginx tells')
  assert.equal((await ask(path, '', 'GET', '/die', { 'X-Mfserv-Tried': '1 61.000' })).status, 502)
  assert.equal(ends, 1, 'it had ended one by its length')
  dying.close()
  hold.close()
})

test('what was inside a worker with the request that ended it is not inside another with it', async () => {
  const inside = new Set<Socket>()
  const { socket, close } = await worker('n.worker', (asked, answer) => {
    inside.add(asked.socket.once('close', () => inside.delete(asked.socket)))
    if (asked.url === '/die') for (const one of inside) one.destroy()
    else setTimeout(() => answer.end('well'), 300)
  })
  const path = join(directory, 'n.sock')
  let ready: string | undefined
  const hold = await open(path, () => ready)
  const tried = (seconds: number): Record<string, string> => ({ 'X-Mfserv-Tried': `1 ${seconds}` })
  const slow = [0.1, 0.2, 0.3, 0.4, 0.5].map((seconds) => ask(path, '', 'GET', '/slow', tried(seconds)))
  const fatal = ask(path, '', 'GET', '/die', tried(0.003))
  while (hold.held() < 6) await new Promise(setImmediate)
  ready = socket
  hold.look()
  assert.equal((await fatal).status, 502)
  const statuses = (await Promise.all(slow)).map(({ status }) => status)
  assert.deepEqual(statuses, [200, 200, 200, 200, 200])
  close()
  hold.close()
})

test('a request that a worker had not read when it ended was not inside, however often that is so', async () => {
  const path = join(directory, 'p.sock')
  let ready: string | undefined
  const hold = await open(path, () => ready)
  const answer = ask(path)
  for (let time = 0; time < 3; time += 1) {
    const socket = join(directory, `p.${time}`)
    const full = spawn('python3', [
      '-c',
      `import socket,time\ns=socket.socket(socket.AF_UNIX)\ns.bind(${JSON.stringify(socket)})\ns.listen()\nprint("up",flush=True)\ntime.sleep(60)`,
    ])
    await once(full.stdout, 'data')
    while (hold.held() < 1) await new Promise(setImmediate)
    ready = socket
    hold.look()
    assert.equal(hold.held(), 0)
    while ((connectionsTo().get(socket)?.waiting ?? 0) < 1) await new Promise(setImmediate)
    ready = undefined
    full.kill('SIGKILL')
  }
  while (hold.held() < 1) await new Promise(setImmediate)
  const { socket, close } = await worker('p.worker', length)
  hold.release(socket)
  assert.equal((await answer).status, 200)
  close()
  hold.close()
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

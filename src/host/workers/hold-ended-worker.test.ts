import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { ask, directory, length, open, worker } from '../../../test/support/hold-fixture.ts'
import { until } from '../../../test/support/phase.ts'
import { connectionsTo } from '../process/connections.ts'
import { isAlive, processId } from '../process/proc.ts'

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
  const died = Promise.withResolvers<void>()
  const { socket, close } = await worker('n.worker', async (asked, answer) => {
    inside.add(asked.socket.once('close', () => inside.delete(asked.socket)))
    if (asked.url === '/die') {
      // Whoever was let in with it goes down with it.
      await until('all that were let in are inside', () => inside.size === 6 - hold.held())
      for (const one of inside) one.destroy()
      died.resolve()
    }
    await died.promise
    answer.end('well')
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

test('a request that a worker had not read when it ended was not inside, however often that is so', async (t) => {
  const path = join(directory, 'p.sock')
  let ready: string | undefined
  const hold = await open(path, () => ready)
  const answer = ask(path)
  let connected = (): void => undefined
  // Told before the hold hears that it is connected.
  const told = (message: unknown): void => void (message as { socket: Socket }).socket.once('connect', () => connected())
  subscribe('net.client.socket', told)
  t.after(() => unsubscribe('net.client.socket', told))
  for (const [time, when] of (['before it is sent', 'before it is sent', 'once it is sent'] as const).entries()) {
    const socket = join(directory, `p.${time}`)
    const full = spawn('python3', [
      '-c',
      `import socket,time\ns=socket.socket(socket.AF_UNIX)\ns.bind(${JSON.stringify(socket)})\ns.listen()\nprint("up",flush=True)\ntime.sleep(60)`,
    ])
    await once(full.stdout, 'data')
    while (hold.held() < 1) await new Promise(setImmediate)
    const id = processId(full.pid ?? 0)
    assert.ok(id !== undefined)
    connected = () => {
      ready = undefined
      if (when === 'before it is sent') full.kill('SIGKILL')
      while (when === 'before it is sent' && isAlive(id));
    }
    ready = socket
    hold.look()
    assert.equal(hold.held(), 0)
    if (when === 'once it is sent') {
      while ((connectionsTo().get(socket)?.waiting ?? 0) < 1) await new Promise(setImmediate)
      full.kill('SIGKILL')
    }
  }
  connected = () => undefined
  while (hold.held() < 1) await new Promise(setImmediate)
  const { socket, close } = await worker('p.worker', length)
  hold.release(socket)
  assert.equal((await answer).status, 200)
  close()
  hold.close()
})

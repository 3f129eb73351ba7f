import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { linkAtomically, writeAtomically } from '../disk/atomic.ts'
import { tryLock } from '../disk/lock.ts'
import { connectionsByPath } from './connections.ts'
import { isAlive, processId, signal } from './proc.ts'

let directory: string
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'host'))
})
after(() => rmSync(directory, { recursive: true }))

test('the connections of a worker are counted by its own socket, whatever link led there', async () => {
  const path = join(directory, 'app.g1.sock')
  const link = join(directory, 'app.sock')
  const accepted = new Set<Socket>()
  const server = createServer((socket) => accepted.add(socket))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  linkAtomically('app.g1.sock', link)
  assert.equal(connectionsByPath().get(path) ?? 0, 0)
  const clients = await Promise.all(
    [path, link, link].map(
      (to) =>
        new Promise<Socket>((resolve) => {
          const client = createConnection(to, () => resolve(client))
        }),
    ),
  )
  while (accepted.size < 3) await new Promise(setImmediate)
  assert.equal(connectionsByPath().get(path), 3)
  for (const socket of [...clients, ...accepted]) socket.destroy()
  while ((connectionsByPath().get(path) ?? 0) > 0) await new Promise(setImmediate)
  server.close()
})

test('a lock is held by one, and free again however its holder ended', async () => {
  const path = join(directory, 'lock.db')
  const script = `import { tryLock } from ${JSON.stringify(join(import.meta.dirname, '../disk/lock.ts'))}
    const lock = tryLock(${JSON.stringify(path)}); process.stdout.write(lock ? 'held' : 'refused'); setInterval(() => lock, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = await new Promise<string>((resolve) => holder.stdout.once('data', (text: Buffer) => resolve(text.toString())))
  assert.equal(said, 'held')
  assert.equal(tryLock(path), undefined)
  holder.kill('SIGKILL')
  await new Promise((resolve) => holder.once('exit', resolve))
  const lock = tryLock(path)
  assert.ok(lock)
  lock.release()
})

test('a process is known by its pid and its start time, so another with its pid is never signalled', async () => {
  const child = spawn('sleep', ['60'])
  const id = processId(child.pid ?? 0)
  assert.ok(id)
  assert.equal(isAlive(id), true)
  const other = { ...id, startTime: id.startTime + 1 }
  assert.equal(isAlive(other), false)
  assert.equal(signal(other, 'SIGKILL'), 'missing')
  assert.equal(signal(id, 'SIGKILL'), 'sent')
  await new Promise((resolve) => child.once('exit', resolve))
  assert.equal(isAlive(id), false)
})

test('a file that cannot be replaced keeps its old text and leaves nothing beside it', () => {
  const path = join(directory, 'kept/file')
  writeAtomically(path, 'old')
  writeFileSync(join(directory, 'plain'), '')
  assert.throws(() => writeAtomically(join(directory, 'plain/file'), 'new'))
  assert.equal(readFileSync(path, 'utf8'), 'old')
  assert.deepEqual(readdirSync(join(directory, 'kept')), ['file'])
})

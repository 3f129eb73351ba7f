import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { HoldLimits } from '../hold.ts'
import { openWaitingRoom, type WaitingRoom } from './room.ts'

const GO_ON = { status: 200, redirect: '@mfserv_resumed', retryAfter: undefined }
const BUSY = { status: 503, redirect: '@mfserv_paused', retryAfter: '5' }
const PATIENT = { waitMs: 60_000, waiting: 10 }

test('a request for a file of a paused plugin waits until the plugin is resumed; other plugins do not wait', async (t) => {
  const { room, ask, paused } = await open(t, PATIENT)
  paused.add('blog')
  const waiting = ask('blog')
  assert.deepEqual(await ask('shop'), GO_ON)
  await until(() => room.held('blog') === 1)
  assert.deepEqual([room.held('shop'), room.held()], [0, 1])
  paused.delete('blog')
  assert.deepEqual(await waiting, GO_ON)
  assert.equal(room.held(), 0)
})

test('a request that waits too long, and one too many, are told when to come back', async (t) => {
  const { room, ask, paused } = await open(t, { waitMs: 100, waiting: 1 })
  paused.add('blog')
  const first = ask('blog')
  await until(() => room.held() === 1)
  assert.deepEqual(await ask('blog'), BUSY)
  assert.deepEqual([await first, room.held()], [BUSY, 0])
})

test('who waits in a room whose place another has taken is sent there; when it closes, to come back later', async (t) => {
  const { room, ask, paused, path } = await open(t, PATIENT)
  paused.add('blog')
  const moved = ask('blog')
  await until(() => room.held() === 1)
  const next = await openWaitingRoom(
    path,
    () => PATIENT,
    (plugin) => paused.has(plugin),
  )
  room.giveWay()
  assert.deepEqual(await moved, GO_ON)
  const late = ask('blog')
  await until(() => next.held() === 1)
  next.close()
  assert.deepEqual(await late, BUSY)
})

interface Answer {
  readonly status: number | undefined
  readonly redirect: string | string[] | undefined
  readonly retryAfter: string | undefined
}

interface Opened {
  readonly room: WaitingRoom
  readonly path: string
  readonly paused: Set<string>
  readonly ask: (plugin: string) => Promise<Answer>
}

async function open(t: TestContext, limits: HoldLimits): Promise<Opened> {
  const directory = mkdtempSync(join(tmpdir(), 'mfroom'))
  const path = join(directory, 'paused.sock')
  const paused = new Set<string>()
  const room = await openWaitingRoom(
    path,
    () => limits,
    (plugin) => paused.has(plugin),
  )
  t.after(() => {
    room.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const ask = (plugin: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const asked = request({ socketPath: path, headers: { 'X-Mfserv-Plugin': plugin }, agent: false }, (answer) => {
        answer.resume()
        const { 'x-accel-redirect': redirect, 'retry-after': retryAfter } = answer.headers
        resolve({ status: answer.statusCode, redirect, retryAfter })
      })
      asked.once('error', reject)
      asked.end()
    })
  return { room, path, paused, ask }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2))
}

import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Swapped } from '../../../src/operations/release/hotswap.ts'
import type { AppType } from '../../../src/runtime/app-type.ts'
import { startLoad } from '../../load/client.ts'
import { answersTo, bootstrapByPipe } from '../make-plugin.ts'
import { CASES, type TypeCase } from '../types/cases.ts'
import { ask, eventually, get, IS_SOAK, newWorld, untilNginxIsCalm, type World, writeFile } from '../world.ts'
import { releaseSources } from './make-release.ts'

/** What the server of mfserv is put to, and all in `make soak`; the others show the same at a load that costs less time. */
const PER_SECOND = IS_SOAK ? 200 : 60
const FULL_LOAD: AppType = 'python3_sync'
const LIGHT = 20
/** A request under way in the old version is not cut short by the swap, however long it takes within its timeout. */
const LONG_MS = 6000
const LASTS_LONG: readonly AppType[] = ['python3_asgi', 'aiohttp']
/**
 * Types that take their socket, share it and end as another one here does: the event loops as `python3_asgi`, the others as the
 * servers they are made of or a twin of. `make soak` has them too.
 */
const AS_ANOTHER: readonly AppType[] = ['aiohttp', 'python3_tornado', 'python2_sync', 'gunicorn2_sync', 'gunicorn3_asyncio']
const SWAPPED = CASES.filter(({ type }) => IS_SOAK || !AS_ANOTHER.includes(type))
const HERE = SWAPPED.filter(({ skip }) => typeof skip !== 'string')

let world: World

describe(`under up to ${PER_SECOND} requests a second of a client that never retries`, { concurrency: 2 }, () => {
  before(async () => {
    world = await newWorld('[releases]\nwatch_seconds = 0\n')
    await world.must('mfserv.start')
    for (const one of HERE) await installFirst(one)
    await untilNginxIsCalm(world)
  })
  after(() => world.end())

  for (const one of SWAPPED) {
    test(`a hot swap and a rollback of ${one.type} fail no request`, { skip: one.skip ?? false }, async () => {
      const { reloads } = (await world.status()).nginx
      await swapAndBack(one)
      assert.equal((await world.status()).nginx.reloads, reloads, 'nginx was reloaded although no route changed')
    })
  }
})

async function swapAndBack(one: TypeCase): Promise<void> {
  const name = nameOf(one)
  const at = (wanted: string): string => `/${name}${one.at(wanted)}`
  const perSecond = IS_SOAK || one.type === FULL_LOAD ? PER_SECOND : LIGHT
  const load = startLoad({ url: world.url, paths: [at('x')], perSecond, connections: 'mixed' })
  try {
    await load.further(perSecond / 2)
    await change(one, 'second', ['plugins.hotswap', ['--json', fileOf(one, '2.0')]])
    await load.further(perSecond / 2)
    await change(one, 'edited', ['plugins.rollback', ['--json', name]])
    await load.further(perSecond / 2)
  } finally {
    await load.stop()
  }
  const failed = load.sent.filter(({ outcome }) => typeof outcome !== 'number' || outcome >= 500)
  assert.deepEqual(failed.slice(0, 5), [], `${failed.length} of ${load.sent.length} failed`)
}

/** Changes the version while a request and a websocket of the old one are open: both end in their own time. */
async function change(one: TypeCase, text: string, [command, args]: readonly [string, readonly string[]]): Promise<void> {
  const name = nameOf(one)
  const url = (wanted: string): string => `${world.url}/${name}${one.at(wanted)}`
  const data = join(world.home, 'var/data', name)
  for (const mark of ['inside', 'release']) rmSync(join(data, mark), { force: true })
  const began = performance.now()
  const held = one.runs === undefined ? undefined : get(url('hold'))
  if (held !== undefined)
    await eventually('a request is inside the old version', () => (existsSync(join(data, 'inside')) ? true : undefined))
  const socket = one.runs?.websocket === true ? await openSocket(url('ws').replace('http:', 'ws:')) : undefined
  const changed = world.must(command, args)
  await eventually('the other version answers', async () => ((await bodyOf(url('x'))).includes(text) ? true : undefined))
  if (LASTS_LONG.includes(one.type) && text === 'second') {
    await eventually('the request has lasted', () => (performance.now() - began > LONG_MS ? true : undefined))
  }
  if (socket !== undefined) assert.equal(await socket.echo('bread'), 'bread', 'the websocket of the old version')
  writeFile(join(data, 'release'), '')
  if (held !== undefined) assert.deepEqual(await held, { status: 200, body: 'released' }, 'the request in the old version')
  socket?.close()
  const swapped: Swapped = JSON.parse((await changed).stdout)
  assert.equal(swapped.replaced.is, 'replaced')
  assert.equal(swapped.receipt?.during.failed, 0)
  // Where nothing has to start and to end, a change may be over before the next request comes.
  const { before, during, after } = swapped.receipt ?? assert.fail('there is no receipt')
  assert.ok(before.requests + during.requests + after.requests > 0, 'the receipt counts the requests')
}

async function installFirst(one: TypeCase): Promise<void> {
  const name = nameOf(one)
  const home = await bootstrapByPipe(world, name, one.template, answersTo(one.template, one.type, 2))
  for (const requirements of ['python3_virtualenv_sources', 'python2_virtualenv_sources']) {
    const file = join(home, requirements, 'requirements-to-freeze.txt')
    if (existsSync(file)) writeFile(file, '')
  }
  if (existsSync(join(home, 'package.json'))) writeFile(join(home, 'package.json'), `{"name": "${name}", "private": true}\n`)
  const text = readFileSync(join(import.meta.dirname, '../types', one.edited), 'utf8')
  const file = one.file.replace('NAME', name)
  for (const [version, said] of [
    ['1.0', 'edited'],
    ['2.0', 'second'],
  ] as const) {
    await releaseSources(world, home, version, (scratch) => {
      writeFile(join(scratch, file), text.replaceAll('edited', said))
    })
  }
  await world.must('plugins.install', [fileOf(one, '1.0')])
}

/** Empty when there is none soon: a worker that answers one request at a time may be busy with the one that is held. */
async function bodyOf(url: string): Promise<string> {
  try {
    const answer = await ask(url, { signal: AbortSignal.timeout(1000) })
    return await answer.text()
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') return ''
    throw error
  }
}

function nameOf({ type }: TypeCase): string {
  return `s-${type}`.replaceAll('_', '-')
}

function fileOf(one: TypeCase, version: string): string {
  return join(world.home, `${nameOf(one)}-${version}-1.metwork.mfserv.plugin`)
}

interface OpenSocket {
  readonly echo: (text: string) => Promise<string>
  readonly close: () => void
}

function openSocket(url: string): Promise<OpenSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<OpenSocket>()
  const socket = new WebSocket(url)
  const echo = (text: string): Promise<string> => {
    const answer = Promise.withResolvers<string>()
    socket.onmessage = ({ data }) => answer.resolve(String(data))
    socket.onclose = ({ code }) => answer.reject(new Error(`the websocket was closed with ${code}`))
    socket.send(text)
    return answer.promise
  }
  socket.onopen = () => resolve({ echo, close: () => socket.close() })
  socket.onerror = () => reject(new Error(`no websocket at ${url}`))
  return promise
}

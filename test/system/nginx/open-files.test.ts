import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { linkAtomically } from '../../../src/host/disk/atomic.ts'
import { keptAside } from '../../../src/host/plugins/aside/aside.ts'
import { markStopped, unmarkStopped } from '../../../src/host/plugins/plugin-marks.ts'
import { ask, openPlace, type Place } from './place.ts'

let place: Place

before(async () => {
  place = await openPlace()
  for (const release of ['one', 'two']) place.write(`releases/${release}/index.html`, `release ${release}`)
  linkAtomically(join(place.paths.runtimeHome, 'releases/one'), served())
  place.write('developed/index.html', 'as it was at first')
  await place.backend('echo.sock', (request, response) => response.end(String(request.headers['x-request-id'])))
  await place.publish({
    plugins: [
      { plugin: 'site', apps: [{ app: 'main', kind: 'files', isRelease: true, directory: served() }] },
      { plugin: 'page', apps: [{ app: 'main', kind: 'files', directory: join(place.paths.runtimeHome, 'developed') }] },
      { plugin: 'echo', apps: [{ app: 'main', sockets: [join(place.paths.runtimeHome, 'echo.sock')] }] },
    ],
  })
})

after(() => place[Symbol.asyncDispose]())

function served(): string {
  return join(place.paths.runtimeHome, 'served')
}

/** Milliseconds until the answer at `path` is so; before it must be as it was. */
async function until(path: string, status: number, body: RegExp): Promise<number> {
  const first = await ask(place.port, path)
  const began = performance.now()
  for (let answer = first; ; answer = await ask(place.port, path)) {
    if (answer.status === status && body.test(answer.body)) return performance.now() - began
    assert.deepEqual(
      [answer.status, answer.status === 200 ? answer.body : ''],
      [first.status, first.status === 200 ? first.body : ''],
    )
    await delay(10)
  }
}

test('after a swap the files of the old release are served for no more than a second', async () => {
  assert.equal((await ask(place.port, '/site/main/')).body, 'release one')
  linkAtomically(join(place.paths.runtimeHome, 'releases/two'), served())
  assert.ok((await until('/site/main/', 200, /^release two$/)) < 1_500)
})

test('a file that is edited is served as it is at each moment, whole', async () => {
  for (const text of ['shorter', 'a text that is much longer than the one that was there before', 'x']) {
    assert.equal((await ask(place.port, '/page/main/')).status, 200)
    // Into the same file, as many editors do.
    writeFileSync(join(place.paths.runtimeHome, 'developed/index.html'), text)
    assert.equal((await ask(place.port, '/page/main/')).body, text)
  }
})

test('a file that was missing a moment ago is served within a second', async () => {
  assert.equal((await ask(place.port, '/page/main/new.html')).status, 404)
  place.write('developed/new.html', 'new')
  assert.ok((await until('/page/main/new.html', 200, /^new$/)) < 1_500)
})

test('a plugin that is stopped answers 503 when the command has waited for it, and serves again at once', async () => {
  for (const [plugin, url] of [
    ['page', '/page/main/'],
    ['echo', '/echo/main'],
  ] as const) {
    assert.equal((await ask(place.port, url)).status, 200)
    markStopped(plugin, place.paths)
    await keptAside(plugin, place.paths)
    assert.equal((await ask(place.port, url)).status, 503)
    unmarkStopped(plugin, place.paths)
    await keptAside(plugin, place.paths)
    assert.equal((await ask(place.port, url)).status, 200)
  }
})

test('no two requests have the same id, on whatever connections they come', async () => {
  const ids = await Promise.all(Array.from({ length: 300 }, async () => (await ask(place.port, '/echo/main')).body))
  assert.equal(new Set(ids).size, 300)
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routesOf } from '../../test/support/routes-fixture.ts'
import type { Front, Publication } from '../host/nginx/front.ts'
import { Publisher } from './publisher.ts'

const TAKEN: Publication = { is: 'running', did: 'nothing', quarantined: new Map(), withKeptFragments: new Map() }

/** An nginx that takes its time: each publication waits until the test lets it go. */
function slowFront(t: { after: (undo: () => void) => void }): Front & { readonly waiting: ((came: Publication) => void)[] } {
  const waiting: ((came: Publication) => void)[] = []
  t.after(() => {
    for (const end of waiting) end(TAKEN)
  })
  return {
    waiting,
    pid: () => 7,
    prove: () => Promise.resolve([]),
    publish: () => new Promise((resolve) => waiting.push(resolve)),
    stop: () => Promise.resolve(),
  }
}

function wanted(routesKey: string, ...plugins: readonly string[]) {
  const routes = routesOf(
    { plugins: plugins.map((plugin) => ({ plugin, apps: [{ app: 'main', prefixes: [`/${plugin}`] }] })) },
    '/home',
  )
  return { front: true, routesKey, routes }
}

test('rounds go on while nginx proves and reloads, and hear when it has', async (t) => {
  const front = slowFront(t)
  let rung = 0
  const publisher = new Publisher(front, () => {
    rung += 1
  })
  publisher.begin(wanted('one', 'blog'))
  assert.deepEqual(publisher.observe(true), { is: 'publishing' })
  assert.equal(rung, 0)
  front.waiting.shift()?.(TAKEN)
  await publisher.settled()
  assert.equal(rung, 1)
  assert.deepEqual(publisher.observe(true), { is: 'running', routes: 'one' })
})

test('a plugin is on its way until nginx serves it, and one that is served already is not', async (t) => {
  const front = slowFront(t)
  const publisher = new Publisher(front, () => undefined)
  publisher.begin(wanted('one', 'blog'))
  assert.equal(publisher.isComing('blog'), true)
  assert.equal(publisher.isComing('shop'), false)
  front.waiting.shift()?.(TAKEN)
  await publisher.settled()
  publisher.begin(wanted('two', 'blog', 'shop'))
  assert.deepEqual([publisher.isComing('blog'), publisher.isComing('shop')], [false, true])
  front.waiting.shift()?.(TAKEN)
  await publisher.settled()
  assert.equal(publisher.isComing('shop'), false)
})

test('a fault of mfserv in a publication leaves what serves, is told, and is tried again', async (t) => {
  t.mock.method(process.stdout, 'write', () => true)
  const front: Front = { ...slowFront(t), publish: () => Promise.reject(new Error('surprise')) }
  const publisher = new Publisher(front, () => undefined)
  publisher.begin(wanted('one', 'blog'))
  await publisher.settled()
  assert.equal(publisher.problem?.code, 'FAULT')
  assert.match(publisher.problem?.message ?? '', /the routes could not be published: surprise/)
  assert.equal(publisher.observe(true).is, 'failed')
})

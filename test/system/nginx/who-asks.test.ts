import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { after, before, describe, test } from 'node:test'
import type { RoutesCase } from '../../support/routes-fixture.ts'
import { ask, openPlace, type Place } from './place.ts'

/** Addresses of this machine: the one stands for a proxy that is trusted, the other for a client that comes directly. */
const PROXY = '127.0.0.2'
const CLIENT = '127.0.0.1'
const ALLOWED = '198.51.100.7'

const FROM_PROXY = { from: [PROXY], header: 'X-Forwarded-For', recursive: true }

describe('behind a proxy that real_ip trusts', () => {
  const { ask: seen, headersOf } = served({ realIp: FROM_PROXY, debugAllow: [ALLOWED, CLIENT] })

  test('a client that claims the address of this machine gets neither the debugger nor /uuid and /status', async () => {
    const claims = { from: PROXY, headers: { 'X-Forwarded-For': CLIENT } }
    assert.equal((await headersOf(claims))['x-mfserv-debug'], undefined)
    assert.equal((await seen('/uuid', claims)).status, 403)
    assert.equal((await seen('/status', claims)).status, 403)
  })

  test('this machine itself gets all of them, and a client in an allowed network the debugger', async () => {
    for (const from of [CLIENT, PROXY]) {
      assert.equal((await headersOf({ from }))['x-mfserv-debug'], '1')
      assert.equal((await seen('/uuid', { from })).status, 200)
      assert.equal((await seen('/status', { from })).status, 200)
    }
    assert.equal((await headersOf({ from: PROXY, headers: { 'X-Forwarded-For': ALLOWED } }))['x-mfserv-debug'], '1')
    assert.equal((await headersOf({ from: PROXY, headers: { 'X-Forwarded-For': '203.0.113.9' } }))['x-mfserv-debug'], undefined)
  })
})

/** What the workers of Python read as the client's address and as the scheme of the request. */
const FORGED = { 'X-Real-IP': '203.0.113.9', 'X-Forwarded-Proto': 'https' }

for (const addXForwardedHeaders of [true, false]) {
  describe(`with add_x_forwarded_headers=${Number(addXForwardedHeaders)}`, () => {
    const { headersOf } = served({ addXForwardedHeaders })

    test('nobody writes the address of a client and the scheme of a request but nginx', async () => {
      const told = await headersOf({ headers: FORGED })
      assert.deepEqual([told['x-real-ip'], told['x-forwarded-proto']], [CLIENT, 'http'])
    })
  })

  describe(`with real_ip=1 and add_x_forwarded_headers=${Number(addXForwardedHeaders)}`, () => {
    const { headersOf } = served({ addXForwardedHeaders, realIp: FROM_PROXY })

    test('the scheme is what a trusted proxy was asked with, and nobody else is believed', async () => {
      const protoOf = async (from: string, headers: Readonly<Record<string, string>>): Promise<unknown> =>
        (await headersOf({ from, headers }))['x-forwarded-proto']
      assert.equal(await protoOf(PROXY, { ...FORGED, 'X-Forwarded-For': ALLOWED }), 'https')
      assert.equal(await protoOf(PROXY, { ...FORGED, 'X-Forwarded-For': PROXY }), 'https')
      assert.equal(await protoOf(PROXY, { 'X-Forwarded-For': ALLOWED }), 'http')
      assert.equal(await protoOf(CLIENT, { ...FORGED, 'X-Forwarded-For': ALLOWED }), 'http')
    })
  })
}

describe('with a header of its own in real_ip_header', () => {
  const { headersOf } = served({ realIp: { ...FROM_PROXY, header: 'X-Client' } })

  test('a client that claims the address of this machine in it gets no debugger', async () => {
    assert.equal((await headersOf({ from: PROXY, headers: { 'X-Client': CLIENT } }))['x-mfserv-debug'], undefined)
    assert.equal((await headersOf({ from: PROXY }))['x-mfserv-debug'], '1')
  })
})

const LIST = '/__mfserv/plugins.json'

describe('the list of plugins', () => {
  const { ask: seen } = served({ realIp: FROM_PROXY, pluginListExtraAllows: [ALLOWED] })

  test('is told to this machine and to allowed networks, and to nobody who may be behind a proxy', async () => {
    for (const [status, options] of [
      [200, { from: CLIENT }],
      [200, { from: PROXY, headers: { 'X-Forwarded-For': ALLOWED } }],
      [403, { from: PROXY, headers: { 'X-Forwarded-For': '203.0.113.9' } }],
      [403, { from: PROXY, headers: { 'X-Forwarded-For': CLIENT } }],
      [403, { from: CLIENT, headers: { 'X-Forwarded-For': '203.0.113.9' } }],
      [403, { from: CLIENT, headers: { Via: '1.1 gateway' } }],
    ] as const) {
      assert.deepEqual([options, (await seen(LIST, options)).status], [options, status])
    }
    assert.equal((await seen('/__mfserv/', { from: PROXY, headers: { 'X-Forwarded-For': '203.0.113.9' } })).status, 200)
  })
})

describe('with install_welcome=0', () => {
  const { ask: seen } = served({ welcome: false })

  test('nothing of mfserv is shown where no plugin answers', async () => {
    for (const path of ['/', '/nothing', '/__mfserv/', '/__mfserv/index.html', LIST]) {
      const { status, body } = await seen(path, {})
      assert.deepEqual([path, status, body.split('\n')[0]], [path, 404, '404 Not Found'])
    }
  })
})

type Options = NonNullable<Parameters<typeof ask>[2]>

/** An nginx with these settings and one app, whose worker tells what headers came to it; for the tests of one `describe`. */
function served(server: NonNullable<RoutesCase['server']>): {
  readonly ask: (path: string, options: Options) => ReturnType<typeof ask>
  readonly headersOf: (options: Options) => Promise<IncomingHttpHeaders>
} {
  let place: Place
  before(async () => {
    place = await openPlace()
    place.write('var/welcome/plugins.json', '[]')
    await place.backend('echo.sock', (request, response) => response.end(JSON.stringify(request.headers)))
    const app = { app: 'main', debug: true, sockets: [`${place.paths.runtimeHome}/echo.sock`] }
    await place.publish({ server, plugins: [{ plugin: 'echo', apps: [app] }] })
  })
  after(() => place[Symbol.asyncDispose]())
  return {
    ask: (path, options) => ask(place.port, path, options),
    headersOf: async (options) => JSON.parse((await ask(place.port, '/echo/main', options)).body) as IncomingHttpHeaders,
  }
}

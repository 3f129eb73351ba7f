import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ask, openPlace, type Place } from '../nginx/place.ts'

let place: Place
let generous: Server

before(async () => {
  place = await openPlace()
  const home = place.paths.runtimeHome
  await place.backend('node.sock', (request, response) => {
    response.end(JSON.stringify([request.url?.length, request.headers['x-forwarded-path']?.length ?? 0]))
  })
  // Takes more than Node does of itself, as programs in other languages do.
  generous = createServer({ maxHeaderSize: 1 << 20 }, ({ headers }, response) => {
    const cookies = Array.from({ length: 50 }, (_, index) => `c${index}=${'x'.repeat(1000)}`)
    response.writeHead(302, { 'Set-Cookie': cookies, Location: `/${'y'.repeat(8000)}` })
    response.end(String(headers.cookie?.length))
  })
  await new Promise<void>((resolve) => generous.listen(join(home, 'generous.sock'), resolve))
  await place.publish({
    plugins: ['node', 'generous'].map((plugin) => ({
      plugin,
      apps: [{ app: 'main', prefixes: [`/${plugin}`], sockets: [join(home, `${plugin}.sock`)] }],
    })),
  })
})
after(async () => {
  generous.closeAllConnections()
  generous.close()
  await place[Symbol.asyncDispose]()
})

test('a long URL is not said twice, so an app gets what it would take alone', async () => {
  const told = async (length: number): Promise<unknown> => {
    const { status, body } = await ask(place.port, '/node?'.padEnd(length, 'q'))
    return status === 200 ? JSON.parse(body) : status
  }
  assert.deepEqual(await told(1024), [1024, 1024])
  // Node takes 16 kB of headers, the URL included.
  for (const length of [1025, 9000, 15_500]) assert.deepEqual(await told(length), [length, 0])
  assert.equal(await told(17_000), 431)
  assert.equal(await told(40_000), 414)
})

test('long cookies pass, those of the client and those of the app', async () => {
  const { status, headers, body } = await longAnswer({ Cookie: 'c='.padEnd(30_000, 'x') })
  assert.deepEqual([status, body, headers['set-cookie']?.length, headers.location?.length], [302, '30000', 50, 8001])
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`X-Many-${index}`, 'x'.repeat(16_000)]))
  assert.equal((await longAnswer(many)).status, 302)
  assert.equal((await longAnswer({ Cookie: 'c='.padEnd(40_000, 'x') })).status, 431)
})

function longAnswer(headers: Readonly<Record<string, string>>) {
  return ask(place.port, '/generous', { headers })
}

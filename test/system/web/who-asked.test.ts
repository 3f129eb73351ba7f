import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { findPython2 } from '../../../src/host/programs/python2.ts'
import { ask } from '../nginx/place.ts'
import { bootstrap, develop, newWorld, type World, writeFile } from '../world.ts'

const python2 = await findPython2('')

const WSGI = `def app(environ, start_response):
    start_response("200 OK", [])
    return [(environ["REMOTE_ADDR"] + " " + environ["wsgi.url_scheme"]).encode("ascii")]
`
const AIOHTTP = `from aiohttp import web

async def handle(request):
    return web.Response(text=f"{request.remote} {request.scheme}")

app = web.Application()
app.router.add_get("/{path:.*}", handle)
`
const ASGI = `async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{scope['client'][0]} {scope['scheme']}".encode()})
`
const TORNADO = `from tornado.web import Application, RequestHandler

class Handler(RequestHandler):
    def get(self, path):
        self.write(f"{self.request.remote_ip} {self.request.protocol}")

app = Application([(r"/(.*)", Handler)])
`

const CODE: Readonly<Record<string, string>> = {
  python3_sync: WSGI,
  gunicorn3_sync: WSGI,
  aiohttp: AIOHTTP,
  gunicorn3_asyncio: AIOHTTP,
  python3_asgi: ASGI,
  python3_tornado: TORNADO,
  ...(python2 === undefined ? {} : { python2_sync: WSGI }),
}

const PROXY = '127.0.0.2'

describe('an app that asks who its client is, and with which scheme it was asked', () => {
  let world: World

  before(async () => {
    world = await newWorld(`real_ip = 1\nreal_ip_set_from = ${PROXY}\nadd_x_forwarded_headers = 0\n`)
    await world.start()
    const home = await bootstrap(world, 'who', 'default')
    const general = readFileSync(join(home, 'config.ini'), 'utf8').split(/^\[app_/m)[0] ?? ''
    const sections = Object.entries(CODE).map(([type, code]) => {
      // Not the name of the type alone: a directory aiohttp would stand before the package.
      writeFile(join(home, `a_${type}`, '__init__.py'), '')
      writeFile(join(home, `a_${type}`, 'application.py'), code)
      return `[app_a_${type}]\ntype=${type}\nmain_arg=a_${type}.application:app\nworkers=1\n`
    })
    writeFile(join(home, 'config.ini'), `${general}${sections.join('\n')}`)
    await develop(world, home)
  })
  after(() => world.end())

  const told = async (type: string, from: string, headers: Readonly<Record<string, string>>): Promise<string> =>
    (await ask(Number(new URL(world.url).port), `/who/a_${type}`, { from, headers })).body

  for (const type of Object.keys(CODE)) {
    test(`reads what nginx knows, whatever a client writes: ${type}`, async () => {
      assert.equal(await told(type, '127.0.0.1', {}), '127.0.0.1 http')
      for (const forged of [
        { 'X-Real-IP': '203.0.113.9' },
        { 'X-Forwarded-For': '203.0.113.9', Forwarded: 'for=203.0.113.9;proto=https' },
        { 'X-Forwarded-Proto': 'https' },
        { 'X-Scheme': 'https' },
        { 'X-Forwarded-Protocol': 'ssl' },
        { 'X-Forwarded-SSL': 'on' },
      ]) {
        assert.equal(await told(type, '127.0.0.1', forged), '127.0.0.1 http', JSON.stringify(forged))
      }
    })

    test(`reads what a trusted proxy says: ${type}`, async () => {
      const said = { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': 'https' }
      assert.equal(await told(type, PROXY, said), '203.0.113.9 https')
      assert.equal(await told(type, PROXY, { ...said, 'X-Forwarded-Proto': 'https, http' }), '203.0.113.9 https')
      assert.equal(await told(type, PROXY, { ...said, 'X-Forwarded-Proto': 'http' }), '203.0.113.9 http')
    })
  }
})

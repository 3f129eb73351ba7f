import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { chromium } from 'playwright-core'
import { findChromium } from '../../chromium.ts'
import { bootstrap, eventually, newWorld, setKey, type World, writeFile } from '../world.ts'
import { ask, serve } from './asking.ts'

const LOGS = 'from mflog import get_logger\n'

/** What every app does for every request. `indent` stands before each line. */
const fails = (indent: string): string =>
  ['price = 6 * 7', 'get_logger("till").warning("asked", price=price)', 'raise ValueError("no price")']
    .map((line) => `${indent}${line}\n`)
    .join('')

/** By name of the app: its type, and the file that is its module. */
const PYTHON_APPS = {
  main: { type: 'python3_sync', code: `${LOGS}def app(environ, start_response):\n${fails('    ')}` },
  late: {
    type: 'python3_sync',
    code: `${LOGS}def app(environ, start_response):\n    start_response("200 OK", [])\n${fails('    ')}    yield b""\n`,
  },
  guni: { type: 'gunicorn3_sync', code: `${LOGS}def app(environ, start_response):\n${fails('    ')}` },
  aio: {
    type: 'aiohttp',
    code: `from aiohttp import web\n${LOGS}async def handle(request):\n${fails('    ')}app = web.Application()\napp.router.add_get("/{path:.*}", handle)\n`,
  },
  asgi: { type: 'python3_asgi', code: `${LOGS}async def app(scope, receive, send):\n${fails('    ')}` },
  // As Starlette does: an answer of its own, and the exception behind it.
  polite: {
    type: 'python3_asgi',
    code: `${LOGS}async def app(scope, receive, send):\n    try:\n${fails('        ')}    except ValueError:\n        await send({"type": "http.response.start", "status": 500, "headers": []})\n        await send({"type": "http.response.body", "body": b"sorry"})\n        raise\n`,
  },
  guniaio: {
    type: 'gunicorn3_asyncio',
    code: `from aiohttp import web\n${LOGS}async def handle(request):\n${fails('    ')}app = web.Application()\napp.router.add_get("/{path:.*}", handle)\n`,
  },
  torn: {
    type: 'python3_tornado',
    code: `from tornado.web import Application, RequestHandler\n${LOGS}class Handler(RequestHandler):\n    def get(self, path):\n${fails('        ')}app = Application([(r"/(.*)", Handler)])\n`,
  },
} as const

const SERVER = `
const [path] = process.argv.slice(2)
require('node:http').createServer((request, response) => {
  console.log('asked for', request.url)
  response.end()
}).listen(path)
`

describe('an app with debug=1', () => {
  let world: World
  let home: string

  before(async () => {
    // The test is the trusted proxy, so it can ask in the name of any client.
    world = await newWorld('real_ip = 1\nreal_ip_set_from = 127.0.0.1\n[debug]\nallow = 198.51.100.0/24\n')
    await world.start()
    home = await bootstrap(world, 'shop', 'default')
    const general = readFileSync(join(home, 'config.ini'), 'utf8').split(/^\[app_/m)[0] ?? ''
    const sections = Object.entries(PYTHON_APPS).map(([name, { type, code }]) => {
      writeFile(join(home, name, '__init__.py'), '')
      writeFile(join(home, name, 'application.py'), code)
      return `[app_${name}]\ntype=${type}\nmain_arg=${name}.application:app\nworkers=3\nmax_age=60\ndebug=1\n`
    })
    writeFile(join(home, 'js/server.js'), SERVER)
    sections.push('[app_js]\ntype=node\nmain_arg=server.js\nworkers=2\ndebug=1\n')
    writeFile(join(home, 'config.ini'), `${general}${sections.join('\n')}`)
    await serve(world, home)
  })
  after(() => world.end())

  test('has one worker, and plugins.info tells how to debug it', async () => {
    const { apps } = await world.plugin('shop')
    for (const app of apps) assert.equal(app.slots.length, 1, app.name)
    const told = await world.must('plugins.info', ['shop'])
    assert.match(told.stdout, /Debugger of main +│? *\|? *PIN \d{3}-\d{3}-\d{3}/)
    const { apps: facts } = await info(world)
    for (const { name, debugger: how } of facts) {
      if (name === 'js') assert.match(how?.url ?? '', /^ws:\/\/127\.0\.0\.1:\d+\/[\w-]+$/)
      else assert.match(how?.pin ?? '', /^\d{3}-\d{3}-\d{3}$/)
    }
    assert.equal(statSync(join(world.home, 'var/debug_secret')).mode & 0o777, 0o600)
    await logs(world, 'main', /the PIN: plugins\.info shop$/m)
  })

  test('opens the debugger in the browser: a console in a frame, behind the PIN', async (context) => {
    const installed = findChromium()
    if (installed === undefined) {
      context.skip('there is no Chromium: test/install-chromium.ts installs it on Debian')
      return
    }
    const profile = mkdtempSync(join(tmpdir(), 'mfchromium'))
    const browser = await chromium.launchPersistentContext(profile, { ...installed, args: [...installed.args] })
    try {
      browser.setDefaultTimeout(60_000)
      const page = await browser.newPage()
      const answer = await page.goto(`${world.url}/shop/main/some/page?q=1`)
      assert.equal(answer?.status(), 500)
      assert.match((await page.locator('h1').textContent()) ?? '', /ValueError/)
      const line = page.locator('div.frame').last().locator('pre.current')
      await line.hover()
      await line.locator('img').click()
      await page.locator('input[name="pin"]').fill(await pinOf(world))
      // Werkzeug fades the prompt in and out frame by frame: a way out that begins during the way in never ends.
      await page.waitForFunction("Number(document.querySelector('.pin-prompt').style.opacity) > 0.95")
      await page.locator('.pin-prompt [name="btn"]').click()
      await page.locator('.pin-prompt').waitFor({ state: 'hidden' })
      const command = page.locator('pre.console input')
      await command.fill('price * 1000 + 1')
      await command.press('Enter')
      await page.locator('pre.console .output', { hasText: '42001' }).waitFor()
      await page.reload()
      assert.equal(await page.evaluate('EVALEX_TRUSTED'), true, 'the cookie is enough the next time')
    } finally {
      await browser.close()
      rmSync(profile, { recursive: true, force: true })
    }
  })

  for (const app of Object.keys(PYTHON_APPS)) {
    const url = (): string => `${world.url}/shop/${app}/x`

    test(`shows the debugger to this machine and to allowed networks, and evaluates expressions there: ${app}`, async () => {
      for (const client of [{}, { 'X-Forwarded-For': '198.51.100.7' }]) {
        const page = await ask(url(), client)
        assert.equal(page.status, 500)
        assert.match(page.body, /The command <code>plugins\.info shop<\/code> shows the PIN\./)
        const secret = found(page.body, /SECRET = "(\w+)"/)
        const frame = [...page.body.matchAll(/id="frame-(\d+)"/g)].at(-1)?.[1] ?? ''
        const of = (words: Record<string, string>): string =>
          `${url()}?${new URLSearchParams({ __debugger__: 'yes', s: secret, ...words })}`
        const before = await ask(of({ cmd: 'price + 1000', frm: frame }), client)
        assert.doesNotMatch(before.body, /1042/, 'nothing is evaluated before the PIN')
        const allowed = await ask(of({ cmd: 'pinauth', pin: await pinOf(world) }), client)
        assert.deepEqual(JSON.parse(allowed.body), { auth: true, exhausted: false })
        const value = await ask(of({ cmd: 'price + 1000', frm: frame }), { ...client, Cookie: allowed.cookie })
        assert.match(value.body, /1042/)
      }
    })

    test(`keeps the PIN out of its log, which every user of the machine can read: ${app}`, async () => {
      const secret = found((await ask(url(), {})).body, /SECRET = "(\w+)"/)
      // What the page asks for when it shows the prompt: Werkzeug would write the PIN to its standard error.
      assert.equal((await ask(`${url()}?__debugger__=yes&cmd=printpin&s=${secret}`, {})).status, 200)
      assert.equal(log(world, app).includes(await pinOf(world)), false)
    })

    test(`answers a plain 500 to everybody else, whatever header they send: ${app}`, async () => {
      const strangers: readonly Record<string, string>[] = [
        { 'X-Forwarded-For': '203.0.113.9' },
        { 'X-Forwarded-For': '203.0.113.9', 'X-Mfserv-Debug': '1', X_Mfserv_Debug: '1' },
      ]
      for (const stranger of strangers) {
        for (const query of ['', '?__debugger__=yes&cmd=resource&f=debugger.js']) {
          const { status, body } = await ask(`${url()}${query}`, stranger)
          assert.equal(status, 500)
          assert.doesNotMatch(body, /ValueError|no price|application\.py|debugger/i)
        }
      }
    })

    test(`logs what plugin code says, and why the request failed, with the id of the request: ${app}`, async () => {
      const { id } = await ask(url(), {})
      const head = String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z `
      await logs(world, app, new RegExp(String.raw`${head} \[WARNING\] \(till#\d+\) asked \{price=42 request_id=${id}\}$`, 'm'))
      const failed = String.raw`${head}   \[ERROR\] \([\w.]+#\d+\) .*\{request_id=${id}\}\nTraceback \(most recent call last\):\n`
      if (app !== 'torn') await logs(world, app, new RegExp(failed, 'm'))
      await logs(world, app, /ValueError: no price/)
    })
  }

  test('has no line in its log that a client wrote', async () => {
    for (const app of Object.keys(PYTHON_APPS)) {
      // A line break fits no route of aiohttp and Tornado.
      for (const path of ['x%0Aforged', 'x%1B%5B2J?%0Aforged']) await ask(`${world.url}/shop/${app}/${path}`, {})
      await logs(world, app, /x%1B%5B2J\?%0Aforged/)
      assert.doesNotMatch(log(world, app), /^forged|[\x00-\x08\x0b-\x1f]/m, app)
    }
  })

  test('is inspected over the URL that plugins.info tells, when it is a Node app', async () => {
    const { apps } = await info(world)
    const url = apps.find(({ name }) => name === 'js')?.debugger?.url ?? ''
    await logs(world, 'js', new RegExp(`^Debugger listening on ${url}$`, 'm'))
    const inspector = new WebSocket(url)
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    inspector.onmessage = ({ data }) => resolve(String(data))
    inspector.onerror = () => reject(new Error(`nobody answers at ${url}`))
    const question = { id: 1, method: 'Runtime.evaluate', params: { expression: 'process.argv.length * 100' } }
    inspector.onopen = () => inspector.send(JSON.stringify(question))
    assert.match(await promise, /"value":400/)
    inspector.close()
  })

  test('tells the URL of its inspector to nobody but the user of mfserv, when it is a Node app', async () => {
    const { apps } = await info(world)
    const { host: address, pathname } = new URL(apps.find(({ name }) => name === 'js')?.debugger?.url ?? '')
    for (const path of ['/', '/json', '/json/list', '/json/version', '/json/protocol', '/json/new', '/json/activate']) {
      for (const host of [address, 'localhost', 'evil.example.org']) {
        const { status, body } = await ask(`http://${address}${path}`, { Host: host })
        assert.equal(status >= 400 && !body.includes(pathname.slice(1)), true, `${path} as ${host}: ${status} ${body}`)
      }
    }
    for (const path of ['/', '/00000000-0000-0000-0000-000000000000']) {
      const guess = new WebSocket(`ws://${address}${path}`)
      const opened = await new Promise((resolve) => {
        guess.onopen = () => resolve(true)
        guess.onerror = () => resolve(false)
      })
      assert.equal(opened, false, path)
    }
    assert.equal(statSync(join(world.home, 'log/app_shop_js.log')).mode & 0o077, 0)
  })

  test('has what console writes in its log, when it is a Node app', async () => {
    const { id } = await ask(`${world.url}/shop/js/x`, {})
    await logs(world, 'js', new RegExp(`^asked for /shop/js/x \\{request_id=${id}\\}$`, 'm'))
  })

  test('a name that somebody else could lead here is no way to the debugger', async () => {
    const { body } = await ask(`${world.url}/shop/main`, { Host: 'evil.example.org' })
    assert.equal(body, 'HTTP/500 Internal Server Error')
  })
})

test('behind a proxy on this machine that nginx does not know of, nobody gets the debugger', async (context) => {
  const world = await newWorld()
  context.after(() => world.end())
  await world.start()
  const home = await bootstrap(world, 'shop', 'default')
  writeFile(join(home, 'main/wsgi.py'), PYTHON_APPS.main.code.replace('def app', 'def application'))
  setKey(home, 'debug', '1')
  await serve(world, home)
  assert.match((await ask(`${world.url}/shop`, {})).body, /Werkzeug Debugger|debugger\.js/)
  for (const header of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via']) {
    const { body } = await ask(`${world.url}/shop`, { [header]: '203.0.113.9' })
    assert.equal(body, 'HTTP/500 Internal Server Error', header)
  }
})

interface Info {
  readonly apps: readonly { readonly name: string; readonly debugger: { readonly pin?: string; readonly url?: string } | null }[]
}

async function info(world: World): Promise<Info> {
  return eventually('every app has a debugger', async () => {
    const { stdout } = await world.must('plugins.info', ['--json', 'shop'])
    const told = JSON.parse(stdout) as Info
    return told.apps.every((app) => app.debugger !== null) ? told : undefined
  })
}

async function pinOf(world: World): Promise<string> {
  return (await info(world)).apps[0]?.debugger?.pin ?? ''
}

function log(world: World, app: string): string {
  return readFileSync(join(world.home, `log/app_shop_${app}.log`), 'utf8')
}

/** What a worker writes may come a moment after its answer. */
async function logs(world: World, app: string, pattern: RegExp): Promise<void> {
  await eventually(`${pattern} in the log of ${app}`, () => pattern.test(log(world, app)) || undefined).catch((error: Error) => {
    throw new Error(`${error.message}; there is:\n${log(world, app)}`)
  })
}

function found(text: string, pattern: RegExp): string {
  const [, part] = pattern.exec(text) ?? []
  assert.ok(part !== undefined, `${pattern} in ${text.slice(0, 2000)}`)
  return part
}

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readPlugin } from '../../host/plugins/read-plugin.ts'
import type { App, Plugin } from '../../plugin/plugin.ts'
import { disagreement, proveWorker } from './prove-worker.ts'

const directory = mkdtempSync(join(tmpdir(), 'mfprove'))
const servers: { close: () => void }[] = []
const TEST = { endpoint: '/ping', expectedStatus: 200, expectedBody: 'pong', timeout: 1 }
let asked: string[] = []
let plugin: Plugin
let app: App

before(() => {
  const home = join(directory, 'blog')
  mkdirSync(join(home, 'main'), { recursive: true })
  writeFileSync(join(home, '.layerapi2_label'), 'plugin_blog@mfserv\n')
  writeFileSync(join(home, 'main/wsgi.py'), '')
  const general = '[general]\nversion=1\nrelease=1\nsummary=s\nlicense=l\nmaintainer=p\nvendor=v\nurl=http://u\n'
  writeFileSync(join(home, 'config.ini'), `${general}[app_main]\ntype=python3_sync\nmain_arg=main.wsgi:application\nworkers=1\n`)
  const read = readPlugin(home, {})
  assert.ok(read.plugin?.apps[0] !== undefined, JSON.stringify(read.problems))
  plugin = read.plugin
  app = read.plugin.apps[0]
})

after(() => {
  for (const server of servers) server.close()
  rmSync(directory, { recursive: true, force: true })
})

test('an app without a test of its own is asked for its URL, and any answer below 500 is one', async () => {
  asked = []
  const worker = await serve((request, answer) => {
    asked.push(request.url ?? '')
    answer.writeHead(404).end()
  })
  assert.deepEqual(await proveWorker(plugin, app, worker, undefined), { is: 'sound' })
  assert.deepEqual(asked, ['/blog'])
})

test('a mounted app is asked as nginx would ask it: without the prefix, which it is told', async () => {
  const seen: (readonly [string | undefined, unknown])[] = []
  const worker = await serve(({ url, headers }, answer) => {
    seen.push([url, headers['x-forwarded-prefix']])
    answer.end('pong')
  })
  const mounted = { ...app, routing: { ...app.routing, mount: true } }
  const endpoints = ['/blog/ping?a=/', '/blog/main/ping', '/blog?a', '/blogs']
  await proveWorker(plugin, mounted, worker, undefined)
  for (const endpoint of endpoints) await proveWorker(plugin, { ...mounted, httpTest: { ...TEST, endpoint } }, worker, undefined)
  assert.deepEqual(seen, [
    ['/', '/blog'],
    ['/ping?a=/', '/blog'],
    ['/ping', '/blog/main'],
    ['/?a', '/blog'],
    ['/blogs', undefined],
  ])
})

test('an answer of 500 or more is refused, unless the version that serves gives one as well; when none serves, it is only told', async () => {
  const broken = await serve((_request, answer) => answer.writeHead(503).end())
  const sound = await serve((_request, answer) => answer.end('fine'))
  const because = 'GET /blog of app main is answered with 503'
  assert.deepEqual(await proveWorker(plugin, app, broken, undefined), { is: 'doubtful', because })
  assert.deepEqual(await proveWorker(plugin, app, broken, sound), { is: 'unsound', because })
  assert.deepEqual(await proveWorker(plugin, app, broken, broken), { is: 'sound' })
})

test('an answer without an end is an answer, and what is asked of it never fills the memory', async () => {
  const endless = await serve((_request, answer) => {
    answer.write('pong')
    const chunk = Buffer.alloc(1 << 20, 'x')
    const more = (): void => {
      while (!answer.destroyed && answer.write(chunk));
    }
    answer.on('drain', more)
    more()
  })
  const before = process.resourceUsage().maxRSS
  assert.deepEqual(await proveWorker(plugin, app, endless, undefined), { is: 'sound' })
  assert.deepEqual(await proveWorker(plugin, { ...app, httpTest: { ...TEST, timeout: 30 } }, endless, undefined), { is: 'sound' })
  const other = await proveWorker(plugin, { ...app, httpTest: { ...TEST, expectedBody: 'ping' } }, endless, undefined)
  assert.deepEqual(other, { is: 'unsound', because: 'its test GET /ping fails: the body does not contain "ping"' })
  assert.ok(process.resourceUsage().maxRSS - before < 300 * 1024)
})

test('an app that closes without an answer is not known to be unsound: it may not speak HTTP', async () => {
  const mute = await serve((request) => request.socket.destroy())
  assert.deepEqual(await proveWorker(plugin, app, mute, undefined), { is: 'unknown' })
  assert.deepEqual(await proveWorker(plugin, app, join(directory, 'none.sock'), undefined), { is: 'unknown' })
})

test('the test of an app is asked again until it passes, within its time', async () => {
  let answers = 0
  const warming = await serve((_request, answer) => {
    answers += 1
    if (answers < 3) answer.writeHead(503).end('not yet')
    else answer.end('pong!')
  })
  assert.deepEqual(await proveWorker(plugin, { ...app, httpTest: TEST }, warming, undefined), { is: 'sound' })
  assert.equal(answers, 3)
})

test('a test that does not pass in its time says what was wrong last', async () => {
  const wrong = await serve((_request, answer) => answer.end('ping'))
  assert.deepEqual(await proveWorker(plugin, { ...app, httpTest: TEST }, wrong, undefined), {
    is: 'unsound',
    because: 'its test GET /ping fails: the body does not contain "pong"',
  })
})

test('an answer agrees with a test when its status is the same and its body contains the text', () => {
  assert.equal(disagreement(TEST, { status: 200, body: 'a pong' }), undefined)
  assert.equal(disagreement(TEST, { status: 204, body: 'pong' }), 'the status is 204, not 200')
})

function serve(listener: RequestListener): Promise<string> {
  const path = join(directory, `${servers.length}.sock`)
  const server = createServer(listener)
  servers.push(server)
  return new Promise((resolve) => server.listen(path, () => resolve(path)))
}

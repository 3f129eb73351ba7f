import assert from 'node:assert/strict'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { PluginReport, StatusReport } from '../../../src/control/protocol.ts'
import { textOf } from '../../../src/host/disk/text-of.ts'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { processId } from '../../../src/host/process/proc.ts'
import { type Load, startLoad } from '../../load/client.ts'
import { describe as describeVerdict, judge } from '../../load/verdict.ts'
import { ask, develop, eventually, get, newWorld, type World, writeFile } from '../world.ts'

const PER_SECOND = 40
const URLS = ['/shop/main/slow', '/shop/main/static/a.txt', '/shop/pages/'] as const

let world: World

describe('plugins in maintenance, and paused', () => {
  before(async () => {
    world = await newWorld('[supervisor]\nhold_timeout = 30\n')
    makeShop()
    await world.start()
    await world.until('it serves', ({ plugins }) => plugins.every(({ state }) => state === 'serving'))
  })
  after(() => world.end())

  test('maintenance answers 503 for every URL at once, what is inside goes on, and nginx is not reloaded', async () => {
    const { nginx } = await world.status()
    const slow = get(`${world.url}/shop/main/wait`)
    await inside()
    await world.must('plugins.maintenance', ['shop', 'on', '--retry-after', '77'])
    for (const url of URLS) {
      const answer = await ask(`${world.url}${url}`)
      assert.deepEqual(
        [answer.status, answer.headers.get('retry-after'), answer.headers.get('cache-control')],
        [503, '77', 'no-store'],
      )
      assert.match(await answer.text(), /maintenance/)
    }
    assert.equal((await ask(`${world.url}${URLS[0]}`, { method: 'POST', body: 'x' })).status, 503)
    go()
    assert.deepEqual(await slow, { status: 200, body: 'waited' })
    assert.equal((await world.status()).nginx.reloads, nginx.reloads)
    const shown = [await world.must('mfserv.status'), await world.must('plugins.info', ['shop'])]
    for (const { stdout } of shown) assert.match(stdout, /in maintenance since .*Retry-After 77 s.*plugins\.maintenance shop off/)
    assert.match((await world.must('plugins.list')).stdout, /Requests[\s\S]*maintenance/)
    const audit = await world.must('mfserv', ['audit', 'shop'])
    assert.match(audit.stdout, /plugins\.maintenance shop on --retry-after 77/)
  })

  test('a page of the administrator is shown as it is, survives its file, and a missing one changes nothing', async () => {
    const page = join(world.home, 'sorry.html')
    writeFile(page, '<h1>é {{NAME}} $uri</h1>\n')
    await world.must('plugins.maintenance', ['shop', 'on', '--page', page])
    rmSync(page)
    const wrong = await world.run('plugins.maintenance', ['shop', 'on', '--page', page, '--retry-after', 'soon'])
    assert.deepEqual(
      [wrong.code, /sorry\.html/.test(wrong.stderr), /--retry-after is "soon"/.test(wrong.stderr)],
      [1, true, true],
    )
    for (const method of ['GET', 'POST'] as const) {
      const answer = await ask(`${world.url}/shop/main/slow?q=1`, { method, headers: { Accept: 'text/html' } })
      assert.deepEqual(
        [answer.status, answer.headers.get('retry-after'), answer.headers.get('content-type'), await answer.text()],
        [503, '300', 'text/html; charset=utf-8', '<h1>é {{NAME}} $uri</h1>\n'],
      )
    }
    await killDaemon()
    assert.equal((await get(`${world.url}/shop/pages/`)).status, 503)
    await world.start()
    await world.must('mfserv.stop')
    await world.start()
    const shown = await ask(`${world.url}/shop/pages/`, { headers: { Accept: 'text/html' } })
    assert.match(await shown.text(), /<h1>/)
    await world.must('plugins.maintenance', ['shop', 'off'])
    for (const url of URLS) assert.equal((await get(`${world.url}${url}`)).status, 200, url)
    assert.deepEqual((await world.plugin('shop')).aside, [])
  })

  test('a pause under load holds every request and loses none, sends none twice, and nginx is not reloaded', async () => {
    const { nginx } = await world.status()
    rmSync(dataOfShop('seen'), { force: true })
    const verdict = await underLoad(async (load) => {
      await load.further(PER_SECOND / 2)
      const paused = JSON.parse((await world.must('plugins.pause', ['shop', '--json'])).stdout)
      assert.deepEqual(paused, [{ name: 'shop', is: 'paused', inside: 0, bound: { seconds: 30, requests: 1000 } }])
      const seen = lines('seen')
      await world.until(
        'requests of each kind wait',
        (report) => heldBy(report.plugins, 'main') > 9 && heldBy(report.plugins, 'pages') > 9,
      )
      assert.equal(lines('seen').length, seen.length, 'a worker got a request of a paused plugin')
      assert.equal((await get(`${world.url}/shop/closed/`)).status, 403)
      assert.match(
        (await world.must('mfserv.status')).stdout,
        /paused since .*requests wait\. To have it back: plugins\.resume shop/,
      )
      await world.must('plugins.restart', ['shop'])
      assert.equal(lines('seen').length, seen.length, 'a new worker got a request of a paused plugin')
      await world.must('plugins.resume', ['shop'])
      await load.further(PER_SECOND / 2)
    })
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
    const seen = lines('seen')
    assert.equal(new Set(seen).size, seen.length)
    assert.equal((await world.status()).nginx.reloads, nginx.reloads)
  })

  test('kill -9 of the daemon lets no request through to a paused plugin, and the next daemon holds on', async () => {
    await world.must('plugins.pause', ['shop'])
    const seen = lines('seen').length
    const waiting = URLS.map((url) => get(`${world.url}${url}`))
    await world.until('they wait', ({ plugins }) => heldBy(plugins, 'main') > 0 && heldBy(plugins, 'pages') > 1)
    await killDaemon()
    assert.deepEqual(
      (await Promise.all(waiting)).map(({ status }) => status),
      [502, 503, 503],
    )
    assert.equal((await get(`${world.url}${URLS[0]}`)).status, 502)
    await world.start()
    const again = URLS.map((url) => get(`${world.url}${url}`))
    await world.until('they wait', ({ plugins }) => heldBy(plugins, 'main') > 0 && heldBy(plugins, 'pages') > 1)
    assert.equal(lines('seen').length, seen)
    await world.must('plugins.resume', ['shop'])
    assert.deepEqual(
      (await Promise.all(again)).map(({ status }) => status),
      [200, 200, 200],
    )
  })

  test('another number of workers keeps those that stay, loses no request, and holds over a restart', async () => {
    const [first, second] = await pidsOf('main')
    const { reloads } = (await world.status()).nginx
    const verdict = await underLoad(async (load) => {
      await load.further(PER_SECOND / 4)
      await world.must('plugins.scale', ['shop', 'main', '3'])
      const grown = await pidsOf('main')
      assert.deepEqual([grown.length, ...grown.slice(0, 2)], [3, first, second])
      const { stdout } = await world.must('plugins.scale', ['shop', 'main', '1', '--json'])
      const file = join(world.home, 'config/plugins/shop.ini')
      assert.deepEqual(JSON.parse(stdout), { plugin: 'shop', app: 'main', from: 3, to: 1, file, state: 'serving' })
      assert.deepEqual(await pidsOf('main'), [first])
      await load.further(PER_SECOND / 4)
    }, 'fresh')
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
    assert.equal((await world.status()).nginx.reloads, reloads + 2)
    await killDaemon()
    await world.start()
    assert.deepEqual(await pidsOf('main'), [first])
  })

  test('a number, an app or a plugin that cannot be is named, and nothing changes', async () => {
    const before = await pidsOf('main')
    const wrong = [
      [['shop', '2'], /2 apps with workers.*\n.*closed, main|2 apps with workers.*\n.*main, closed/],
      [['shop', 'mian', '2'], /has no app "mian"[\s\S]*main/],
      [['shop', 'pages', '2'], /pages of shop has no workers/],
      [['shop', 'main', '1001'], /"1001"[\s\S]*1000/],
      [['shop', 'main', 'many'], /"many"/],
      [['shop', 'main'], /plugins\.scale shop main NUMBER/],
    ] as const
    for (const [words, says] of wrong) {
      const { code, stderr } = await world.run('plugins.scale', words)
      assert.deepEqual([code, says.test(stderr)], [1, true], stderr)
    }
    assert.deepEqual(await pidsOf('main'), before)
  })

  test('an app that nobody asks for falls asleep, also for a daemon that is killed; its next requests wait for it, each once', async () => {
    await develop(world, makeDoze())
    const { reloads } = (await world.status()).nginx
    await world.until('it sleeps', isAsleep)
    assert.match(
      (await world.must('mfserv.status')).stdout,
      /doze {2}serving[\s\S]*asleep {2}a worker starts at the next request/,
    )
    const body = 'x'.repeat(300_000)
    const answers = await Promise.all([
      get(`${world.url}/doze`),
      ask(`${world.url}/doze`, { method: 'POST', body }).then(async (one) => ({ status: one.status, body: await one.text() })),
    ])
    assert.deepEqual(answers, [
      { status: 200, body: 'GET 0' },
      { status: 200, body: 'POST 300000' },
    ])
    assert.equal((await world.status()).nginx.reloads, reloads)
    await world.until('it sleeps again', isAsleep)
    await killDaemon()
    await world.start()
    assert.ok(isAsleep(await world.status()))
    assert.deepEqual(await get(`${world.url}/doze`), { status: 200, body: 'GET 0' })
  })
})

function isAsleep({ plugins }: StatusReport): boolean {
  const slots = plugins.find(({ name }) => name === 'doze')?.apps[0]?.slots
  return slots?.map(({ actual }) => actual).join() === 'asleep'
}

async function pidsOf(app: string): Promise<readonly number[]> {
  const { apps } = await world.plugin('shop')
  return apps.flatMap(({ name, slots }) => (name === app ? slots.flatMap(({ pid }) => pid ?? []) : []))
}

async function killDaemon(): Promise<void> {
  const daemon = processId((await world.status()).daemon.pid ?? 0)
  assert.ok(daemon !== undefined)
  process.kill(daemon.pid, 'SIGKILL')
  await eventually('it has gone', () => (processId(daemon.pid) === undefined ? true : undefined))
}

async function underLoad(act: (load: Load) => Promise<void>, connections: 'mixed' | 'fresh' = 'mixed') {
  const load = startLoad({ url: world.url, paths: URLS, perSecond: PER_SECOND, connections })
  try {
    await act(load)
  } finally {
    await load.stop()
  }
  // nginx refuses a POST to a file, paused or not.
  const sent = load.sent.filter(({ path, method }) => path === URLS[0] || method === 'GET')
  return judge(sent, [])
}

function heldBy(plugins: readonly PluginReport[], app: string): number {
  return plugins[0]?.apps.find(({ name }) => name === app)?.held ?? 0
}

async function inside(): Promise<void> {
  await eventually('the request is inside', () => lines('seen').some((line) => line.includes('/wait')) || undefined)
}

function dataOfShop(name: string): string {
  return join(pathsOf(world.home).data, 'shop', name)
}

function go(): void {
  writeFile(dataOfShop('go'), '')
}

function lines(name: string): readonly string[] {
  return (textOf(dataOfShop(name)) ?? '').split('\n').slice(0, -1)
}

const SERVER = `const fs = require('node:fs')
const data = process.env.MFSERV_CURRENT_PLUGIN_DATA_DIR
const server = require('node:http').createServer((asked, answer) => {
  // What mfserv itself asks has no id.
  const id = asked.headers['x-request-id']
  if (id !== undefined) fs.appendFileSync(data + '/seen', id + ' ' + asked.url + '\\n')
  if (!asked.url.endsWith('/wait')) return void answer.end('main')
  const timer = setInterval(() => {
    if (!fs.existsSync(data + '/go')) return
    clearInterval(timer)
    answer.end('waited')
  }, 10)
})
server.listen(process.argv[2])
process.on('SIGTERM', () => server.close(() => process.exit()))
`

const GENERAL = '[general]\nversion=1.2.3\nsummary=s\nlicense=l\nurl=http://u\nmaintainer=m\nvendor=v\n'

const COUNTING_SERVER = `const server = require('node:http').createServer(async (asked, answer) => {
  let bytes = 0
  for await (const chunk of asked) bytes += chunk.length
  answer.end(asked.method + ' ' + bytes)
})
server.listen(process.argv[2])
process.on('SIGTERM', () => server.close(() => process.exit()))
`

function makeDoze(): string {
  const home = join(world.home, 'sources/doze')
  const app = '[app_main]\ntype=node\nmain_arg=server.js\nworkers=0..2\nsleep_after=1\n'
  writeFile(join(home, '.layerapi2_label'), 'plugin_doze@mfserv\n')
  writeFile(join(home, 'config.ini'), `${GENERAL}${app}`)
  writeFile(join(home, 'main/server.js'), COUNTING_SERVER)
  return home
}

function makeShop(): void {
  const home = join(world.home, 'sources/shop')
  const node = 'type=node\nmain_arg=server.js\nworkers=2\n'
  writeFile(join(home, '.layerapi2_label'), 'plugin_shop@mfserv\n')
  writeFile(
    join(home, 'config.ini'),
    `${GENERAL}[app_main]\n${node}[app_closed]\n${node}extra_nginx_conf_filename=closed/nginx.conf\n[app_pages]\ntype=static\n`,
  )
  for (const app of ['main', 'closed']) writeFile(join(home, app, 'server.js'), SERVER)
  writeFile(join(home, 'closed/nginx.conf'), 'deny all;\n')
  writeFile(join(home, 'main/static/a.txt'), 'file\n')
  writeFile(join(home, 'pages/index.html'), 'pages\n')
  mkdirSync(pathsOf(world.home).plugins, { recursive: true })
  symlinkSync(home, join(pathsOf(world.home).plugins, 'shop'))
}

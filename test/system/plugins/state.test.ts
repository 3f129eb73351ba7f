import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { PluginReport } from '../../../src/control/protocol.ts'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { processId } from '../../../src/host/process/proc.ts'
import type { Receipt } from '../../../src/receipt/receipt.ts'
import { type Load, type Sent, startLoad } from '../../load/client.ts'
import { describe as describeVerdict, judge } from '../../load/verdict.ts'
import { eventually, get, newWorld, type World, writeFile } from '../world.ts'

const PER_SECOND = 60
/** nginx looks at the clock once for all that happened since it last did, and the client's clock is another one. */
const CLOCKS_MS = 25

let world: World
/** Served from their sources: a WSGI app with a daemon, a cron job and checks, an app on Node, and files. */
let wsgi: string

describe('plugins that are stopped, started, restarted and checked', () => {
  before(async () => {
    world = await newWorld('[releases]\nwatch_seconds = 5\n')
    wsgi = makeWsgi()
    makeNode()
    makePages()
    await world.start()
    await world.until('all serve', ({ plugins }) => plugins.length === 3 && plugins.every(({ state }) => state === 'serving'))
    assert.equal((await world.status()).cron.length, 1)
  })
  after(() => world.end())

  test('a restart under load replaces every worker, fails no request, and its receipt says what the client saw', async () => {
    const old = { wsgi: await pids('wsgi'), node: await pids('node') }
    const receipts = await underLoad(['/wsgi', '/node'], async (load) => {
      await load.further(2 * PER_SECOND)
      const ran = await world.must('plugins.restart', ['*e', '--json'])
      const [ofNode] = JSON.parse(ran.stdout) as readonly Receipt[]
      const [ofWsgi] = JSON.parse((await world.must('plugins.restart', ['wsgi', '--json'])).stdout) as readonly Receipt[]
      await load.further(PER_SECOND)
      assert.ok(ofNode !== undefined && ofWsgi !== undefined)
      return { node: ofNode, wsgi: ofWsgi, sent: load.sent }
    })
    for (const name of ['wsgi', 'node'] as const) {
      const now = await pids(name)
      assert.equal(now.length, old[name].length)
      assert.deepEqual(
        now.filter((pid) => old[name].includes(pid)),
        [],
      )
      agrees(receipts[name], receipts.sent, `/${name}`)
      assert.ok(receipts[name].memoryPeakBytes > receipts[name].memoryBeforeBytes)
      assert.deepEqual(JSON.parse((await world.must('plugins.history', [name, '--json'])).stdout), [receipts[name]])
    }
    assert.deepEqual(
      receipts.wsgi.phases.map(({ name }) => name),
      ['start', 'daemons', 'drain'],
    )
    assert.match((await world.must('plugins.history', ['wsgi'])).stdout, /restart of wsgi dev_link {2}0 of \d+ failed .*done\n/)
  })

  test('a restart whose workers do not come up leaves the old ones in place and says why', async () => {
    const old = await pids('wsgi')
    writeFile(join(wsgi, 'broken'), '')
    const ran = await underLoad(['/wsgi'], async (load) => {
      await load.further(PER_SECOND / 2)
      return await world.run('plugins.restart', ['wsgi'])
    })
    rmSync(join(wsgi, 'broken'))
    assert.equal(ran.code, 1)
    assert.match(ran.stdout, /^restart of wsgi dev_link: failed, the old version goes on serving: the new workers are failing/)
    assert.match(ran.stdout, /RuntimeError: broken on purpose/)
    await world.until('the old workers are what is wanted', ({ plugins }) => plugins.every(({ state }) => state === 'serving'))
    assert.deepEqual(appPids(await world.plugin('wsgi')), old.slice(0, 2))
  })

  test('a stopped plugin finishes its requests, answers 503, rests, and costs the others nothing', async () => {
    const before = await world.status()
    const old = await pids('wsgi')
    await underLoad(['/node'], async (load) => {
      await load.further(PER_SECOND / 2)
      const slow = get(`${world.url}/wsgi/slow`)
      await eventually('the request is inside', () => existsSync(join(wsgi, 'inside')) || undefined)
      const stopping = world.run('plugins.stop', ['wsgi'])
      await eventually('new requests are refused', async () =>
        (await get(`${world.url}/wsgi/`)).status === 503 ? true : undefined,
      )
      writeFile(join(wsgi, 'go'), '')
      assert.deepEqual(await slow, { status: 200, body: 'slow' })
      const { code, stdout } = await stopping
      assert.deepEqual([code, /Stopping plugin wsgi\.\.\. +\[ OK \]/.test(stdout)], [0, true])
      await world.must('plugins.stop', ['pag*'])
      await load.further(PER_SECOND / 2)
    })
    for (const [path, name] of [
      ['/wsgi/', 'wsgi'],
      ['/pages/index.html', 'pages'],
    ]) {
      const { status, body } = await get(`${world.url}${path}`)
      assert.equal(status, 503)
      assert.match(body, new RegExp(`The plugin ${name} is stopped\\.`))
    }
    const answer = await fetch(`${world.url}/pages/index.html`, { headers: { Connection: 'close' } })
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/)
    for (const pid of old) assert.equal(processId(pid), undefined)
    const report = await world.status()
    assert.deepEqual(states(report.plugins), { node: 'serving', pages: 'stopped', wsgi: 'stopped' })
    assert.deepEqual([report.cron, report.nginx.reloads], [[], before.nginx.reloads])
    const cron = await world.run('mfserv', ['cron', 'run', 'wsgi', '1'])
    assert.deepEqual([cron.code, /PLUGIN_STOPPED/.test(cron.stderr)], [1, true])
    const shown = await world.must('mfserv.status')
    assert.match(shown.stdout, /wsgi {2}stopped .*\n {2}stopped by plugins\.stop\. To have it back: plugins\.start wsgi/)
  })

  test('a plugin stays stopped when mfserv is started anew, until it is started itself', async () => {
    await world.must('mfserv.stop')
    await world.start()
    assert.deepEqual(states((await world.status()).plugins), { node: 'serving', pages: 'stopped', wsgi: 'stopped' })
    assert.equal((await get(`${world.url}/wsgi/`)).status, 503)
    assert.equal((await world.must('plugins.status', ['wsgi'])).code, 0)
    const { stdout } = await world.must('plugins.start', ['--json'])
    assert.deepEqual(
      JSON.parse(stdout),
      ['node', 'pages', 'wsgi'].map((name) => ({ name, state: 'serving', reach: { is: 'served' } })),
    )
    for (const path of ['/wsgi/', '/pages/index.html', '/node/']) assert.equal((await get(`${world.url}${path}`)).status, 200)
    assert.equal((await world.status()).cron.length, 1)
    assert.equal((await world.plugin('wsgi')).daemons[0]?.slots.length, 1)
  })

  test('a plugin that does not come up again is named with its reason', async () => {
    await world.must('plugins.stop', ['wsgi'])
    writeFile(join(wsgi, 'broken'), '')
    const failed = await world.run('plugins.start', ['wsgi'])
    assert.deepEqual([failed.code, /RuntimeError: broken on purpose/.test(failed.stdout)], [1, true])
    rmSync(join(wsgi, 'broken'))
    const restarted = await world.must('plugins.restart', ['wsgi'])
    assert.match(restarted.stdout, /wsgi/)
    await world.until('it serves', ({ plugins }) => plugins.every(({ state }) => state === 'serving'))
    assert.equal((await world.run('plugins.stop', ['nothing*'])).code, 1)
  })

  test('plugins.status asks what the plugin says shall be asked, and fails when a check does', async () => {
    const good = await world.must('plugins.status')
    assert.match(good.stdout, /^node {2}serving/)
    assert.match(good.stdout, / {4}slot 2 {2}ready {2}pid \d+/)
    assert.match(good.stdout, /check {2}GET \/wsgi\/ping of app main {2}passed, \d+ ms/)
    assert.match(good.stdout, /check {2}bin\/plugin\.status {2}passed/)
    assert.equal(readFileSync(join(wsgi, 'asked'), 'utf8'), `wsgi ${wsgi}\n`)
    writeFile(join(wsgi, 'ill'), '')
    const bad = await world.run('plugins.status', ['wsgi'])
    assert.equal(bad.code, 1)
    assert.match(bad.stdout, /GET \/wsgi\/ping of app main {2}FAILED: the status is 500, not 200/)
    assert.match(bad.stdout, /bin\/plugin\.status {2}FAILED: it ended with code 3:\n {4}the disk is nearly full/)
    const [data] = JSON.parse((await world.run('plugins.status', ['wsgi', '--json'])).stdout)
    assert.deepEqual([data.name, data.state, data.isGood, data.checks.length], ['wsgi', 'serving', false, 2])
    assert.equal((await world.must('mfserv.status')).code, 0)
    rmSync(join(wsgi, 'ill'))
  })

  test('with its removal everything is forgotten that was decided about a plugin', async () => {
    await world.must('plugins.stop', ['pages'])
    await world.must('plugins.uninstall', ['pages', '--clean'])
    makePages()
    await world.until('it serves', ({ plugins }) => states(plugins)['pages'] === 'serving')
  })
})

/**
 * What the receipt counted is what the client sent in the same span of time. For nginx an answer is complete at some moment
 * between the client's question and its end, so at the edges of a span the client cannot know.
 */
function agrees(receipt: Receipt, sent: readonly Sent[], path: string): void {
  const { at, before, during, after, outcome } = receipt
  assert.deepEqual([outcome, during.failed, during.failedByStatus], [{ is: 'done' }, 0, {}])
  for (const span of [during, after]) assert.ok(span.requests > (span.seconds * PER_SECOND) / 4, JSON.stringify(receipt))
  assert.ok(after.p99Ms !== null)
  const spans = [
    { counted: before.requests, from: at - before.seconds * 1000, to: at },
    { counted: during.requests, from: at, to: at + during.seconds * 1000 },
  ]
  const own = sent
    .filter((one) => one.path === path)
    .map(({ began, ended }) => [began, ended].map((time) => performance.timeOrigin + time))
  for (const { counted, from, to } of spans) {
    const inside = own.filter(([began = 0, ended = 0]) => began >= from + CLOCKS_MS && ended <= to - CLOCKS_MS).length
    const touching = own.filter(([began = 0, ended = 0]) => began <= to + CLOCKS_MS && ended >= from - CLOCKS_MS).length
    assert.ok(inside <= counted && counted <= touching, `${counted} counted, ${inside} to ${touching} seen by the client`)
  }
}

async function underLoad<T>(paths: readonly string[], act: (load: Load) => Promise<T>): Promise<T> {
  const load = startLoad({ url: world.url, paths, perSecond: PER_SECOND, connections: 'mixed' })
  try {
    return await act(load)
  } finally {
    await load.stop()
    const verdict = judge(load.sent, [])
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
  }
}

function states(plugins: readonly PluginReport[]): Readonly<Record<string, string>> {
  return Object.fromEntries(plugins.map(({ name, state }) => [name, state]))
}

/** Of its apps first, then of its daemons. */
async function pids(name: string): Promise<readonly number[]> {
  const plugin = await world.plugin(name)
  return [...appPids(plugin), ...plugin.daemons.flatMap(({ slots }) => slots.flatMap(({ pid }) => pid ?? []))]
}

function appPids({ apps }: PluginReport): readonly number[] {
  return apps.flatMap(({ slots }) => slots.flatMap(({ pid }) => pid ?? []))
}

const WSGI = `
import os, time
if os.path.exists("broken"):
    raise RuntimeError("broken on purpose")
def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/wsgi/slow":
        open("inside", "w").close()
        while not os.path.exists("go"):
            time.sleep(0.01)
    ill = path == "/wsgi/ping" and os.path.exists("ill")
    start_response("500 Ill" if ill else "200 OK", [("Content-Type", "text/plain")])
    return [path.rsplit("/", 1)[-1].encode()]
`

const CHECK = `#!/bin/sh
echo "$MFSERV_CURRENT_PLUGIN_NAME $PWD" >asked
[ ! -e ill ] || { echo 'the disk is nearly full'; exit 3; }
`

function makeWsgi(): string {
  const general = '_version=1.2\n_summary=s\n_license=l\n_url=http://u\n_maintainer=m\n_vendor=v\n'
  const app =
    '_cmd_and_args = bjoern_wrapper.py {app_name}.wsgi:app {unix_socket_path}\nnumprocesses = 2\n_http_test_endpoint = /wsgi/ping\n_http_test_expected_body = ping\n_http_test_timeout = 1\n'
  const home = makePlugin(
    'wsgi',
    `[general]\n${general}[app_main]\n${app}[extra_daemon_clock]\n_cmd_and_args = sleep 1000000\nnumprocesses = 1\n`,
  )
  writeFile(join(home, 'main/wsgi.py'), WSGI)
  writeFile(join(home, 'crontab'), '@yearly true\n')
  writeFile(join(home, 'bin/plugin.status'), CHECK)
  chmodSync(join(home, 'bin/plugin.status'), 0o755)
  return home
}

function makeNode(): void {
  const home = makePlugin('node', `${GENERAL}[app_main]\ntype=node\nmain_arg=server.js\nworkers=2\n`)
  const server = `const server = require('node:http').createServer((asked, answer) => answer.end('node'))
server.listen(process.argv[2])
process.on('SIGTERM', () => server.close(() => process.exit()))
`
  writeFile(join(home, 'main/server.js'), server)
}

function makePages(): void {
  const home = makePlugin('pages', `${GENERAL}[app_main]\ntype=static\n`)
  writeFile(join(home, 'main/index.html'), 'pages\n')
}

const GENERAL = '[general]\nversion=1.2.3\nsummary=s\nlicense=l\nurl=http://u\nmaintainer=m\nvendor=v\n'

/** In a directory of its own, served by a development link. */
function makePlugin(name: string, config: string): string {
  const home = join(world.home, 'sources', name)
  writeFile(join(home, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
  writeFile(join(home, 'config.ini'), config)
  const link = join(pathsOf(world.home).plugins, name)
  writeFile(join(pathsOf(world.home).plugins, '.keep'), '')
  symlinkSync(home, link)
  return home
}

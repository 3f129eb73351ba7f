import assert from 'node:assert/strict'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { type Sent, startLoad } from '../../load/client.ts'
import { ask, eventually, get, newWorld, untilNginxIsCalm, type World, writeFile } from '../world.ts'

const GENERAL = '[general]\nversion=1.2.3\nsummary=s\nlicense=l\nurl=http://u\nmaintainer=m\nvendor=v\n'
const PER_SECOND = 20
/** How a handler ends its process. */
const WSGI = `
import ctypes, os, signal
def app(environ, start_response):
    how = environ["QUERY_STRING"]
    if environ["PATH_INFO"].endswith("/die"):
        if "exit" in how: os._exit(3)
        if "kill" in how: os.kill(os.getpid(), signal.SIGKILL)
        if "segv" in how: ctypes.string_at(0)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"well"]
`
const NODE = `
const http = require('node:http')
http.createServer((asked, answer) => {
  if (asked.url.includes('/die')) process.exit(3)
  answer.end('well')
}).listen(process.argv[2])
`
const PHP = `<?php
if (str_contains($_SERVER['REQUEST_URI'], '/die')) { exec('kill -9 ' . getmypid()); sleep(5); }
echo 'well';
`
const APPS = {
  four: { config: 'type=python3_sync\nmain_arg=main.wsgi:app\nworkers=4\n', file: 'main/wsgi.py', text: WSGI },
  one: { config: 'type=python3_sync\nmain_arg=main.wsgi:app\nworkers=1\n', file: 'main/wsgi.py', text: WSGI },
  node: { config: 'type=node\nmain_arg=server.js\nworkers=2\n', file: 'main/server.js', text: NODE },
  php: { config: 'type=php\nworkers=2\n', file: 'main/index.php', text: PHP },
} as const
type Name = keyof typeof APPS
/** Not every machine has php-fpm. */
const PRESENT = Object.entries(APPS)
const TITLES = { four: 'Python with four workers', one: 'Python with one worker', node: 'Node', php: 'PHP by FastCGI' } as const

describe('a request that ends the worker it is given to', () => {
  let world: World
  before(async () => {
    world = await newWorld()
    await world.start()
    for (const [name, { config, file, text }] of PRESENT) {
      const home = join(world.home, 'sources', name)
      writeFile(join(home, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
      writeFile(join(home, 'config.ini'), `${GENERAL}[app_main]\n${config}`)
      writeFile(join(home, file), text)
      symlinkSync(home, join(pathsOf(world.home).plugins, name))
    }
    await world.until(
      'all serve',
      ({ plugins }) => plugins.length === PRESENT.length && plugins.every(({ state }) => state === 'serving'),
    )
    await untilNginxIsCalm(world)
  })
  after(() => world.end())

  test('of an app with four workers ends two, is answered 502 within 2 s, and no other request fails', async () => {
    const { others, fatal, ended } = await whileAsked('four', 'how=exit&password=s3cret')
    assert.ok(ended <= 2, `${ended} workers ended`)
    assert.equal(fatal.status, 502)
    assert.ok(fatal.ms < 2000, `after ${fatal.ms} ms`)
    assert.deepEqual(failures(others), [])
    assert.ok(p99(others) < 1000, `p99 ${p99(others)} ms`)
  })

  for (const [name, how] of [
    ['four', 'how=segv'],
    ['four', 'how=kill'],
    ['node', 'how=exit'],
    ['one', 'how=kill'],
    ['php', 'how=kill'],
  ] as const) {
    test(`that is so too for ${TITLES[name]}, ${how}`, async () => {
      const { others, fatal, ended } = await whileAsked(name, how)
      // The program behind a worker of PHP starts another process by itself.
      assert.ok(ended <= 2, `${ended} workers ended`)
      assert.equal(fatal.status, 502)
      assert.ok(fatal.ms < 2000 || name === 'one', `after ${fatal.ms} ms`)
      assert.deepEqual(failures(others), [])
    })
  }

  test('is named in mfserv.log by its id, method and URL, without the secrets in it', () => {
    const log = readFileSync(join(pathsOf(world.home).log, 'mfserv.log'), 'utf8')
    assert.match(log, /four\/main: request [0-9a-f]{32}, GET \/four\/die\?how=exit&password=\*\*\*, ended two workers/)
    assert.doesNotMatch(log, /s3cret/)
  })

  test('as a POST ends one worker and is never given to another', async () => {
    const before = await restarts('four')
    const answer = await ask(`${world.url}/four/die?how=exit`, { method: 'POST', body: 'x' })
    assert.equal(answer.status, 502)
    await eventually('the end is noticed', async () => ((await restarts('four')) > before ? true : undefined))
    await settled('four')
    assert.equal((await restarts('four')) - before, 1)
  })

  test('ends the workers of nobody any more when no daemon is there to count', async () => {
    const { pid } = (await world.status()).daemon
    assert.ok(pid !== null)
    const before = await restarts('four')
    process.kill(pid, 'SIGKILL')
    assert.equal((await get(`${world.url}/four/die?how=exit`)).status, 502)
    assert.deepEqual(await get(`${world.url}/four`), { status: 200, body: 'well' })
    // 2 while a worker that ended is not there again.
    assert.ok([0, 2].includes((await world.run('mfserv.start')).code))
    await settled('four')
    assert.ok((await restarts('four')) - before <= 2)
  })

  test('to an app whose workers fail to start is answered at once, and told when the next attempt is', async () => {
    const home = join(world.home, 'sources/broken')
    writeFile(join(home, '.layerapi2_label'), 'plugin_broken@mfserv\n')
    writeFile(join(home, 'config.ini'), `${GENERAL}[app_main]\n${APPS.one.config}`)
    writeFile(join(home, 'main/wsgi.py'), 'import nothing_of_that_name\n')
    symlinkSync(home, join(pathsOf(world.home).plugins, 'broken'))
    await world.until('it fails again and again', ({ plugins }) =>
      plugins.some(({ name, apps }) => name === 'broken' && apps.some(({ slots }) => (slots[0]?.failures ?? 0) >= 4)),
    )
    await untilNginxIsCalm(world)
    const began = performance.now()
    // Of a plugin that is being developed, who came through a proxy sees what visitors see.
    const answer = await ask(`${world.url}/broken`, { headers: { Via: '1.1 proxy' } })
    assert.equal(answer.status, 503)
    assert.match(answer.headers.get('Retry-After') ?? '', /^\d+$/)
    assert.match(await answer.text(), /failed to start/)
    // It may be just trying again.
    assert.ok(performance.now() - began < 5000)
  })

  async function whileAsked(name: Name, query: string) {
    await settled(name)
    const before = await restarts(name)
    const load = startLoad({ url: world.url, paths: [`/${name}`], perSecond: PER_SECOND, connections: 'fresh' })
    await load.further(PER_SECOND / 2)
    const began = performance.now()
    const { status } = await get(`${world.url}/${name}/${name === 'php' ? '?/die&' : 'die?'}${query}`)
    const ms = performance.now() - began
    await settled(name)
    await load.further(PER_SECOND / 2)
    const sent = await load.stop()
    return {
      others: sent.filter(({ method }) => method === 'GET'),
      fatal: { status, ms },
      ended: (await restarts(name)) - before,
    }
  }

  async function settled(name: Name): Promise<void> {
    await eventually(`${name} serves`, async () => ((await world.plugin(name)).state === 'serving' ? true : undefined))
  }

  async function restarts(name: Name): Promise<number> {
    return (await world.plugin(name)).apps.flatMap(({ slots }) => slots).reduce((sum, slot) => sum + slot.restarts, 0)
  }
})

function failures(sent: readonly Sent[]): readonly unknown[] {
  return sent.filter(({ outcome }) => outcome !== 200).map(({ outcome, began, ended }) => [outcome, Math.round(ended - began)])
}

function p99(sent: readonly Sent[]): number {
  const times = sent.map(({ began, ended }) => ended - began).sort((one, other) => one - other)
  return times[Math.ceil(times.length * 0.99) - 1] ?? 0
}

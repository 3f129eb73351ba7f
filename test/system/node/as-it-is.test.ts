import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server as NetServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { groupOf } from '../../../src/host/process/proc.ts'
import { tcpListenersOf } from '../../../src/host/process/tcp.ts'
import { startLoad } from '../../load/client.ts'
import { describe as describeVerdict, judge } from '../../load/verdict.ts'
import { mustMake } from '../make-plugin.ts'
import { develop, edit, eventually, freePort, get, newWorld, untilNginxIsCalm, type World, writeFile } from '../world.ts'

const GENERAL = '[general]\nversion=1.2.3\nsummary=s\nlicense=l\nurl=http://u\nmaintainer=m\nvendor=v\n'
const PACKAGES = { private: true, dependencies: { express: '5.3.0', fastify: '5.12.8' } }

/** As their authors wrote them for a port: none knows anything of mfserv. `TAKEN` is a port where something else listens. */
const APPS = {
  plain: {
    file: 'server.js',
    text: `const http = require('http')
const server = http.createServer((asked, answer) => {
  asked.resume().on('end', () => answer.end('first ' + asked.socket.remoteAddress))
})
server.listen(TAKEN, () => console.log('at', JSON.stringify(server.address())))`,
  },
  express: {
    file: 'server.js',
    text: `const express = require('express')
const app = express()
app.get('/asis/express', (q, s) => s.send('unmodified ' + q.ip))
app.listen(process.env.PORT || 23101, () => console.log('listening'))`,
  },
  esm: {
    file: 'server.mjs',
    text: `import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
await delay(50)
const port = process.env.PORT ?? '8080'
createServer((_asked, answer) => answer.end('esm')).listen({ port, host: '0.0.0.0' }, () => console.log('ready on ' + port))`,
  },
  /** As the adapter of SvelteKit has it: a port beside a path that is none. */
  both: {
    file: 'server.mjs',
    text: `import { createServer } from 'node:http'
const path = process.env.SOCKET_PATH ?? false
createServer((_asked, answer) => answer.end('both')).listen({ path, host: '0.0.0.0', port: process.env.PORT ?? TAKEN })`,
  },
  typed: {
    file: 'server.ts',
    text: `import http, { type Server } from 'node:http'
const port: number = Number(process.env.PORT ?? 8080)
const server: Server = http.createServer((_asked, answer) => { answer.end('typed') })
server.listen(port, '127.0.0.1')`,
  },
  fast: {
    file: 'server.js',
    text: `const fastify = require('fastify')({ logger: true })
fastify.get('/asis/fast', async () => 'fastify')
fastify.listen({ port: TAKEN }).then((at) => console.log('fastify says', at))`,
  },
  cluster: {
    file: 'server.js',
    text: `const cluster = require('node:cluster')
if (cluster.isPrimary) { cluster.fork(); cluster.fork() }
else require('node:http').createServer((_asked, answer) => answer.end('cluster ' + cluster.worker.id)).listen(TAKEN)`,
  },
  flags: {
    file: 'server.js',
    text: `const isLoud = process.argv.includes('--loud')
require('http').createServer((_asked, answer) => answer.end(isLoud ? 'FLAGS' : 'flags')).listen(TAKEN)`,
  },
} as const

const WITH_MORE_PORTS = {
  two: {
    file: 'server.js',
    text: `const http = require('http')
http.createServer((_asked, answer) => answer.end('the first')).listen(TAKEN)
http.createServer((_asked, answer) => answer.end('the second')).listen(OTHER, '127.0.0.1')`,
  },
  /** One that was written for mfserv: its first server is not what it serves. */
  metrics: {
    file: 'server.js',
    text: `const http = require('http')
http.createServer((_asked, answer) => answer.end('metrics')).listen(METRICS, '127.0.0.1', () => {
  setTimeout(() => http.createServer((_asked, answer) => answer.end('served')).listen(process.argv[2]), 20)
})`,
  },
} as const

interface Server {
  readonly file: string
  readonly text: string
}

describe('a Node server that listens on a port, as it is', () => {
  let world: World
  let home: string
  let taken: NetServer
  const ports: Record<string, number> = {}
  before(async () => {
    world = await newWorld()
    taken = createServer().listen(0)
    await once(taken, 'listening')
    const address = taken.address()
    Object.assign(ports, {
      TAKEN: typeof address === 'object' && address?.port,
      OTHER: await freePort(),
      METRICS: await freePort(),
    })
    home = plugin('asis', APPS)
    writeFile(join(home, 'package.json'), JSON.stringify(PACKAGES))
    writeFile(join(home, 'Makefile'), readFileSync(join(import.meta.dirname, '../../../templates/_every/Makefile'), 'utf8'))
    await world.start()
    await mustMake(world, home)
    await develop(world, plugin('more', WITH_MORE_PORTS))
  })
  after(async () => {
    taken.close()
    await world.end()
  })

  const answers: Readonly<Record<string, string>> = {
    plain: 'first 127.0.0.1',
    express: 'unmodified 127.0.0.1',
    esm: 'esm',
    both: 'both',
    typed: 'typed',
    fast: 'fastify',
    flags: 'flags',
  }
  for (const [name, body] of Object.entries(answers)) {
    test(`${name} answers`, async () => assert.deepEqual(await get(`${world.url}/asis/${name}`), { status: 200, body }))
  }

  test('is told the address that it asked for, although something else listens there', async () => {
    assert.ok(logOf('asis_plain').includes(`at {"address":"::","family":"IPv6","port":${ports['TAKEN']}}`), logOf('asis_plain'))
    assert.ok(logOf('asis_fast').includes(`fastify says http://127.0.0.1:${ports['TAKEN']}`), logOf('asis_fast'))
    assert.match(logOf('asis_esm'), /^ready on \d+$/m)
  })

  test('with processes of its own, by cluster, shares the socket between them', async () => {
    await eventually('both have answered', async () => {
      const bodies = await Promise.all(Array.from({ length: 4 }, async () => (await get(`${world.url}/asis/cluster`)).body))
      return (bodies.includes('cluster 1') && bodies.includes('cluster 2')) || undefined
    })
  })

  test('listens nowhere but on the socket; a second server is left as it is, and named', async () => {
    const listening = async (name: string): Promise<readonly number[]> =>
      (await pids(name)).flatMap((pid) => tcpListenersOf(groupOf(pid)).map(({ port }) => port))
    assert.deepEqual(await listening('asis'), [])
    assert.deepEqual(new Set(await listening('more')), new Set([ports['OTHER'], ports['METRICS']]))
    const bodies = ['/more/two', '/more/metrics'].map((path) => world.url + path)
    const urls = [...bodies, ...['OTHER', 'METRICS'].map((port) => `http://127.0.0.1:${ports[port]}/`)]
    const found = await Promise.all(urls.map(async (url) => (await get(url)).body))
    assert.deepEqual(found, ['the first', 'served', 'the second', 'metrics'])
    assert.ok(logOf('more_two').includes(`the one for port ${ports['OTHER']} is left as it is`))
    assert.doesNotMatch(logOf('more_metrics'), /mfserv:/)
  })

  test('and on a second port that two workers cannot have at once: an edit is refused with that, and what served goes on', async () => {
    const server = join(world.home, 'more/two/server.js')
    edit(server, 'the first', 'the next')
    const { stdout, stderr } = await world.run('_plugins.develop', [], { in: join(world.home, 'more') })
    assert.match(stdout + stderr, /EADDRINUSE/)
    assert.ok(`${stdout}${stderr}`.includes(`Port ${ports['OTHER']} is taken`), stdout + stderr)
    assert.equal((await get(`${world.url}/more/two`)).body, 'the first')
    await world.must('plugins.uninstall', ['more'])
  })

  test('is replaced under load without a lost request, also one that knows nothing of SIGTERM', async () => {
    await untilNginxIsCalm(world)
    const load = startLoad({ url: world.url, paths: ['/asis/plain'], perSecond: 60, connections: 'mixed' })
    try {
      await load.further(30)
      edit(join(home, 'plain/server.js'), "'first '", "'second '")
      await eventually('the new version is served', () => load.sent.at(-1)?.body.startsWith('second') === true || undefined)
      await load.further(30)
      await world.until('the old workers have gone', ({ plugins }) => plugins.every(({ state }) => state === 'serving'))
    } finally {
      await load.stop()
    }
    const verdict = judge(load.sent, [])
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
  })

  test('that speaks another protocol is named with its port and the way it can be served', async () => {
    const text = `require('http2').createServer().listen(${await freePort()}, '127.0.0.1')\n`
    const other = plugin('other', { h2: { file: 'server.js', text } }, 'start_timeout=1\n')
    const { stdout, stderr } = await world.run('_plugins.develop', [], { in: other })
    assert.match(stdout + stderr, /did not answer on its socket within \d+ s, and listens on 127\.0\.0\.1:\d+ instead/)
    assert.match(stdout + stderr, /type = command and main_arg = env PORT=\{port\} node FILE/)
  })

  function plugin(name: string, apps: Readonly<Record<string, Server>>, more = ''): string {
    const place = join(world.home, name)
    writeFile(join(place, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
    const sections = Object.entries(apps).map(([app, { file, text }]) => {
      writeFile(
        join(place, app, file),
        text.replace(/TAKEN|OTHER|METRICS/g, (word) => String(ports[word])),
      )
      return `[app_${app}]\ntype=node\nmain_arg=${file}\nworkers=${app === 'plain' ? 2 : 1}\n${more}`
    })
    writeFile(join(place, 'config.ini'), GENERAL + sections.join(''))
    return place
  }

  function logOf(name: string): string {
    return readFileSync(join(world.home, `log/app_${name}.log`), 'utf8')
  }

  async function pids(name: string): Promise<readonly number[]> {
    return (await world.plugin(name)).apps.flatMap(({ slots }) => slots.flatMap(({ pid }) => pid ?? []))
  }
})

import assert from 'node:assert/strict'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bootstrap, develop, edit, eventually, get, newWorld, setKey, type World, writeFile } from '../world.ts'

/** Says what it can do: `fetch` itself, compile WebAssembly, and which app and Node it is. */
const SERVER = `'use strict'
const http = require('node:http')
const [socketPath] = process.argv.slice(2)
// A function that adds two numbers.
const WASM = '0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b'
http
  .createServer(async (_request, response) => {
    const { status } = await fetch('http://127.0.0.1:' + process.env.MFSERV_NGINX_PORT + '/uuid')
    const { instance } = await WebAssembly.instantiate(Buffer.from(WASM, 'hex'))
    const said = [process.env.MFSERV_CURRENT_APP_NAME, status, instance.exports.add(40, 2), typeof globalThis.gc, process.env.OWN_NODE]
    response.end(said.join(' '))
  })
  .listen(socketPath)
process.once('SIGTERM', () => process.exit(0))
`
/** Logs in each way there is, before and after it waited for the other of two requests. */
const LOGGING = `'use strict'
const http = require('node:http')
const waiting = []
http
  .createServer(async (request, response) => {
    console.log('%s begins, 100%', request.url)
    if (request.url.endsWith('wait')) {
      await new Promise((resolve) => {
        waiting.push(resolve)
        if (waiting.length === 2) for (const go of waiting) go()
      })
    }
    console.error(new Error('no flour for ' + request.url))
    console.log(JSON.stringify({ url: request.url }))
    setTimeout(() => console.warn(request.url, 'is over', { bread: 0 }), 1)
    response.end(request.headers['x-request-id'])
  })
  .listen(process.argv[2])
console.log('listening')
process.once('SIGTERM', () => process.exit(0))
`
/** Handlers that do not know of the time they have: one answers when it is over, before anything else happens. */
const TARDY = `
app.get('/tardy/at-the-moment', (_request, response) => {
  response.on('timeout', () => {
    response.type('text').send('late')
    console.log('over: at-the-moment')
  })
})
app.get('/tardy/late', (_request, response) => {
  response.on('close', () => {
    response.type('text').send('late')
    console.log('over: late')
  })
})
app.get('/tardy/begun', (_request, response) => {
  response.write('begun')
  response.on('close', () => {
    response.write('more')
    response.end()
    console.log('over: begun')
  })
})
`
let world: World

before(async () => {
  world = await newWorld()
  await world.start()
})
after(() => world.end())

test('two Node apps of one plugin run side by side, with fetch and WebAssembly under the default limits and node options', async () => {
  const home = await withoutPackages('pair')
  setKey(home, 'node_extra_opts', '--expose-gc')
  setKey(home, 'workers', '2')
  const config = readFileSync(join(home, 'config.ini'), 'utf8')
  assert.match(config, /^rlimit_nofile=1000$/m)
  const [, section = ''] = config.split('[app_pair]')
  writeFileSync(join(home, 'config.ini'), `${config}\n[app_second]\n${section.replace('--expose-gc', '')}`)
  for (const app of ['pair', 'second']) writeFile(join(home, app, 'server.js'), SERVER)
  await serve(home)
  assert.equal((await get(`${world.url}/pair/pair`)).body, 'pair 200 42 function ')
  assert.equal((await get(`${world.url}/pair/second`)).body, 'second 200 42 undefined ')
})

test('a plugin that depends on a Node from npm runs on that one', async () => {
  const home = await bootstrap(world, 'own', 'node')
  const program = join(home, 'lib/node/bin/node')
  // As the package node of npm: a program in bin, with the place of its own.
  writeFile(join(home, 'lib/node/package.json'), '{ "name": "node", "version": "99.0.0", "bin": { "node": "bin/node" } }\n')
  writeFile(program, `#!/bin/sh\nOWN_NODE=own exec '${process.execPath}' "$@"\n`)
  chmodSync(program, 0o755)
  writeFile(join(home, 'package.json'), '{ "private": true, "dependencies": { "node": "file:./lib/node" } }\n')
  writeFile(join(home, 'own/server.js'), SERVER)
  await serve(home)
  assert.equal((await get(`${world.url}/own`)).body, 'own 200 42 undefined own')
})

test('what console writes during a request has the id of the request, however many are under way', async () => {
  const home = await withoutPackages('talk')
  setKey(home, 'workers', '1')
  writeFile(join(home, 'talk/server.js'), LOGGING)
  await serve(home)
  const paths = ['/talk/one?wait', '/talk/two?wait']
  const ids = await Promise.all(paths.map(async (path) => (await get(world.url + path)).body))
  assert.notEqual(ids[0], ids[1])
  const log = join(world.home, 'log/app_talk_talk.log')
  const text = await eventually('both are over', () => {
    const written = readFileSync(log, 'utf8')
    return paths.every((path) => written.includes(`${path} is over`)) ? written : undefined
  })
  const lines = text.split('\n')
  assert.ok(lines.includes('listening'))
  for (const [index, path] of paths.entries()) {
    const id = `{request_id=${ids[index]}}`
    assert.ok(lines.includes(`${path} begins, 100% ${id}`), text)
    assert.ok(lines.includes(`${path} is over { bread: 0 } ${id}`), text)
    assert.ok(lines.includes(`Error: no flour for ${path} ${id}`), text)
    assert.ok(lines.includes(`{"url":"${path}"}`), text)
  }
})

test('a handler of the template that answers after its 504, or goes on with an answer that was cut, does not end the worker', async () => {
  const home = await bootstrap(world, 'tardy', 'node')
  setKey(home, 'workers', '1')
  setKey(home, 'timeout', '1')
  edit(join(home, 'tardy/server.js'), "app.get('/tardy'", `${TARDY}app.get('/tardy'`)
  await serve(home)
  const pidOf = async (): Promise<number | null | undefined> => (await world.plugin('tardy')).apps[0]?.slots[0]?.pid
  const before = await pidOf()
  const late = ['/at-the-moment', '/late'].map((path) => get(`${world.url}/tardy${path}`))
  for (const { status } of await Promise.all(late)) assert.equal(status, 504)
  await assert.rejects(get(`${world.url}/tardy/begun`), 'the client learns that the answer is not whole')
  await eventually('all handlers are over', () => {
    const text = readFileSync(join(world.home, 'log/app_tardy_tardy.log'), 'utf8')
    return ['at-the-moment', 'late', 'begun'].every((path) => text.includes(`over: ${path}`)) ? true : undefined
  })
  assert.deepEqual(await get(`${world.url}/tardy`), { status: 200, body: 'Hello World tardy!' })
  assert.equal(await pidOf(), before)
})

/** For a server that needs no Express. */
async function withoutPackages(name: string): Promise<string> {
  const home = await bootstrap(world, name, 'node')
  rmSync(join(home, 'package.json'))
  return home
}

async function serve(home: string): Promise<void> {
  await world.must('mfserv', ['make'], { in: home })
  await develop(world, home)
}

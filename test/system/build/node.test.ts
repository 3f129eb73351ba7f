import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { build, failure, inode, NO_PYTHON, plugin, ROOT, run } from './building.ts'

test('a new node plugin builds, answers Hello World, and is not built a second time', async () => {
  const home = await builtNodePlugin()
  assert.doesNotMatch(readFileSync(join(home, 'package-lock.json'), 'utf8'), /"resolved"|https?:\/\/[^"]*registry/)
  const first = inode(home, 'node_modules')
  assert.deepEqual(await build(home), [])
  assert.equal(inode(home, 'node_modules'), first)
  assert.deepEqual(readdirSync(join(home, 'local')), ['build.lock'])

  rmSync(join(home, 'node_modules'), { recursive: true })
  assert.deepEqual(await build(home), ['node_modules'])
  assert.deepEqual(await build(home), [])

  addRoute(home, "app.get('/never', () => process.emit('never'))")
  const { child, socket } = serve(home)
  assert.deepEqual(await get(socket, '/shop'), { status: 200, body: 'Hello World shop!' })
  assert.equal((await get(socket, '/shop/x')).status, 404)
  assert.equal((await get(socket, '/never')).status, 504)
  assert.equal((await get(socket, '/shop')).status, 200)
  await stop(child)
})

test('a node worker asked to stop finishes the request it is in, and removes its socket', async () => {
  const home = await builtNodePlugin()
  addRoute(
    home,
    "app.get('/slow', (_q, r) => { process.once('SIGTERM', () => setImmediate(() => r.send('done'))); process.kill(process.pid, 'SIGTERM') })",
  )
  const { child, socket } = serve(home)
  const exit = once(child, 'exit')
  assert.deepEqual(await get(socket, '/slow'), { status: 200, body: 'done' })
  assert.deepEqual(await exit, [0, null])
  assert.equal(existsSync(socket), false)
})

test('a node worker starts where a killed one left its socket', async () => {
  const home = await builtNodePlugin()
  const killed = serve(home)
  assert.equal((await get(killed.socket, '/shop')).status, 200)
  const exit = once(killed.child, 'exit')
  killed.child.kill('SIGKILL')
  await exit
  assert.ok(existsSync(killed.socket))
  const { child, socket } = serve(home)
  assert.equal((await get(socket, '/shop')).status, 200)
  await stop(child)
})

test('a package that does not exist is named with its line, and the node_modules of before stay', async () => {
  const home = await builtNodePlugin()
  const first = inode(home, 'node_modules')
  writePackage(home, { dependencies: { express: '^5.0.0', '@mfserv-test/no-such-package': '^9' } })
  const problem = await failure(build(home))
  assert.deepEqual([problem.code, problem.where], ['BUILD_FAILED', { file: join(home, 'package.json'), line: 4 }])
  assert.match(problem.message, /@mfserv-test(\/|%2f)no-such-package/)
  assert.equal(inode(home, 'node_modules'), first)
  assert.equal(existsSync(join(home, 'local/node.tmp')), false)
})

test('a package.json that is not JSON is said with its line before any tool runs', async () => {
  const home = plugin('node')
  writeFileSync(join(home, 'package.json'), '{\n  "dependencies": {\n    express: "^5"\n  }\n}\n')
  const problem = await failure(build(home, NO_PYTHON, { PATH: '/nonexistent' }))
  assert.deepEqual([problem.code, problem.where], ['BUILD_FAILED', { file: join(home, 'package.json'), line: 3 }])
})

test('a machine without npm is told what to install', async () => {
  const problem = await failure(build(plugin('node'), NO_PYTHON, { PATH: '/nonexistent' }))
  assert.equal(problem.code, 'TOOL_MISSING')
  assert.match(problem.fix, /apt install npm/)
})

test('a package in the plugin itself is installed in place, and a failure puts the old node_modules back', async () => {
  const home = plugin('node', {
    'lib/tax/package.json': '{"name": "tax", "version": "1.0.0", "main": "i.js"}',
    'lib/tax/i.js': 'module.exports = 7\n',
  })
  writePackage(home, { dependencies: { tax: 'file:./lib/tax' } })
  assert.deepEqual(await build(home), ['package-lock.json', 'node_modules'])
  assert.deepEqual(await build(home), [])
  const seven = [process.execPath, '-p', `require(${JSON.stringify(join(home, 'node_modules/tax'))})`] as const
  assert.equal(run(seven).trim(), '7')
  writePackage(home, { dependencies: { tax: 'file:./lib/tax', '@mfserv-test/no-such-package': '^9' } })
  assert.equal((await failure(build(home))).code, 'BUILD_FAILED')
  assert.equal(run(seven).trim(), '7')
})

let builtNode: Promise<string> | undefined

/** A copy of a node plugin that was built once. */
async function builtNodePlugin(): Promise<string> {
  builtNode ??= (async () => {
    const home = plugin('node')
    assert.deepEqual(await build(home), ['package-lock.json', 'node_modules'])
    return home
  })()
  const home = join(mkdtempSync(join(ROOT, 'plugin-')), 'shop')
  cpSync(await builtNode, home, { recursive: true, verbatimSymlinks: true })
  return realpathSync(home)
}

function writePackage(home: string, json: object): void {
  writeFileSync(join(home, 'package.json'), JSON.stringify(json, null, 2))
}

function addRoute(home: string, route: string): void {
  const file = join(home, 'shop/server.js')
  writeFileSync(file, readFileSync(file, 'utf8').replace("app.get('/shop'", `${route}\n$&`))
}

function serve(home: string) {
  const socket = join(home, '../s')
  const child = spawn(process.execPath, [join(home, 'shop/server.js'), socket, '1'], { stdio: ['ignore', 'inherit', 'inherit'] })
  return { child, socket }
}

async function stop(child: ReturnType<typeof serve>['child']): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  assert.deepEqual(await exit, [0, null])
}

/** Asks again until somebody listens on the socket. */
async function get(socketPath: string, path: string): Promise<{ status: number | undefined; body: string }> {
  const { promise, resolve: done, reject } = Promise.withResolvers<{ status: number | undefined; body: string }>()
  const attempt = (): void => {
    request({ socketPath, path }, (response) => {
      const parts: string[] = []
      response.setEncoding('utf8').on('data', (text: string) => parts.push(text))
      response.on('end', () => done({ status: response.statusCode, body: parts.join('') }))
    })
      .on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') setTimeout(attempt, 10)
        else reject(error)
      })
      .end()
  }
  attempt()
  return promise
}

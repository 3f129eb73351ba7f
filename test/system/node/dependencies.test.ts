import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { build, GENERAL, writtenPlugin } from '../make-plugin.ts'
import { edit, eventually, freePort, get, newWorld, type Ran, type World, writeFile } from '../world.ts'
import { type NodeRegistry, newNodeRegistry } from './registry.ts'

const TOKEN = 'a-token-that-nobody-may-see'

let world: World
let registry: NodeRegistry

before(async () => {
  world = await newWorld()
  registry = await newNodeRegistry(TOKEN, { tea: ['1.0.0', '1.1.0'], cup: ['1.0.0'] })
  await world.start()
})
after(async () => {
  registry.close()
  await world.end()
})

test('workspaces are linked and served, a change in one of them is noticed, and a release brings them', async () => {
  const home = writtenPlugin(world, 'mono', {
    'config.ini': app('../packages/web/server.js'),
    'package.json': '{"private": true, "workspaces": ["packages/*"]}',
    'packages/web/package.json': '{"name": "@acme/web", "version": "1.0.0", "dependencies": {"@acme/lib": "*"}}',
    'packages/web/server.js': server("require('@acme/lib')"),
    'packages/lib/package.json': '{"name": "@acme/lib", "version": "1.0.0", "main": "index.js"}',
    'packages/lib/index.js': "module.exports = 'lib'",
    'extra/package.json': '{"name": "extra", "version": "1.0.0", "main": "index.js"}',
    'extra/index.js': "module.exports = 'extra'",
  })
  assert.match((await must(home)).stdout, /built package-lock\.json, node_modules/)
  assert.deepEqual(await get(`${world.url}/mono`), { status: 200, body: 'lib' })
  assert.match((await must(home)).stdout, /everything is built/)
  edit(join(home, 'packages/lib/package.json'), '"main"', '"dependencies": {"extra": "file:../../extra"}, "main"')
  writeFile(join(home, 'packages/lib/index.js'), "module.exports = 'lib and ' + require('extra')")
  const changed = await must(home)
  assert.match(changed.stdout, /built package-lock\.json, node_modules/)
  assert.match(changed.stderr, /package-lock\.json does not fit: .*extra.*\(NODE_LOCK\)/)
  // nginx asks the workers before over the connections it has to them, for up to a second.
  const served = await eventually('the change is served', async () => {
    const got = await get(`${world.url}/mono`)
    return got.body === 'lib and extra' ? got : undefined
  })
  await must(home, 'release')
  assert.deepEqual(await installed('mono', home), served)
})

test('development packages are there for the build, and not in the release', async () => {
  const home = writtenPlugin(world, 'compiled', {
    'config.ini': app('../gen/server.js').replace('[app_web]', 'build=npm run build\n[app_web]'),
    '.gitignore': '/gen/\n/node_modules\n',
    'package.json':
      '{"scripts": {"build": "compile src gen"}, "dependencies": {"used": "file:used.tgz"}, "devDependencies": {"compile": "file:compile.tgz"}}',
    'src/server.js': server("require('used')"),
  })
  pack(home, 'used', { 'index.js': "module.exports = 'used'" })
  pack(home, 'compile', {
    'index.js': '#!/usr/bin/env node\nrequire("fs").cpSync(process.argv[2], process.argv[3], { recursive: true })\n',
  })
  await must(home)
  const served = await get(`${world.url}/compiled`)
  assert.deepEqual(served, { status: 200, body: 'used' })
  const { stderr } = await must(home, 'release')
  assert.match(stderr, /Left out \(development dependencies\): node_modules\/compile\//)
  const files = filesOf(home, 'compiled')
  assert.ok(files.includes('metwork_plugin/node_modules/used/index.js'))
  assert.deepEqual(
    files.filter((path) => path.includes('node_modules') && path.includes('compile')),
    [],
  )
  assert.deepEqual(await installed('compiled', home), served)
})

test('a private registry is asked with the token of the environment, which is in no message and no release', async () => {
  const home = writtenPlugin(world, 'private', {
    'config.ini': app('server.js'),
    '.npmrc': npmrc(),
    'package.json': '{\n  "dependencies": {\n    "cup": "^1.0.0"\n  }\n}\n',
    'web/server.js': server("require('cup')"),
  })
  const refused = await make(home, 'all')
  assert.notEqual(refused.code, 0)
  assert.match(refused.stderr, /E401[\s\S]*\(BUILD_FAILED\)[\s\S]*The registry wants a token/)
  assert.match(refused.stderr, /\/private\/\.npmrc:1 {2}the registry http:\S+ lets nobody in without a token that it knows/)
  assert.doesNotMatch(refused.stderr, /Correct package\.json/)
  const wrong = await make(home, 'all', { SHOP_TOKEN: 'another-token' })
  assert.doesNotMatch(wrong.stdout + wrong.stderr, /another-token/)
  const made = await must(home, 'release', { SHOP_TOKEN: TOKEN })
  assert.match(made.stderr, /Left out \(it may hold secrets\): \.npmrc/)
  assert.ok(!filesOf(home, 'private').some((path) => path.endsWith('.npmrc')))
  for (const file of ['package-lock.json', 'node_modules/.package-lock.json'])
    assert.doesNotMatch(readFileSync(join(home, file), 'utf8'), new RegExp(`${TOKEN}|127\\.0\\.0\\.1`))
  edit(join(home, 'package.json'), '"cup"', '"no-such-cup"')
  const missing = await make(home, 'all', { SHOP_TOKEN: TOKEN })
  assert.match(missing.stderr, /package\.json:3 [\s\S]*404[\s\S]*no-such-cup[\s\S]*Correct line 3 of package\.json/)
  assert.doesNotMatch(missing.stderr, new RegExp(TOKEN))
})

test('a registry that does not answer is named with its line at once, and nothing is changed', async () => {
  const port = await freePort()
  const home = writtenPlugin(world, 'dead', {
    'config.ini': app('server.js'),
    '.npmrc': `# ours\nregistry=http://127.0.0.1:${port}/\n`,
    'package.json': '{"dependencies": {"cup": "^1.0.0"}}',
    'web/server.js': server("require('cup')"),
  })
  const { code, stderr } = await make(home, 'all')
  assert.notEqual(code, 0)
  assert.match(stderr, new RegExp(`/dead/\\.npmrc:2 {2}the registry http://127\\.0\\.0\\.1:${port}/ does not answer: .* refused`))
  assert.match(stderr, /Or correct line 2 of \.npmrc\. Nothing was changed\./)
  assert.deepEqual([existsSync(join(home, 'node_modules')), existsSync(join(home, 'package-lock.json'))], [false, false])
})

test('a yarn.lock says the versions where there is no lock of npm, also when it changes later', async () => {
  const yarnLock = '# yarn lockfile v1\n\n\ntea@^1.0.0:\n  version "1.0.0"\n'
  const home = writtenPlugin(world, 'tea', {
    'config.ini': app('server.js'),
    '.npmrc': npmrc(),
    'package.json': '{"dependencies": {"tea": "^1.0.0"}}',
    'yarn.lock': yarnLock,
    'web/server.js': server("require('tea')"),
  })
  const env = { SHOP_TOKEN: TOKEN }
  await must(home, 'develop', env)
  assert.deepEqual(await get(`${world.url}/tea`), { status: 200, body: 'tea 1.0.0' })
  assert.equal(readFileSync(join(home, 'yarn.lock'), 'utf8'), yarnLock)
  edit(join(home, 'yarn.lock'), '"1.0.0"', '"1.1.0"')
  const again = await must(home, 'all', env)
  assert.doesNotMatch(again.stderr, /NODE_LOCK/)
  assert.match(readFileSync(join(home, 'package-lock.json'), 'utf8'), /"version": "1\.1\.0"/)
})

test('npm-shrinkwrap.json is the lock where there is one', async () => {
  const lock = {
    name: 'shrunk',
    lockfileVersion: 3,
    requires: true,
    packages: { '': { dependencies: { tea: '^1.0.0' } }, 'node_modules/tea': { version: '1.0.0' } },
  }
  const home = writtenPlugin(world, 'shrunk', {
    'config.ini': app('server.js'),
    '.npmrc': npmrc(),
    'package.json': '{"dependencies": {"tea": "^1.0.0"}}',
    'npm-shrinkwrap.json': JSON.stringify(lock),
    'web/server.js': server("require('tea')"),
  })
  await must(home, 'release', { SHOP_TOKEN: TOKEN })
  assert.ok(!existsSync(join(home, 'package-lock.json')))
  assert.deepEqual(await installed('shrunk', home), { status: 200, body: 'tea 1.0.0' })
})

test('a Node that .nvmrc or engines asks for is looked for and served with; one that is nowhere is named with the ways to get it', async () => {
  const managed = join(world.home, 'nvm/versions/node/v18.20.1/bin/node')
  writeFile(
    managed,
    `#!/bin/sh\nif [ "$1" = -p ]; then echo '18.20.1 108'; else CHOSEN=yes exec '${process.execPath}' "$@"; fi\n`,
  )
  chmodSync(managed, 0o755)
  const env = { NVM_DIR: join(world.home, 'nvm') }
  const home = writtenPlugin(world, 'aged', {
    'config.ini': app('server.js').replace('[app_web]', 'build=node build.js\n[app_web]'),
    '.nvmrc': '# the line of the server\nlts/hydrogen\n',
    'build.js': "require('fs').writeFileSync('built.txt', String(process.env.CHOSEN))",
    'web/server.js': server("process.env.CHOSEN + ' ' + require('fs').readFileSync(__dirname + '/../built.txt')"),
  })
  const made = await must(home, 'develop', env)
  assert.match(made.stderr, /Using Node 18\.20\.1 of .*v18\.20\.1\/bin\/node: \.nvmrc asks for lts\/hydrogen/)
  assert.deepEqual(await get(`${world.url}/aged`), { status: 200, body: 'yes yes' })
  assert.match((await must(home, 'release', env)).stdout, /needs +Node 18\n/)
  assert.ok(filesOf(home, 'aged').includes('metwork_plugin/.nvmrc'))
  writeFile(join(home, '.nvmrc'), '\n')
  writeFile(join(home, 'package.json'), '{\n  "engines": {\n    "node": ">=99"\n  }\n}\n')
  const nowhere = await must(home, 'develop', env)
  assert.match(
    nowhere.stderr,
    /package\.json:3 .*engines in package\.json asks for >=99; there is no such Node here.*\(NODE_VERSION\)\s+Install one/,
  )
  await eventually('the Node of mfserv serves', async () =>
    (await get(`${world.url}/aged`)).body === 'undefined undefined' ? true : undefined,
  )
})

function app(entry: string): string {
  return `${GENERAL}[app_web]\ntype=node\nmain_arg=${entry}\nworkers=1\n`
}

/** Answers with what an expression is. */
function server(expression: string): string {
  return `const said = ${expression}
require('http').createServer((_request, response) => response.end(said)).listen(process.argv[2])
process.once('SIGTERM', () => process.exit(0))
`
}

function npmrc(): string {
  // npm puts the variable in.
  return `registry=http://127.0.0.1:${registry.port}/\n//127.0.0.1:${registry.port}/:_authToken=$`.concat('{SHOP_TOKEN}\n')
}

/** An archive of a package, as npm packs it. */
function pack(home: string, name: string, files: Readonly<Record<string, string>>): void {
  const packageJson = JSON.stringify({ name, version: '1.0.0', main: 'index.js', bin: 'index.js' })
  for (const [path, text] of Object.entries({ ...files, 'package.json': packageJson }))
    writeFile(join(home, 'local/packed', name, 'package', path), text)
  execFileSync('tar', ['-czf', join(home, `${name}.tgz`), '-C', join(home, 'local/packed', name), 'package'])
}

type Target = 'all' | 'develop' | 'release'

/** With these variables in the environment of the commands alone. */
async function make(home: string, target: Target = 'develop', env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  Object.assign(process.env, env)
  try {
    return await build(world, home, target)
  } finally {
    for (const name of Object.keys(env)) delete process.env[name]
  }
}

async function must(home: string, target: Target = 'develop', env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const ran = await make(home, target, env)
  if (ran.code !== 0) throw new Error(`${target} ended with ${ran.code}\n${ran.stdout}${ran.stderr}`)
  return ran
}

function released(home: string, name: string): string {
  return join(home, `${name}-1.0-1.metwork.mfserv.plugin`)
}

function filesOf(home: string, name: string): readonly string[] {
  return execFileSync('tar', ['-tzf', released(home, name)], { encoding: 'utf8' }).split('\n')
}

/** What an installed release answers; the network is not used for it. */
async function installed(name: string, home: string): Promise<{ readonly status: number; readonly body: string }> {
  await world.run('plugins.uninstall', [name])
  await world.must('plugins.install', [released(home, name)])
  return get(`${world.url}/${name}`)
}

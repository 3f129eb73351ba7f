import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { build, GENERAL, make, mustBuild, mustMake, writtenPlugin } from '../make-plugin.ts'
import { edit, eventually, get, newWorld, type World, writeFile } from '../world.ts'

const APP = '[app_web]\ntype=node\nmain_arg=../gen/server.js\nworkers=1\n'
const SERVER = `require('http').createServer((_request, response) => response.end(require('./said') + '')).listen(process.argv[2])
process.once('SIGTERM', () => process.exit(0))
`
/** What a compiler does: it reads sources, writes into a directory that git does not keep, and may find a mistake. */
const BUILD = `set -e
grep -q mistake src/said.ts && { echo 'src/said.ts(1,1): error: a mistake'; exit 3; }
mkdir -p gen
cp -p src/server.ts gen/server.js
cp -p src/said.ts gen/said.js
echo "$MFSERV_CURRENT_PLUGIN_NAME" > gen/plugin.txt
`

let world: World

before(async () => {
  world = await newWorld()
  await world.start()
})
after(() => world.end())

test('build makes what main_arg names, runs again only when something changed, and is never needed where the release is installed', async () => {
  const home = writtenPlugin(world, 'built', {
    'config.ini': `${GENERAL}build=sh build.sh\n${APP}`,
    '.gitignore': '/gen/\n',
    '.releaseignore': '/local\n/src\nMakefile\n/build.sh\n',
    'build.sh': BUILD,
    'src/server.ts': SERVER,
    'src/said.ts': 'module.exports = "one"',
  })
  const first = await mustBuild(world, home)
  assert.match(first.stdout, /built its sources \(sh build\.sh\)/)
  assert.deepEqual(await get(`${world.url}/built`), { status: 200, body: 'one' })
  assert.match((await mustBuild(world, home)).stdout, /everything is built/)
  edit(join(home, 'src/said.ts'), 'one', 'two')
  await mustBuild(world, home)
  await eventually('the new one is served', async () => ((await get(`${world.url}/built`)).body === 'two' ? true : undefined))
  const { stderr } = await mustBuild(world, home, 'release')
  assert.doesNotMatch(stderr, /Running the build|gen\//)
  await world.must('plugins.uninstall', ['built'])
  const file = join(home, 'built-1.0-1.metwork.mfserv.plugin')
  const installed = await world.must('plugins.install', [file])
  assert.doesNotMatch(installed.stdout + installed.stderr, /build\.sh/)
  assert.deepEqual(await get(`${world.url}/built`), { status: 200, body: 'two' })
})

test('a build that fails is told with its words, its exit code and the line of the key; what was served goes on', async () => {
  const home = writtenPlugin(world, 'fails', {
    'config.ini': `${GENERAL}build=sh build.sh\n${APP}`,
    'build.sh': BUILD,
    'src/server.ts': SERVER,
    'src/said.ts': 'module.exports = "one"',
  })
  await mustBuild(world, home)
  edit(join(home, 'src/said.ts'), 'one', 'mistake')
  const { code, stderr } = await build(world, home)
  assert.notEqual(code, 0)
  assert.match(
    stderr,
    /config\.ini:8 .*sh build\.sh ended with code 3:[\s\S]*src\/said\.ts\(1,1\): error: a mistake[\s\S]*\(BUILD_FAILED\)/,
  )
  assert.deepEqual(await get(`${world.url}/fails`), { status: 200, body: 'one' })
  assert.notEqual((await build(world, home, 'release')).code, 0)
  assert.ok(!existsSync(join(home, 'fails-1.0-1.metwork.mfserv.plugin')))
})

test('a build that does not make what main_arg names is told so', async () => {
  const home = writtenPlugin(world, 'forgets', { 'config.ini': `${GENERAL}build=mkdir -p gen\n${APP}` })
  const { code, stderr } = await build(world, home)
  assert.notEqual(code, 0)
  assert.match(stderr, /config\.ini:11 .*main_arg needs .*gen\/server\.js.*\(PLUGIN_FILE_MISSING\)/)
})

test('custom:: may make what main_arg names: it is missed only after it ran', async () => {
  const files = { 'config.ini': `${GENERAL}${APP}`, 'src/server.ts': SERVER, 'src/said.ts': 'module.exports = "custom"' }
  const home = writtenPlugin(world, 'customs', files, 'custom::\n\tmkdir -p gen && cp src/server.ts gen/server.js\n')
  writeFile(join(home, 'gen/said.js'), files['src/said.ts'])
  await mustMake(world, home)
  assert.deepEqual(await get(`${world.url}/customs`), { status: 200, body: 'custom' })
  const lazy = writtenPlugin(world, 'lazy', files, 'custom::\n\tmkdir -p gen\n')
  const { code, stderr } = await make(world, lazy)
  assert.notEqual(code, 0)
  assert.equal(stderr.match(/main_arg needs/g)?.length, 1)
  assert.match(stderr, /PLUGIN_FILE_MISSING/)
})

test('what main_arg names may come with a package: that it is missing is shown at once, and refused when all is built', async () => {
  const home = writtenPlugin(world, 'packaged', {
    'config.ini': `${GENERAL}[app_web]\ntype=node\nmain_arg=../node_modules/said/server.js\nworkers=1\n`,
    'package.json': '{ "private": true, "dependencies": { "said": "file:libs/said" } }\n',
    'libs/said/package.json': '{ "name": "said", "version": "1.0.0" }\n',
    'libs/said/server.js': SERVER,
    'libs/said/said.js': 'module.exports = "packed"',
  })
  const made = await mustBuild(world, home)
  assert.match(
    made.stderr,
    /config\.ini:\d+ {2}main_arg needs web\/\.\.\/node_modules\/said\/server\.js.*\n.*\nInstalling 1 Node package/,
  )
  assert.deepEqual(await get(`${world.url}/packaged`), { status: 200, body: 'packed' })
  edit(join(home, 'config.ini'), 'said/server.js', 'said/none.js')
  const refused = await build(world, home)
  assert.equal(refused.code, 1)
  assert.equal(refused.stderr.match(/main_arg needs/g)?.length, 1, 'nothing was built, so it is said once')
  assert.deepEqual(await get(`${world.url}/packaged`), { status: 200, body: 'packed' })
})

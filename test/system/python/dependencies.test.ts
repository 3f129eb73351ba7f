import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { findUv } from '../../../src/host/programs/python-framework.ts'
import { build, mustBuild } from '../make-plugin.ts'
import { edit, get, writeFile } from '../world.ts'
import { CONFIG, FROZEN, plugin, saying, TO_FREEZE, wheel, wheelsOf, world } from './started.ts'

test('an application with requirements.txt alone is served: includes, constraints and markers count, development packages do not', async () => {
  const home = plugin('listed', {
    'requirements.txt': '-r requirements/base.txt\n-c limits.txt\niniconfig ; python_version < "3"\n',
    'requirements/base.txt': 'six\n',
    'limits.txt': 'six==1.16.0\n',
    'requirements-dev.txt': 'pluggy\n',
    'main/wsgi.py': saying('six', 'six.__version__'),
  })
  await mustBuild(world, home)
  assert.equal((await get(`${world.url}/listed/`)).body, '1.16.0')
  assert.match(readFileSync(join(home, FROZEN), 'utf8'), /^# Frozen from requirements\.txt \(\w+\) .*\nsix==1\.16\.0\n$/)
  writeFile(join(home, 'limits.txt'), 'six==1.17.0\n')
  await mustBuild(world, home)
  assert.match(readFileSync(join(home, FROZEN), 'utf8'), /\nsix==1\.17\.0\n$/, 'a change of an included file is noticed')
  writeFile(join(home, 'requirements/base.txt'), 'six==1.16.0\n')
  const { stderr } = await build(world, home)
  assert.match(stderr, /requirements\/base\.txt:1 {2}/, 'the line of the file that says it')
})

test('hashes are held to: a package that is another one is refused, with the line', async () => {
  const home = plugin('hashed', { 'main/wsgi.py': saying('acme', 'acme.VALUE') })
  const { file, bytes } = wheel(home, 'acme', '1', 'VALUE = 1')
  mkdirSync(join(home, 'wheels'))
  writeFileSync(join(home, 'wheels', file), bytes)
  const right = createHash('sha256').update(bytes).digest('hex')
  const requirements = (hash: string): string => `--no-index\n--find-links ./wheels\nacme==1 \\\n  --hash=sha256:${hash}\n`
  writeFile(join(home, 'requirements.txt'), requirements('0'.repeat(64)))
  const { code, stderr } = await build(world, home)
  assert.notEqual(code, 0)
  assert.match(stderr, /\/hashed\/requirements\.txt:3 {2}[\s\S]*[Hh]ash mismatch/)
  writeFile(join(home, 'requirements.txt'), requirements(right))
  await mustBuild(world, home)
  assert.equal((await get(`${world.url}/hashed/`)).body, '1')
  await mustBuild(world, home, 'release')
  assert.deepEqual(wheelsOf(home), ['acme-1'], '--find-links counts for the release too')
})

test('pyproject.toml is enough, and the application is a package where it is built as one', async () => {
  const backend = '[build-system]\nrequires = ["flit_core==3.12.0"]\nbuild-backend = "flit_core.buildapi"\n'
  const project = '[project]\nname = "shop"\nversion = "1.0"\ndescription = "x"\ndependencies = ["six==1.17.0"]\n'
  const home = plugin('shop', {
    'pyproject.toml': `${backend}${project}[dependency-groups]\ndev = ["pluggy"]\n`,
    'src/shop/__init__.py': 'def hi(): return "shop 1"\n',
    'main/wsgi.py': saying('shop, six, importlib.metadata', 'shop.hi(), importlib.metadata.version("shop")'),
  })
  await mustBuild(world, home)
  assert.equal((await get(`${world.url}/shop/`)).body, 'shop 1 1.0')
  await mustBuild(world, home, 'release')
  assert.deepEqual(wheelsOf(home), ['shop-1.0', 'six-1.17.0'])
  await world.must('plugins.uninstall', ['shop'])
  await world.must('plugins.install', [join(home, 'shop-1.0-1.metwork.mfserv.plugin')])
  assert.equal((await get(`${world.url}/shop/`)).body, 'shop 1 1.0')
})

test('uv.lock decides the versions, and one that does not fit pyproject.toml is named', async () => {
  const project = '[project]\nname = "locked"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["six<1.17"]\n'
  const home = plugin('locked', { 'pyproject.toml': project, 'main/wsgi.py': saying('six', 'six.__version__') })
  const uv = findUv(pathsOf(world.home))
  assert.ok(uv !== undefined, 'mfserv has installed uv')
  execFileSync(uv, ['lock', '--quiet', '--project', home])
  await mustBuild(world, home)
  assert.equal((await get(`${world.url}/locked/`)).body, '1.16.0')
  assert.match(readFileSync(join(home, FROZEN), 'utf8'), /^# Frozen from uv\.lock .*\nsix==1\.16\.0 \\\n {4}--hash=sha256:/)
  const right = readFileSync(join(home, 'uv.lock'), 'utf8')
  writeFile(join(home, 'uv.lock'), `<<<<<<< HEAD\n${right}`)
  const torn = await build(world, home)
  assert.notEqual(torn.code, 0)
  assert.match(torn.stderr, /\/locked\/uv\.lock:1 {2}uv\.lock cannot be read:[\s\S]*remove it and run "uv lock"/)
  writeFile(join(home, 'uv.lock'), right)
  edit(join(home, 'pyproject.toml'), 'six<1.17', 'six<1.16')
  const { code, stderr } = await build(world, home)
  assert.notEqual(code, 0)
  assert.match(stderr, /\/locked\/uv\.lock {2}uv\.lock does not fit pyproject\.toml/)
  assert.match(stderr, /Run "uv lock"/)
  assert.equal((await get(`${world.url}/locked/`)).body, '1.16.0')
})

test('the sources of MFSERV win where they are, and what is not read is said', async () => {
  const home = plugin('both', {
    [TO_FREEZE]: 'six==1.16.0\n',
    'requirements.txt': 'six==1.17.0\n',
    'main/wsgi.py': saying('six', 'six.__version__'),
  })
  const { stderr } = await mustBuild(world, home)
  assert.match(
    stderr,
    /requirements\.txt of the plugin is not read: python3_virtualenv_sources\/requirements-to-freeze\.txt is there/,
  )
  assert.equal((await get(`${world.url}/both/`)).body, '1.16.0')
})

test('an application of Node may have requirements.txt for something that it does not serve', async () => {
  const node = CONFIG.replace('python3_sync', 'node').replace('main.wsgi:application', 'server.js')
  const server = "require('http').createServer((_q, r) => r.end('node')).listen(process.argv[2])\n"
  const home = plugin('nodeonly', { 'config.ini': node, 'main/server.js': server, 'requirements.txt': 'no-such-thing-at-all\n' })
  await mustBuild(world, home)
  assert.equal((await get(`${world.url}/nodeonly/`)).body, 'node')
  assert.equal(existsSync(join(home, FROZEN)), false)
})

test('two files that disagree are named', async () => {
  const home = plugin('torn', {
    'pyproject.toml': '[project]\nname = "torn"\nversion = "1"\ndependencies = [\n  "six<1.16",\n]\n',
    'requirements.txt': 'six==1.17.0\n',
  })
  const { code, stderr } = await build(world, home)
  assert.notEqual(code, 0)
  assert.match(stderr, /six<1\.16/)
  assert.match(stderr, /six==1\.17\.0/)
  assert.equal(existsSync(join(home, FROZEN)), false)
})

test('a path that is not there is named with its line, and everything that is wrong at once', async () => {
  const home = plugin('wrong', { [TO_FREEZE]: 'six\n../libs/none\n-r base.txt\n-e ../main\n' })
  const { code, stderr } = await build(world, home)
  assert.notEqual(code, 0)
  const file = realpathSync(join(home, TO_FREEZE))
  for (const [line, what] of [
    [2, /the package \.\.\/libs\/none is not there/],
    [3, /includes base\.txt, which is not there/],
    [4, /\.\.\/main is no Python package/],
  ] as const) {
    const [found = ''] = stderr.split('\n').filter((one) => one.startsWith(`${file}:${line}  `))
    assert.match(found, what)
  }
  assert.equal(existsSync(join(home, FROZEN)), false)
})

import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { tryLock } from '../../../src/host/disk/lock.ts'
import { type BuiltPart, buildPlugin } from '../../../src/host/environments/build.ts'
import { currentVirtualenv } from '../../../src/host/environments/virtualenv.ts'
import type { BuildTools, PythonTools } from '../../../src/host/programs/tools.ts'
import { readTemplateSources, writePlugin } from '../../../src/operations/make/new-plugin.ts'
import { Problem } from '../../../src/problem.ts'
import { ask, withFallbacks } from '../../../src/template/questions.ts'
import { render } from '../../../src/template/render.ts'
import { findTemplate } from '../../../src/template/templates.ts'

const REPOSITORY = resolve(import.meta.dirname, '../../..')
const ROOT = mkdtempSync(join(tmpdir(), 'mfserv-build-'))
const TO_FREEZE = 'python3_virtualenv_sources/requirements-to-freeze.txt'
const FROZEN = 'python3_virtualenv_sources/requirements3.txt'
const PYTHON: PythonTools = { python3: join(ROOT, 'tools/bin/python'), uv: undefined }
const WITH: Record<'uv' | 'pip', PythonTools> = { uv: { ...PYTHON, uv: join(ROOT, 'tools/bin/uv') }, pip: PYTHON }
const NO_PYTHON = (): PythonTools => assert.fail('Python was asked for')

before(() => {
  execFileSync('python3', ['-m', 'venv', join(ROOT, 'tools')])
  execFileSync(join(ROOT, 'tools/bin/pip'), ['install', '--quiet', 'uv'])
})
after(() => rmSync(ROOT, { recursive: true, force: true }))

for (const way of ['uv', 'pip'] as const) {
  test(`with ${way}, requirements become exact versions and a virtualenv that has them`, async () => {
    const home = plugin('default', { [TO_FREEZE]: '# web\njinja2\ntabulate>=0.9\n' })
    assert.deepEqual(await build(home, WITH[way]), ['requirements3.txt', 'virtualenv'])
    const [header, ...frozen] = readFileSync(join(home, FROZEN), 'utf8').trimEnd().split('\n')
    assert.match(header ?? '', /^# Frozen from requirements-to-freeze\.txt/)
    for (const line of frozen) assert.match(line, /^[a-z0-9-]+==[0-9.]+$/)
    assert.deepEqual(
      frozen.map((line) => line.replace(/==.*/, '')),
      ['jinja2', 'markupsafe', 'tabulate'],
    )
    const python = [join(home, 'local/bin/python3'), '-c', 'import jinja2, sys; print(jinja2.__file__, sys.prefix)'] as const
    const [file = '', prefix] = run(python).split(/\s/)
    assert.ok(file.startsWith(join(home, 'local/lib/')), file)
    assert.equal(prefix, join(home, 'local'))
    assert.match(run([join(home, 'local/bin/tabulate'), '--help']), /Usage/)
  })

  test(`with ${way}, nothing is built a second time, also when a comment or the age of a file changes`, async () => {
    const home = plugin('default', { [TO_FREEZE]: 'six\n' })
    await build(home, WITH[way])
    const first = [currentVirtualenv(home), inode(home, 'local/bin/python3'), inode(home, FROZEN)]
    assert.deepEqual(await build(home, WITH[way]), [])
    writeFileSync(join(home, TO_FREEZE), '# a comment\nsix\n')
    assert.deepEqual(await build(home, WITH[way]), [])
    assert.deepEqual([currentVirtualenv(home), inode(home, 'local/bin/python3'), inode(home, FROZEN)], first)
  })

  test(`with ${way}, a requirement that does not exist is named with its line, and the environment of before stays in use`, async () => {
    const home = plugin('default', { [TO_FREEZE]: 'six\n' })
    await build(home, WITH[way])
    const [frozen, virtualenv] = [readFileSync(join(home, FROZEN), 'utf8'), currentVirtualenv(home)]
    writeFileSync(join(home, TO_FREEZE), 'six\n\nmfserv-test-no-such-package>=9\n')
    const problem = await failure(build(home, WITH[way]))
    assert.deepEqual([problem.code, problem.where], ['BUILD_FAILED', { file: join(home, TO_FREEZE), line: 3 }])
    assert.match(problem.message, /mfserv-test-no-such-package/)
    assert.match(problem.fix, /Correct line 3 of requirements-to-freeze\.txt/)
    writeFileSync(join(home, FROZEN), 'mfserv-test-no-such-package==9\n')
    rmSync(join(home, TO_FREEZE))
    assert.deepEqual((await failure(build(home, WITH[way]))).where, { file: join(home, FROZEN), line: 1 })
    assert.equal(currentVirtualenv(home), virtualenv)
    assert.deepEqual(readdirSync(join(home, 'local/versions')), ['1'])
    writeFileSync(join(home, FROZEN), frozen)
    assert.deepEqual(await build(home, WITH[way]), [])
  })
}

test('with pip, a local package is installed from where it lies, and what it needs is frozen', async () => {
  const backend = '[build-system]\nrequires = ["flit_core==3.12.0"]\nbuild-backend = "flit_core.buildapi"\n'
  const home = plugin('default', {
    [TO_FREEZE]: '-e ../libs/mylib[fast]\n',
    'libs/mylib/pyproject.toml': `${backend}[project]\nname = "mylib"\nversion = "1"\ndescription = "x"\n[project.optional-dependencies]\nfast = ["six"]\n`,
    'libs/mylib/mylib.py': 'import six\n',
  })
  await build(home, WITH.pip)
  assert.match(readFileSync(join(home, FROZEN), 'utf8'), /^#.*\n-e \.\.\/libs\/mylib\nsix==\S+\n$/)
  const file = run([join(home, 'local/bin/python3'), '-c', 'import mylib; print(mylib.__file__)']).trim()
  assert.equal(file, join(home, 'libs/mylib/mylib.py'))
  assert.deepEqual(await build(home, WITH.pip), [])
})

test('a new version comes into use beside the one that workers may still run from', async () => {
  const home = plugin('default', { [TO_FREEZE]: 'six\n' })
  await build(home, WITH.uv)
  const old = currentVirtualenv(home)
  assert.ok(old !== undefined)
  writeFileSync(join(home, TO_FREEZE), 'itsdangerous\n')
  assert.deepEqual(await build(home, WITH.uv), ['requirements3.txt', 'virtualenv'])
  run([join(home, 'local/bin/python3'), '-c', 'import itsdangerous'])
  run([join(old, 'bin/python3'), '-c', 'import six'])
  writeFileSync(join(home, TO_FREEZE), 'itsdangerous\nsix\n')
  await build(home, WITH.uv)
  assert.equal(existsSync(old), false)
})

test('what an interrupted build or another tool left in local/ is replaced', async () => {
  const home = plugin('default', { [TO_FREEZE]: 'six\n' })
  mkdirSync(join(home, 'local/versions/77/bin'), { recursive: true })
  mkdirSync(join(home, 'local/bin'))
  writeFileSync(join(home, 'local/bin/python'), 'not a program')
  assert.deepEqual(await build(home, WITH.uv), ['requirements3.txt', 'virtualenv'])
  run([join(home, 'local/bin/python3'), '-c', 'import six'])
  assert.deepEqual(readdirSync(join(home, 'local/versions')), ['1'])
})

test('the locks of an environment are for its user alone: who may open one may hold it', async () => {
  const home = plugin('default', { [TO_FREEZE]: 'six\n' })
  await build(home, WITH.uv)
  const locks = readdirSync(join(home, 'local'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.lock'))
  assert.ok(
    locks.some((path) => path.endsWith('/.lock')),
    'uv has left its own',
  )
  for (const path of locks)
    assert.equal(statSync(join(home, 'local', path)).mode & 0o077, 0, `${path}: who may open it may hold it`)
})

test('a plugin that moved keeps a virtualenv that can move, and gets a new one otherwise', async () => {
  for (const [way, expected] of [
    ['uv', []],
    ['pip', ['virtualenv']],
  ] as const) {
    const home = plugin('default', { [TO_FREEZE]: 'tabulate\n' })
    await build(home, WITH[way])
    const moved = `${home}-moved`
    renameSync(home, moved)
    assert.deepEqual(await build(moved, WITH[way]), expected)
    assert.match(run([join(moved, 'local/bin/tabulate'), '--help']), /Usage/)
  }
})

test('a plugin without requirements needs no Python tool, and loses a virtualenv it had', async () => {
  const home = plugin('default')
  assert.deepEqual(await build(home), ['requirements3.txt'])
  assert.deepEqual(await build(home), [])
  writeFileSync(join(home, TO_FREEZE), 'six\n')
  await build(home, WITH.uv)
  writeFileSync(join(home, TO_FREEZE), '')
  assert.deepEqual(await build(home), ['requirements3.txt', 'virtualenv removed'])
  assert.deepEqual(readdirSync(join(home, 'local')), ['build.lock'])
})

test('a static plugin has nothing to build', async () => {
  const home = plugin('static')
  assert.deepEqual(await build(home), [])
  assert.equal(existsSync(join(home, 'local')), false)
})

test('a second make of the same plugin at the same time is refused', async () => {
  const home = plugin('default')
  mkdirSync(join(home, 'local'))
  const lock = tryLock(join(home, 'local/build.lock'))
  assert.equal((await failure(build(home))).code, 'BUSY')
  lock?.release()
  assert.deepEqual(await build(home), ['requirements3.txt'])
})

test('a Python without pip is told what to install', async () => {
  const home = plugin('default', { [TO_FREEZE]: 'six\n' })
  const python3 = program('echo "No module named pip" >&2; exit 1')
  const problem = await failure(build(home, { python3, uv: undefined }))
  assert.equal(problem.code, 'TOOL_MISSING')
  assert.match(problem.message, /No module named pip/)
  assert.match(problem.fix, /python3-pip/)
})

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

test('make runs precustom, the build and custom in this order, from a path with blanks as well', () => {
  const { home, mfserv } = pluginWithFakeMfserv()
  const rules = 'custom::\n\t@echo custom\n\nprecustom::\n\t@echo precustom\n'
  writeFileSync(join(home, 'Makefile'), readFileSync(join(home, 'Makefile'), 'utf8') + rules)
  const plainly = make(home, ['-j4'], { MFSERV_HOME: mfserv })
  assert.deepEqual(plainly, {
    status: 0,
    stdout: `precustom\n_plugins.make --plugin-path ${home} --unfinished\ncustom\n`,
    stderr: '',
  })
  const { stdout } = make(home, ['develop'], { MFSERV_HOME: mfserv })
  const develop = `_plugins.develop --ignore-already-installed --checked --plugin-path ${home} -- shop`
  assert.equal(stdout, `precustom\n_plugins.make --plugin-path ${home} --unfinished\ncustom\n${develop}\n`)
})

test('make takes a label with Windows line ends, and a path with an apostrophe', () => {
  const { home: plain, mfserv } = pluginWithFakeMfserv()
  const home = join(plain, '..', "it's")
  renameSync(plain, home)
  writeFileSync(join(home, '.layerapi2_label'), 'plugin_shop@mfserv\r\n')
  const { status, stdout } = make(home, ['develop'], { MFSERV_HOME: mfserv })
  assert.equal(status, 0)
  assert.ok(stdout.endsWith(`--plugin-path ${home} -- shop\n`), stdout)
})

test('make finds mfserv without its environment where it was used before, and says how to load it otherwise', () => {
  const { home, mfserv } = pluginWithFakeMfserv()
  const runtime = mkdtempSync(join(ROOT, 'runtime '))
  const lost = make(home, [], { MFMODULE_RUNTIME_HOME: runtime })
  assert.equal(lost.status, 2)
  assert.match(lost.stderr, /mfserv was not found\. Load its environment \("source <mfserv>\/share\/profile"\)/)
  mkdirSync(join(runtime, 'var'))
  writeFileSync(join(runtime, 'var/mfserv_home'), `${mfserv}\n`)
  assert.equal(make(home, [], { MFMODULE_RUNTIME_HOME: runtime }).status, 0)
})

test('make clean removes what was built, make superclean the frozen versions too, and both nothing else', () => {
  const { home, mfserv } = pluginWithFakeMfserv()
  const kept = new Set(filesOf(home))
  const frozen = [FROZEN, 'package-lock.json']
  const built = [
    'local/versions/1/x',
    'node_modules/a/b.js',
    'shop-0.0.1-1.metwork.mfserv.plugin',
    'main/__pycache__/w.pyc',
    'tmp_build/x',
  ]
  for (const file of [...frozen, ...built]) put(home, file, '')
  assert.equal(make(home, ['clean'], { MFSERV_HOME: mfserv }).status, 0)
  assert.deepEqual(new Set(filesOf(home)), new Set([...kept, ...frozen]))
  assert.equal(make(home, ['superclean'], { MFSERV_HOME: mfserv }).status, 0)
  assert.deepEqual(new Set(filesOf(home)), kept)
})

function plugin(template: string, files: Readonly<Record<string, string>> = {}): string {
  const found = findTemplate(template)
  if (found instanceof Problem) throw found
  const home = join(realpathSync(mkdtempSync(join(ROOT, 'plugin-'))), 'shop')
  writePlugin(home, render(found, 'shop', withFallbacks(ask(found.questions)), readTemplateSources()))
  for (const [file, text] of Object.entries(files)) put(home, file, text)
  return home
}

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

function build(
  home: string,
  python: PythonTools | (() => PythonTools) = NO_PYTHON,
  env: NodeJS.ProcessEnv = {},
): Promise<readonly BuiltPart[]> {
  const tools: BuildTools = {
    python: typeof python === 'function' ? python : () => python,
    python2: () => Promise.reject(new Error('no build here is of Python 2')),
    node: process.execPath,
    environment: { ...process.env, ...env },
  }
  return buildPlugin(home, tools, () => undefined)
}

async function failure(building: Promise<unknown>): Promise<Problem> {
  const problem = await building.then(
    () => assert.fail('it was built'),
    (error: unknown) => error,
  )
  assert.ok(problem instanceof Problem, String(problem))
  return problem
}

function run([command, ...words]: readonly [string, ...string[]]): string {
  return execFileSync(command, words, { encoding: 'utf8' })
}

function inode(home: string, path: string): number {
  return statSync(join(home, path)).ino
}

function put(home: string, file: string, text: string): void {
  mkdirSync(join(home, file, '..'), { recursive: true })
  writeFileSync(join(home, file), text)
}

function writePackage(home: string, json: object): void {
  writeFileSync(join(home, 'package.json'), JSON.stringify(json, null, 2))
}

function program(body: string): string {
  const file = join(mkdtempSync(join(ROOT, 'bin-')), 'program')
  writeFileSync(file, `#!/bin/sh\n${body}\n`)
  chmodSync(file, 0o755)
  return file
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

/** The real share/plugin.mk, with commands that only say how they were called. */
function pluginWithFakeMfserv(): { home: string; mfserv: string } {
  const mfserv = join(mkdtempSync(join(ROOT, 'an mfserv ')), 'here')
  mkdirSync(join(mfserv, 'share'), { recursive: true })
  mkdirSync(join(mfserv, 'bin'))
  copyFileSync(join(REPOSITORY, 'share/plugin.mk'), join(mfserv, 'share/plugin.mk'))
  for (const name of ['_plugins.make', '_plugins.develop']) {
    cpSync(program('echo "$(basename "$0") $*"'), join(mfserv, 'bin', name))
  }
  const from = plugin('default')
  const home = join(mkdtempSync(join(ROOT, 'a plugin ')), 'shop')
  renameSync(from, home)
  return { home, mfserv }
}

function make(home: string, words: readonly string[], env: NodeJS.ProcessEnv) {
  const base = { PATH: process.env['PATH'], HOME: join(ROOT, 'nobody') }
  const { status, stdout, stderr } = spawnSync('make', words, { cwd: home, env: { ...base, ...env }, encoding: 'utf8' })
  return { status, stdout, stderr }
}

function filesOf(home: string): readonly string[] {
  return readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((file) => !statSync(join(home, file)).isDirectory())
}

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { tryLock } from '../../../src/host/disk/lock.ts'
import type { BuiltPart } from '../../../src/host/environments/build.ts'
import { currentVirtualenv } from '../../../src/host/environments/virtualenv.ts'
import { pathsOf, runtimeHome } from '../../../src/host/home/paths.ts'
import { findUv } from '../../../src/host/programs/python-framework.ts'
import type { PythonTools } from '../../../src/host/programs/tools.ts'
import { pythonPackage } from '../../support/python-package.ts'
import { build, FROZEN, failure, inode, plugin, program, ROOT, run } from './building.ts'

const TO_FREEZE = 'python3_virtualenv_sources/requirements-to-freeze.txt'
const PYTHON: PythonTools = { python3: join(ROOT, 'tools/bin/python'), uv: undefined }
const WITH: Record<'uv' | 'pip', PythonTools> = { uv: { ...PYTHON, uv: findUv(pathsOf(runtimeHome())) }, pip: PYTHON }

before(() => {
  // The pip of the machine where it has one, in an environment that the machine does not manage; and mfserv's own uv.
  const { status } = spawnSync('python3', ['-c', 'import pip'])
  const pip = status === 0 ? ['--without-pip', '--system-site-packages'] : []
  execFileSync('python3', ['-m', 'venv', ...pip, join(ROOT, 'tools')])
})

for (const way of ['uv', 'pip'] as const) {
  describe(`with ${way}`, () => {
    let home: string
    let built: readonly BuiltPart[]
    before(async () => {
      assert.equal(WITH[way].uv === undefined, way === 'pip')
      home = plugin('default', { [TO_FREEZE]: '# web\njinja2\ntabulate>=0.9\n' })
      built = await build(home, WITH[way])
    })

    test('requirements become exact versions and a virtualenv that has them', () => {
      assert.deepEqual(built, ['requirements3.txt', 'virtualenv'])
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

    test('nothing is built a second time, also when a comment or the age of a file changes', async () => {
      const first = [currentVirtualenv(home), inode(home, 'local/bin/python3'), inode(home, FROZEN)]
      assert.deepEqual(await build(home, WITH[way]), [])
      writeFileSync(join(home, TO_FREEZE), '# another comment\njinja2\ntabulate>=0.9\n')
      assert.deepEqual(await build(home, WITH[way]), [])
      assert.deepEqual([currentVirtualenv(home), inode(home, 'local/bin/python3'), inode(home, FROZEN)], first)
    })

    test('a requirement that does not exist is named with its line, and the environment of before stays in use', async () => {
      const [asked, frozen] = [TO_FREEZE, FROZEN].map((file) => readFileSync(join(home, file), 'utf8'))
      const virtualenv = currentVirtualenv(home)
      writeFileSync(join(home, TO_FREEZE), 'tabulate\n\nmfserv-test-no-such-package>=9\n')
      const problem = await failure(build(home, WITH[way]))
      assert.deepEqual([problem.code, problem.where], ['BUILD_FAILED', { file: join(home, TO_FREEZE), line: 3 }])
      assert.match(problem.message, /mfserv-test-no-such-package/)
      assert.match(problem.fix, /Correct line 3 of requirements-to-freeze\.txt/)
      writeFileSync(join(home, FROZEN), 'mfserv-test-no-such-package==9\n')
      rmSync(join(home, TO_FREEZE))
      assert.deepEqual((await failure(build(home, WITH[way]))).where, { file: join(home, FROZEN), line: 1 })
      assert.equal(currentVirtualenv(home), virtualenv)
      assert.deepEqual(readdirSync(join(home, 'local/versions')), ['1'])
      writeFileSync(join(home, FROZEN), frozen ?? '')
      assert.deepEqual(await build(home, WITH[way]), [])
      writeFileSync(join(home, TO_FREEZE), asked ?? '')
    })

    const isMovable = way === 'uv'
    test(`a plugin that moved ${isMovable ? 'keeps its virtualenv, which can move' : 'gets a new virtualenv'}`, async () => {
      const moved = `${home}-moved`
      renameSync(home, moved)
      assert.deepEqual(await build(moved, WITH[way]), isMovable ? [] : ['virtualenv'])
      assert.match(run([join(moved, 'local/bin/tabulate'), '--help']), /Usage/)
    })
  })
}

test('with pip, a local package is installed from where it lies, and what it needs is frozen', async () => {
  const home = plugin('default', {
    [TO_FREEZE]: '-e ../libs/mylib[fast]\n',
    ...pythonPackage('libs/mylib', 'mylib', 'import six\n', { fast: 'six' }),
  })
  await build(home, WITH.pip)
  assert.match(readFileSync(join(home, FROZEN), 'utf8'), /^#.*\n-e \.\.\/libs\/mylib\nsix==\S+\n$/)
  const file = run([join(home, 'local/bin/python3'), '-c', 'import mylib; print(mylib.__file__)']).trim()
  assert.equal(file, join(home, 'libs/mylib/mylib/__init__.py'))
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

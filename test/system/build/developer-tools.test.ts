import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bootstrap, CLONE, execute, newWorld, type Ran, type World, writeFile } from '../world.ts'

/* What a person needs to work on a plugin: its pip, its tests, and tools that no release has. */
let world: World
let home: string
before(async () => {
  world = await newWorld()
  home = await bootstrap(world, 'shop', 'default')
  writeFile(join(home, 'python3_virtualenv_sources/requirements-to-freeze.txt'), 'iniconfig==2.1.0\n')
})
after(() => world.end())

test('pip of a plugin without a virtualenv says how to get one', async () => {
  const { code, stderr } = await world.run('plugin_wrapper', [home, '--', 'pip', 'list'])
  assert.equal(code, 1)
  assert.match(
    stderr,
    /the plugin shop has no virtualenv yet {2}\(ENVIRONMENT\)\n.*requirements-to-freeze\.txt, and run make there/,
  )
})

test('pip in plugin_wrapper and plugin_env means the virtualenv of the plugin', async () => {
  await world.must('mfserv', ['make'], { in: home })
  for (const pip of ['pip', 'pip3']) {
    const { stdout } = await world.must('plugin_wrapper', [home, '--', pip, 'list'])
    assert.match(stdout, /^iniconfig +2\.1\.0$/m)
  }
  const { stdout } = await world.must('plugin_env', [home], { input: 'pip freeze\n' })
  assert.equal(stdout, 'iniconfig==2.1.0\n')
  const { stderr } = await world.must('plugin_env', [home], { input: 'pip uninstall iniconfig < /dev/null\n' })
  assert.match(
    stderr,
    /virtualenv of shop as it is now\. To keep it, change python3_virtualenv_sources\/requirements-to-freeze\.txt/,
  )
  assert.equal((await world.must('plugin_env', [home], { input: 'pip freeze\n' })).stdout, '')
})

test('make test in a plugin without tests says where they are looked for', async () => {
  const { code, stderr } = await make('test')
  assert.notEqual(code, 0)
  assert.match(stderr, /the plugin has no tests {2}\(USAGE\)\n.*directory tests/)
})

test('make test runs the tests with the plugin and the tools of requirements-dev.txt, and no release has those', async () => {
  writeFile(
    join(home, 'tests/test_shop.py'),
    'import iniconfig\nfrom main.wsgi import application\ndef test_it():\n    assert callable(application)\n',
  )
  writeFile(join(home, 'requirements-dev.txt'), 'pytest==8.4.2\n')
  await world.must('mfserv', ['make'], { in: home })
  await execute('rm', ['-rf', 'local/current'], { in: home })
  const first = await make('test')
  assert.equal(first.code, 0, first.stdout + first.stderr)
  assert.match(first.stdout, /1 passed/)
  assert.match(first.stderr, /Installing the tools of requirements-dev\.txt/)
  const { stdout } = await world.must('plugin_wrapper', [home, '--', 'pytest', '--version'])
  assert.match(stdout, /pytest 8\.4\.2/)
  writeFile(join(home, 'tests/test_shop.py'), 'def test_it():\n    assert False\n')
  const failed = await make('test')
  assert.notEqual(failed.code, 0)
  assert.match(failed.stdout, /1 failed/)
  assert.doesNotMatch(failed.stderr, /Installing the tools/)
  const released = await make('release')
  assert.equal(released.code, 0, released.stderr)
  const file = /^ {2}(\/\S+\.plugin)$/m.exec(released.stdout)?.[1] ?? ''
  const listed = await execute('tar', ['tzf', file], {})
  assert.doesNotMatch(listed.stdout, /pytest-|local\//)
})

test('a target test of the Makefile is meant before that of mfserv', async () => {
  const own = join(world.home, 'own')
  mkdirSync(own)
  writeFile(
    join(own, 'Makefile'),
    `test:\n\t@echo the own tests\ninclude ${join(CLONE, 'share/plugin.mk').replaceAll(' ', '\\ ')}\n`,
  )
  const { code, stdout, stderr } = await execute('make', ['test'], { in: own })
  assert.deepEqual([code, stdout, stderr], [0, 'the own tests\n', ''])
})

test('tools that cannot be installed are told with their file, and those of before stay', async () => {
  writeFile(join(home, 'requirements-dev.txt'), 'no-such-package-of-mfserv==1\n')
  const { code, stderr } = await make('test')
  assert.notEqual(code, 0)
  assert.match(stderr, /requirements-dev\.txt {2}Installing the tools of requirements-dev\.txt failed:[\s\S]*\(BUILD_FAILED\)/)
  assert.ok(existsSync(join(home, 'local/dev/pytest')))
})

function make(target: string): Promise<Ran> {
  return execute('make', [target], { in: home, env: { MFMODULE_RUNTIME_HOME: world.home, MFSERV_HOME: CLONE } })
}

import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { make, mustMake } from '../make-plugin.ts'
import { bootstrap, get, newWorld, type World, writeFile } from '../world.ts'

describe('the postinstall script of a plugin', () => {
  let world: World
  let home: string

  before(async () => {
    world = await newWorld()
    await world.start()
    home = await bootstrap(world, 'shop', 'default')
  })
  after(() => world.end())

  test('runs at make develop, in the directory and the environment of the plugin, and may make what config.ini names', async () => {
    rmSync(join(home, 'main/wsgi.py'))
    mkdirSync(join(home, 'bin'))
    writeFile(join(home, 'bin/greeting'), '#!/bin/sh\necho from "$MFSERV_CURRENT_PLUGIN_NAME" in "$(pwd)"\n')
    chmodSync(join(home, 'bin/greeting'), 0o755)
    postinstall(`greeting > greeting.txt
cat > main/wsgi.py <<END
def application(environ, start_response):
    start_response("200 OK", [])
    return [open("greeting.txt", "rb").read()]
END`)
    await mustMake(world, home)
    assert.deepEqual(await get(`${world.url}/shop`), { status: 200, body: `from shop in ${home}\n` })
  })

  test('that fails is told with its file, its line, its output and the fix, and the version before goes on', async () => {
    postinstall('echo here comes trouble\nno_such_program_at_all\n')
    const { code, stderr } = await make(world, home)
    assert.notEqual(code, 0)
    assert.match(stderr, new RegExp(`${home}/postinstall:4 {2}postinstall failed with code 127:\nhere comes trouble\n`))
    assert.match(stderr, /no_such_program_at_all: .*not found.*\(POSTINSTALL_FAILED\)\n {2}Fix what the message says, then run/)
    assert.equal((await world.plugin('shop')).state, 'serving')
    assert.equal((await get(`${world.url}/shop`)).status, 200)
  })

  test('of a new plugin that fails leaves nothing installed', async () => {
    const other = await bootstrap(world, 'other', 'default')
    writeFile(join(other, 'postinstall'), '#!/usr/bin/env python3\nraise SystemExit("no flour left")\n')
    chmodSync(join(other, 'postinstall'), 0o755)
    const { code, stderr } = await make(world, other)
    assert.notEqual(code, 0)
    assert.match(stderr, /no flour left {2}\(POSTINSTALL_FAILED\)/)
    assert.deepEqual(
      (await world.status()).plugins.map(({ name }) => name),
      ['shop'],
    )
    assert.ok(!existsSync(join(world.home, 'var/plugins/other')))
    assert.equal((await get(`${world.url}/other`)).status, 404)
  })

  test('that leaves a process in the background does not hold up make develop', async () => {
    postinstall('sleep 60 & echo $! >background.pid\n')
    await mustMake(world, home)
    const pid = Number(readFileSync(join(home, 'background.pid'), 'utf8'))
    assert.ok(process.kill(pid, 'SIGKILL'))
  })

  test('that has Windows line ends is told so', async () => {
    writeFile(join(home, 'postinstall'), '#!/bin/bash\r\ntrue\r\n')
    const { code, stderr } = await make(world, home)
    assert.notEqual(code, 0)
    assert.match(stderr, /postinstall:1 {2}postinstall has Windows line ends.*\n {2}Save it with Unix line ends/)
  })

  test('that cannot be run is told with what its first line has to be', async () => {
    writeFile(join(home, 'postinstall'), '#!/no/such/shell\n')
    const { code, stderr } = await make(world, home)
    assert.notEqual(code, 0)
    assert.match(stderr, /postinstall cannot be run: .*\(TOOL_MISSING\)\n {2}Let its first line name a program that is here/)
  })

  test('that made no file for main_arg is refused as any plugin without it', async () => {
    postinstall('rm main/wsgi.py')
    const { code, stderr } = await make(world, home)
    assert.notEqual(code, 0)
    assert.match(stderr, /config\.ini:\d+ {2}main_arg needs main\/wsgi\.py.*\(PLUGIN_FILE_MISSING\)/)
    postinstall('touch main/wsgi.py')
  })

  test('that is not executable is not run, and that is said', async () => {
    writeFile(join(home, 'main/wsgi.py'), readFileSync(join(import.meta.dirname, '../../../templates/default/wsgi.py'), 'utf8'))
    postinstall('exit 1')
    chmodSync(join(home, 'postinstall'), 0o644)
    const { stdout, stderr } = await mustMake(world, home)
    assert.match(`${stdout}${stderr}`, /postinstall is not executable, so it is not run.*chmod \+x postinstall/)
    assert.deepEqual(await get(`${world.url}/shop`), { status: 200, body: 'Hello World!' })
  })

  function postinstall(text: string): void {
    writeFile(join(home, 'postinstall'), `#!/bin/bash\nset -e\n${text}\n`)
    chmodSync(join(home, 'postinstall'), 0o755)
  }
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { commandLineOf, environmentOf, processes } from '../../../src/host/process/proc.ts'
import { bootstrap, createPlugin, eventually, get, newWorld } from '../world.ts'

test('a syntax error in the configuration keeps mfserv from starting, with file and line', async () => {
  const world = await newWorld('[nginx\n')
  try {
    const { code, stderr } = await world.run('mfserv.start')
    assert.equal(code, 1)
    assert.match(stderr, /config\/config\.ini:4 .*\(INI_SYNTAX\)\n {2}\S/)
  } finally {
    await world.end()
  }
})

test('a daemon that cannot serve says why and ends, and mfserv starts when that is fixed', async (t) => {
  const world = await newWorld()
  t.after(world.end)
  const socket = pathsOf(world.home).control
  mkdirSync(socket, { recursive: true })
  const ran = await world.run('mfserv.start')
  assert.equal(ran.code, 1)
  assert.match(ran.stderr, /the mfserv daemon ended at once; it said:\n[\s\S]*mfserv\.socket/)
  const ours = processes().filter((pid) => environmentOf(pid)['MFMODULE_RUNTIME_HOME'] === world.home)
  assert.deepEqual(ours.map(commandLineOf), [])
  rmSync(socket, { recursive: true })
  await world.must('mfserv.start')
})

test('a port in use is told with the process that has it, and mfserv serves as soon as it is free', async () => {
  const world = await newWorld()
  const squatter = createServer()
  await new Promise<void>((resolve) => squatter.listen(world.port, '0.0.0.0', resolve))
  try {
    const { code, stdout } = await world.run('mfserv.start')
    assert.equal(code, 1)
    assert.match(stdout, new RegExp(`${world.port}.*\\(PORT_IN_USE\\)`, 's'))
    assert.match(stdout, new RegExp(`${process.pid}`))
    assert.match(stdout, /Until then nothing is served\./)
    await new Promise((resolve) => squatter.close(resolve))
    await world.until('the port is taken once it is free', ({ status }) => status === 'RUNNING')
  } finally {
    squatter.close()
    await world.end()
  }
})

test('a socket path longer than the system allows is told with how much to shorten, the other plugins being served', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mf'))
  const home = join(directory, 'h'.repeat(62 - directory.length))
  mkdirSync(home)
  const world = await newWorld('', home)
  try {
    await world.must('mfserv.start')
    await createPlugin(world, 'ok', 'default')
    const long = await bootstrap(world, 'long-name-for-a-plugin', 'default')
    const { code, stdout } = await world.run('_plugins.develop', [], { in: long })
    assert.equal(code, 1)
    assert.match(stdout, /\(SOCKET_PATH_TOO_LONG\)\n *Shorten .* by \d+ characters/)
    assert.equal((await get(`${world.url}/ok`)).status, 200)
  } finally {
    await world.end()
    rmSync(directory, { recursive: true, force: true })
  }
})

const isRoot = process.getuid?.() === 0

test('a full disk is told, refuses what needs room, and harms nothing that runs', {
  skip: isRoot ? false : 'mounting a small disk needs root',
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=700', 'tmpfs', home])
  const sources = mkdtempSync(join(tmpdir(), 'src'))
  const world = await newWorld('', home)
  try {
    await world.must('mfserv.start')
    await createPlugin(world, 'good', 'default')
    const other = join(sources, 'other')
    await world.must('bootstrap_plugin.py', ['create', '--no-input', 'other'], { in: sources })
    const { bavail, bsize } = statfsSync(home)
    writeFileSync(join(home, 'ballast'), Buffer.alloc(bavail * bsize))
    const { code, stdout, stderr } = await world.run('_plugins.develop', [], { in: other })
    assert.equal(code, 1)
    assert.match(`${stdout}${stderr}`, /no space left on device|\(DISK\)/i)
    assert.equal((await get(`${world.url}/good`)).status, 200)
    const { pid } = (await world.plugin('good')).apps[0]?.slots[0] ?? {}
    assert.ok(typeof pid === 'number')
    process.kill(pid, 'SIGKILL')
    await world.until('a killed worker is replaced although nothing can be written', ({ plugins }) =>
      plugins.some(
        ({ name, apps }) =>
          name === 'good' && apps.every(({ slots }) => slots.every((slot) => slot.actual === 'ready' && slot.pid !== pid)),
      ),
    )
    rmSync(join(home, 'ballast'))
    await eventually('with room again it goes through', async () => {
      return (await world.run('_plugins.develop', [], { in: other })).code === 0 ? true : undefined
    })
    assert.equal((await get(`${world.url}/other`)).status, 200)
  } finally {
    await world.run('mfserv.stop')
    execFileSync('umount', ['-l', home])
    rmSync(home, { recursive: true, force: true })
    rmSync(sources, { recursive: true, force: true })
  }
})

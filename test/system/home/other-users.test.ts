import assert from 'node:assert/strict'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openToOthers } from '../open-to-others.ts'
import { CLONE, execute, get, newWorld, type Ran, type World, writeFile } from '../world.ts'

const isRoot = process.getuid?.() === 0
const SOMEBODY = 65_534

describe('in the runtime home of another user', () => {
  let home: string
  const kept = (): string => join(home, 'tmp/compile-cache')

  before(() => {
    home = mkdtempSync(join(tmpdir(), 'mf'))
    if (!isRoot) return
    // It takes everything that a command would leave there.
    for (const directory of [home, join(home, 'log'), join(home, 'tmp'), kept()]) {
      mkdirSync(directory, { recursive: true })
      chmodSync(directory, 0o755)
      chownSync(directory, SOMEBODY, SOMEBODY)
    }
  })
  after(() => rmSync(home, { recursive: true }))

  const run = (file: string, args: readonly string[], env = {}): Promise<Ran> =>
    // An ordinary user can give nothing away; there, it is a directory of root's.
    execute(file, args, { env: { MFMODULE_RUNTIME_HOME: isRoot ? home : '/usr', MFSERV_COMPILE_CACHE: '', ...env } })

  test('no command runs, and nothing of it is read or written', async () => {
    const calls = [
      ['mfserv.status'],
      ['mfserv.start'],
      ['mfserv', 'daemon'],
      ['plugins.list', '--json'],
      ['plugin_env'],
      ['mfserv_wrapper', 'echo', 'it ran'],
      ['cronwrap.sh', '--', 'echo', 'it ran'],
    ] as const
    for (const [name, ...args] of calls) {
      const { code, stdout, stderr } = await run(join(CLONE, 'bin', name), args)
      assert.notEqual(code, 0, name)
      assert.match(stdout + stderr, /belongs to another user/, name)
      assert.match(stdout + stderr, /sudo -u .*set MFMODULE_RUNTIME_HOME|Or set MFMODULE_RUNTIME_HOME/, name)
      assert.doesNotMatch(stdout, /it ran/)
      if (args.some((word) => word === '--json')) assert.equal(JSON.parse(stdout).problems[0].code, 'ENVIRONMENT')
    }
    const { stdout } = await run('bash', ['-c', `. ${CLONE}/share/profile; echo "$MFSERV_HOME"`])
    assert.equal(stdout.trim(), '')
    if (isRoot) assert.deepEqual([readdirSync(kept()), readdirSync(home).sort()], [[], ['log', 'tmp']])
  })

  test('its compiled code and its profile are not taken either when they are named alone', async (t) => {
    const own = mkdtempSync(join(tmpdir(), 'mf'))
    t.after(() => rmSync(own, { recursive: true }))
    const theirs = isRoot ? kept() : '/usr'
    const named = await run(join(CLONE, 'bin/plugins.list'), [], { MFMODULE_RUNTIME_HOME: own, MFSERV_COMPILE_CACHE: theirs })
    assert.equal(named.code, 1)
    assert.match(named.stderr, new RegExp(`${theirs} belongs to another user.*\\n.*set MFSERV_COMPILE_CACHE`))
    if (!isRoot) return
    const profile = join(home, '.metwork.custom_profile')
    writeFile(profile, 'echo it ran')
    chownSync(profile, SOMEBODY, SOMEBODY)
    for (const [name, ...args] of [
      ['mfserv_wrapper', 'true'],
      ['cronwrap.sh', '--', 'true'],
    ] as const) {
      const { code, stdout, stderr } = await run(join(CLONE, 'bin', name), args, { HOME: home, MFMODULE_RUNTIME_HOME: own })
      assert.notEqual(code, 0)
      assert.equal(stdout, '')
      assert.match(stderr, new RegExp(`${profile} belongs to another user`))
    }
    rmSync(profile)
  })
})

describe('where others could have written', () => {
  let world: World
  before(async () => {
    world = await newWorld('', undefined)
  })
  after(() => world.end())
  const env = { MFSERV_COMPILE_CACHE: '' }

  test('compiled code is kept for our own home and for no home that a group can write to', async () => {
    const kept = join(world.home, 'tmp/compile-cache')
    chmodSync(world.home, 0o770)
    await world.must('plugins.list', [], { env })
    assert.deepEqual(existsSync(kept) ? readdirSync(kept) : [], [])
    chmodSync(world.home, 0o755)
    await world.must('plugins.list', [], { env })
    assert.equal(readdirSync(kept).length, 1)
  })

  test('another user can neither enter our home nor hold its locks, and a home of an older version is closed at the start', async () => {
    chmodSync(world.home, 0o755)
    await world.must('mfserv.start')
    await world.must('plugins.list')
    assert.deepEqual(openToOthers(world.home), [])
    if (isRoot) {
      const asSomebody = [`--reuid=${SOMEBODY}`, `--regid=${SOMEBODY}`, '--clear-groups']
      const lock = join(world.home, 'var/lock.db')
      assert.notEqual((await execute('setpriv', [...asSomebody, 'ls', world.home], {})).code, 0)
      assert.notEqual((await execute('setpriv', [...asSomebody, 'flock', '-s', lock, 'true'], {})).code, 0)
    }
    assert.equal((await get(`${world.url}/__mfserv/`)).status, 200, 'nginx reads what it serves')
    await world.must('mfserv.stop')
  })

  test('a home that everybody can write to is refused with the command that closes it', async () => {
    chmodSync(world.home, 0o777)
    const { code, stderr } = await world.run('mfserv.start', [], { env })
    chmodSync(world.home, 0o700)
    assert.equal(code, 1)
    assert.match(
      stderr,
      new RegExp(`every user can write to ${world.home}.*\\n {2}Take that right away: chmod o-w ${world.home}`),
    )
  })

  test('a log that is a symbolic link is not written to, and the start says so', async () => {
    const victim = join(world.home, 'victim')
    mkdirSync(join(world.home, 'log'), { recursive: true })
    rmSync(join(world.home, 'log/mfserv.log'), { force: true })
    symlinkSync(victim, join(world.home, 'log/mfserv.log'))
    const { code, stderr } = await world.run('mfserv.start')
    assert.equal(code, 1)
    assert.match(stderr, /mfserv\.log is no file: .*\(DISK\)\n {2}Remove it: rm /)
    assert.equal(existsSync(victim), false)
    rmSync(join(world.home, 'log/mfserv.log'))
  })
})

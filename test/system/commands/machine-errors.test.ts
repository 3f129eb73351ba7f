import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { bootstrap, CLONE, execute, newWorld, type Ran, type World, writeFile } from '../world.ts'
import { assertTold, world } from './told.ts'

describe('a runtime home that cannot be is told at once by every command', () => {
  const homes: Readonly<Record<string, RegExp>> = {
    '/dev/null': /\/dev\/null is not a directory/,
    '/dev/null/below': /\/dev\/null is not a directory/,
    '/proc/nope': /no directory can be made in \/proc/,
    '/proc/nope/deeper': /no directory can be made in \/proc/,
  }
  for (const [home, why] of Object.entries(homes)) {
    test(home, async () => {
      // As outside of the tests, where the code that Node compiles is kept in the runtime home.
      const env = { MFMODULE_RUNTIME_HOME: home, MFSERV_COMPILE_CACHE: '' }
      for (const command of ['mfserv.status', 'plugins.list'])
        assertTold(await world.run(command, [], { env }), 'ENVIRONMENT', why)
      assertTold(await world.run('plugins.install', ['x.plugin'], { env }), 'ENVIRONMENT', why)
    })
  }
})

test('a runtime home whose control socket the system does not allow is told with how much to shorten', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(directory, { recursive: true }))
  const env = { MFMODULE_RUNTIME_HOME: join(directory, 'h'.repeat(100)) }
  for (const command of ['mfserv.status', 'mfserv.start', 'mfserv.stop'])
    assertTold(await world.run(command, [], { env }), 'SOCKET_PATH_TOO_LONG', /shorter by \d+ characters/)
})

const NOBODY = 65534
const isRoot = process.getuid?.() === 0
const canBeNobody = isRoot && succeeds(['test', '-r', join(CLONE, 'src/cli/main.ts')])

function succeeds(argv: readonly string[]): boolean {
  try {
    execFileSync('setpriv', asNobody(argv), { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function asNobody(argv: readonly string[]): readonly string[] {
  return [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...argv]
}

describe('what a user has no right to is told with the path and its owner', {
  skip: canBeNobody ? false : 'needs root, and sources that every user may read',
}, () => {
  const run = (command: string, args: readonly string[], home: string): Promise<Ran> =>
    execute('setpriv', asNobody([join(CLONE, 'bin', command), ...args]), {
      env: { MFMODULE_RUNTIME_HOME: home, MFSERV_COMPILE_CACHE: '' },
    })

  test('the runtime home of another user', async () => {
    for (const command of ['mfserv.status', 'mfserv.stop', 'plugins.list'])
      assertTold(await run(command, [], world.home), 'ENVIRONMENT', /belongs to another user, and .*\n.*sudo -u/)
    assertTold(await run('plugins.restart', ['blog'], world.home), 'ENVIRONMENT', /belongs to another user/)
  })

  test('a file and a directory that may not be read', async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'mf'))
    t.after(() => rmSync(directory, { recursive: true }))
    chmodSync(directory, 0o1777)
    const file = join(directory, 'blog.plugin')
    writeFile(file, '')
    chmodSync(file, 0o600)
    const closed = join(directory, 'closed')
    mkdirSync(closed, { mode: 0o700 })
    const home = join(directory, 'home')
    const calls = [
      ['plugins.install', file],
      ['plugins.hotswap', file],
      ['plugins.info', file],
      ['plugins.hash', file],
      ['mfserv', 'plan', file],
      ['plugins.check', `${closed}/`],
    ] as const
    for (const [command, ...args] of calls)
      assertTold(await run(command, args, home), 'DISK', new RegExp(`${directory}.*\\n.*(belongs to the user root|ls -l)`))
  })
})

test('a full disk is told as that by plugins.stop', { skip: isRoot ? false : 'mounting a small disk needs root' }, async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', home])
  t.after(() => {
    execFileSync('umount', ['-l', home])
    rmSync(home, { recursive: true })
  })
  const full = await newWorld('', home)
  mkdirSync(join(home, 'tmp'))
  mkdirSync(join(home, 'var/plugins/blog'), { recursive: true })
  execFileSync('sh', ['-c', `cat /dev/zero > ${join(home, 'ballast')} 2>/dev/null || :`])
  assertTold(await full.run('plugins.stop', ['blog']), 'DISK', /no space left on device|disk is full/)
})

test('a plugin whose URL nobody reaches because nginx failed is never said to answer there, and the exit code is 1', async (t) => {
  const alone = await newWorld()
  t.after(alone.end)
  const squatter = createServer()
  await new Promise<void>((resolve) => squatter.listen(alone.port, '0.0.0.0', resolve))
  t.after(() => squatter.close())
  const file = await released(alone)
  await alone.run('mfserv.start')
  const urlThatAnswers = new RegExp(`(answers:|serving).*:${alone.port}`, 's')
  const calls = [['plugins.install', file], ['plugins.status', 'site'], ['plugins.start', 'site'], ['mfserv.status']] as const
  for (const [command, ...args] of calls) {
    const { code, stdout } = await alone.run(command, args)
    assert.equal(code, 1, command)
    assert.match(stdout, new RegExp(`${alone.port}.*\\(PORT_IN_USE\\)\n +\\S`), command)
    assert.doesNotMatch(stdout, urlThatAnswers, command)
  }
  const [told] = JSON.parse((await alone.run('plugins.start', ['site', '--json'])).stdout)
  assert.deepEqual([told.reach.is, told.reach.problem.code], ['failed', 'PORT_IN_USE'])
  await new Promise((resolve) => squatter.close(resolve))
  await alone.until('the port is taken once it is free', ({ status }) => status === 'RUNNING')
  for (const command of ['plugins.status', 'plugins.start']) await alone.must(command, ['site'])
})

test('with [nginx] flag=0 nobody is sent to a URL, and that is no failure', async (t) => {
  const alone = await newWorld('flag = 0\n')
  t.after(alone.end)
  const file = await released(alone)
  const calls = [['mfserv.start'], ['plugins.install', file], ['plugins.status', 'site'], ['mfserv.status']] as const
  for (const [command, ...args] of calls) {
    const { stdout } = await alone.must(command, args)
    assert.match(stdout, /nginx is off: \[nginx\] flag = 0|^site {2}serving$/m, command)
    assert.doesNotMatch(stdout, /http:/, command)
  }
})

async function released(there: World): Promise<string> {
  const home = await bootstrap(there, 'site', 'static')
  await there.must('_plugins.release', [], { in: home })
  return join(home, 'site-0.0.1-1.metwork.mfserv.plugin')
}

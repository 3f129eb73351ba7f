import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { StatusReport } from '../../../src/control/protocol.ts'
import type { Receipt } from '../../../src/receipt/receipt.ts'
import { openToOthers } from '../open-to-others.ts'
import { edit, eventually, get, newWorld, type Ran, setKey, type World, writeFile } from '../world.ts'
import { type Sources, sourcesOf } from './make-release.ts'
import { originalFile } from './original-file.ts'
import { BAD, says, wsgi } from './versions.ts'

let world: World
let blog: Sources
let one: string
let two: string

describe('the life of a release', () => {
  before(async () => {
    world = await newWorld(RELEASES_SETTINGS)
    await world.must('mfserv.start')
    blog = await sourcesOf(world, 'blog', 'default')
    setKey(blog.home, 'workers', '1')
    one = await blog.release('1.0.0')
    two = await blog.release('1.1.0', says('Hello two!'))
  })
  after(() => world.end())

  test('a plan says what an installation would change, and does nothing', async () => {
    const plan = await world.run('mfserv', ['plan', one])
    assert.equal(plan.code, 2, plan.stderr)
    assert.match(plan.stdout, /\/blog/)
    const dry = await world.run('plugins.install', ['--dry-run', '--json', one])
    assert.equal(dry.code, 2)
    assert.equal(JSON.parse(dry.stdout).kind, 'install')
    assert.equal((await world.must('plugins.list', ['--raw'])).stdout, '')
  })

  test('an installed plugin answers when the command ends, under its name or another', async () => {
    const ran = await world.must('plugins.install', [one])
    assert.match(ran.stdout, /\[ OK \]/)
    assert.match(ran.stdout, new RegExp(`${world.url}/blog`.replace('127.0.0.1', '.*')))
    assert.deepEqual(await get(`${world.url}/blog`), { status: 200, body: 'Hello World!' })
    await world.must('plugins.install', ['--new-name', 'diary', one])
    assert.equal((await get(`${world.url}/diary`)).body, 'Hello World!')
    const again = await world.run('plugins.install', ['--new-name', 'diary', one])
    assert.ok(again.stderr.includes(`plugins.hotswap --new-name diary ${one}`), again.stderr)
    await world.must('plugins.uninstall', ['diary'])
    assert.equal((await get(`${world.url}/diary`)).status, 404)
    assert.deepEqual(releases('diary'), [])
    const missing = await world.run('plugins.hotswap', ['--new-name', 'diary', one])
    assert.ok(missing.stderr.includes(`plugins.install --new-name diary ${one}`), missing.stderr)
  })

  test('one command makes a new plugin, releases it, installs it, and leaves only the file', async () => {
    const created = ['create', '--no-input', '--template=static', '--make', '--install', '--delete', 'pages']
    const { stdout } = await world.must('bootstrap_plugin.py', created, { in: world.home })
    const file = join(world.home, 'pages-0.0.1-1.metwork.mfserv.plugin')
    assert.equal(
      stdout.replaceAll('127.0.0.1', 'localhost'),
      `Plugin pages was created, released and installed:\n  ${file}\nIt answers at http://localhost:${world.port}/pages\n`,
    )
    assert.deepEqual([existsSync(file), existsSync(join(world.home, 'pages'))], [true, false])
    assert.match((await get(`${world.url}/pages/`)).body, /pages/)
    await world.must('plugins.uninstall', ['pages'])
  })

  test('installing what is installed says what to use instead', async () => {
    const again = await world.run('plugins.install', [two])
    assert.equal(again.code, 1)
    assert.match(again.stderr, /PLUGIN_EXISTS/)
    assert.match(again.stderr, /plugins\.hotswap/)
  })

  test('make develop does not take the place of an installed plugin', async () => {
    const ran = await world.run('_plugins.develop', [], { in: blog.home })
    assert.equal(ran.code, 1)
    assert.match(ran.stderr, /PLUGIN_EXISTS/)
  })

  test('a hot swap serves the new version, keeps the old one, and does not reload nginx for the same routes', async () => {
    const { reloads } = (await world.status()).nginx
    const ran = await world.must('plugins.hotswap', [two])
    assert.match(ran.stdout, /hotswap of blog from 1\.0\.0-1-\w{8} to 1\.1\.0-1-\w{8}: done/)
    assert.equal((await get(`${world.url}/blog`)).body, 'Hello two!')
    assert.equal((await world.status()).nginx.reloads, reloads)
    const kept = JSON.parse((await world.must('plugins.releases', ['blog', '--json'])).stdout)
    assert.deepEqual(
      kept.map(({ version, inForce }: { version: string; inForce: boolean }) => [version, inForce]),
      [
        ['1.0.0', false],
        ['1.1.0', true],
      ],
    )
    const history: readonly Receipt[] = JSON.parse((await world.must('plugins.history', ['blog', '--json'])).stdout)
    assert.equal(history.at(-1)?.what, 'hotswap')
  })

  test('swapping the release that is in force does nothing', async () => {
    const ran = await world.must('plugins.hotswap', [two])
    assert.match(ran.stdout, /Nothing was done/)
    const plan = await world.run('mfserv', ['plan', two])
    assert.deepEqual([plan.code, plan.stdout], [0, 'Nothing would change: blog is as it would be.\n'])
  })

  test('a plan counts no worker of a plugin that is stopped', async () => {
    await world.must('plugins.stop', ['blog'])
    const { workers } = JSON.parse((await world.run('mfserv', ['plan', '--json', one])).stdout)
    await world.must('plugins.start', ['blog'])
    assert.deepEqual(
      workers.map(({ app, before, after }: { app: string; before: number; after: number }) => [app, before, after]),
      [['main', 0, 0]],
    )
  })

  test('a rollback brings back the release of before with the overrides of then, and a second one goes forward again', async () => {
    const overrides = join(world.home, 'config/plugins/blog.ini')
    await world.must('plugins.rollback', ['blog'])
    assert.equal((await get(`${world.url}/blog`)).body, 'Hello World!')
    const listed = (await world.must('plugins.releases', ['blog'])).stdout
    const times = (line: RegExp) => (line.exec(listed)?.[0].match(/\d\d:\d\d:\d\d/g) ?? []).length
    assert.deepEqual([times(/.*1\.0\.0-1-.*/), times(/.*1\.1\.0-1-.*/)], [1, 2], `what is in force has no end yet:\n${listed}`)
    writeFile(overrides, '[app_main]\nworkers = 2\n')
    await world.until('the override counts', (report) => slotsOf(report, 'blog') === 2)
    await world.must('plugins.rollback', ['blog'])
    assert.equal((await get(`${world.url}/blog`)).body, 'Hello two!')
    await world.until('the overrides of then count', (report) => slotsOf(report, 'blog') === 1)
    await world.must('plugins.rollback', ['blog', '--to', '1.0.0-1'])
    assert.equal(readFileSync(overrides, 'utf8'), '[app_main]\nworkers = 2\n')
    assert.equal(slotsOf(await world.status(), 'blog'), 2)
    await world.must('plugins.rollback', ['blog'])
  })

  test('a release that is not kept cannot be gone back to, and the ones that are kept are named', async () => {
    const ran = await world.run('plugins.rollback', ['blog', '--to', '9.9.9-1'])
    assert.equal(ran.code, 1)
    assert.match(ran.stderr, /RELEASE_NOT_FOUND/)
    assert.match(ran.stderr, /1\.0\.0-1-\w{8}/)
  })

  for (const [index, [why, change, expected]] of BAD.entries()) {
    test(`a new version that ${why} is not taken: the old one serves on, and nothing is left behind`, async () => {
      const file = await badRelease(`2.0.${index}`, change)
      const before = releases('blog')
      const ran = await world.run('plugins.hotswap', [file])
      assert.equal(ran.code, 1, ran.stdout)
      assert.match(`${ran.stdout}${ran.stderr}`, expected)
      assert.equal((await get(`${world.url}/blog`)).body, 'Hello two!')
      assert.deepEqual(releases('blog'), before)
      await world.until('what was started for it has gone', (report) => allServe(report))
    })
  }

  test('a version that never listens is given up when its time to start is over', async () => {
    const config = join(world.home, 'config/config.ini')
    const usual = readFileSync(config, 'utf8')
    writeFile(config, `${usual}[supervisor]\nstart_timeout = 2\n`)
    const file = await badRelease('2.1.0', (home) => edit(wsgi(home), 'def ', 'import time\ntime.sleep(600)\ndef '))
    const ran = await world.run('plugins.hotswap', [file])
    assert.equal(ran.code, 1)
    assert.match(ran.stderr, /did not answer on its socket/)
    assert.equal((await get(`${world.url}/blog`)).body, 'Hello two!')
    writeFile(config, usual)
  })

  test('of more releases than are kept the oldest go', async () => {
    await world.must('plugins.hotswap', [await blog.release('1.2.0', says('Hello three!'))])
    assert.deepEqual(
      releases('blog')
        .filter((name) => !name.endsWith('.json'))
        .map((name) => name.split('-')[0]),
      ['1.1.0', '1.2.0'],
    )
  })

  test('two commands at once: one goes first, and the other waits for it', async () => {
    const ran: readonly Ran[] = await Promise.all([world.run('plugins.hotswap', [two]), world.run('plugins.rollback', ['blog'])])
    assert.deepEqual(
      ran.map(({ code }) => code),
      [0, 0],
      ran.map(({ stderr }) => stderr).join('\n'),
    )
    assert.equal((await get(`${world.url}/blog`)).status, 200)
  })

  test('what stands in the site directory is installed at once, replaced when it changes, and its overrides stay', async () => {
    await world.must('plugins.uninstall', ['blog'])
    const site = join(world.home, 'site')
    copyInto(join(site, 'plugins/blog.plugin'), one)
    await eventually('it is served', async () => ((await get(`${world.url}/blog`)).body === 'Hello World!' ? true : undefined))
    copyInto(join(site, 'plugins/blog.plugin'), two)
    await eventually('it is replaced', async () => ((await get(`${world.url}/blog`)).body === 'Hello two!' ? true : undefined))
    // The daemon's own command writes what became of the files when it has ended; it would write the overrides of blog before.
    const log = join(world.home, 'log/provision.log')
    await eventually('that is over', async () => (/replaced/.test(readFileSync(log, 'utf8')) ? true : undefined))
    await world.must('mfserv', ['provision'])
  })

  test('a file of the later generation of MFSERV is installed in its own dialect', async () => {
    await world.must('plugins.install', [await originalFile(world)])
    assert.deepEqual(await get(`${world.url}/legacy/x`), { status: 200, body: 'Hello from 2.x' })
    await world.must('plugins.uninstall', ['legacy'])
  })

  test('a 0.9 package is refused with what to do instead', async () => {
    const file = join(world.home, 'old-0.9-1.metwork.mfserv.plugin')
    writeFileSync(file, Buffer.concat([Buffer.from('edabeedb0300', 'hex'), Buffer.alloc(4096)]))
    const ran = await world.run('plugins.install', [file])
    assert.equal(ran.code, 1)
    assert.match(ran.stderr, /RPM/)
    assert.match(ran.stderr, /make release/)
  })

  test('plugins of another directory are installed there, and no daemon serves them', async () => {
    const base = join(world.home, 'elsewhere'.repeat(12))
    mkdirSync(base)
    const template = join(world.home, 'config/plugins/blog.ini')
    writeFile(template, '# as the plugin that is served has it\n')
    const ran = await world.must('plugins.install', ['--plugins-base-dir', base, two])
    assert.match(ran.stdout, /blog is installed\. No daemon serves this directory of plugins\.\n$/)
    assert.equal(readFileSync(template, 'utf8'), '# as the plugin that is served has it\n')
    assert.equal(existsSync(`${template}.new`), false)
    rmSync(template)
    const listed = JSON.parse((await world.must('plugins.list', ['--json', '--plugins-base-dir', base])).stdout)
    assert.deepEqual(
      listed.map(({ name, version }: { name: string; version: string }) => [name, version]),
      [['blog', '1.1.0']],
    )
  })

  test('uninstalling leaves no release, and the plugin can be installed again', async () => {
    await world.must('plugins.uninstall', ['blog'])
    assert.deepEqual(releases('blog'), [])
    await world.must('plugins.install', [one])
    assert.equal((await get(`${world.url}/blog`)).status, 200)
  })

  test('without a daemon a release is put in place untried: what still serves, and what a person should know, is told', async () => {
    const { pid } = (await world.status()).daemon
    assert.ok(pid)
    process.kill(pid, 'SIGKILL')
    writeFile(join(world.home, 'config/plugins/blog.ini'), '[app_main]\nworkers = 2\n')
    const { stdout } = await world.must('plugins.hotswap', [two])
    assert.match(stdout, /^blog has release 1\.1\.0-1-\w+ now, which was not tried: mfserv does not run\.\n/)
    assert.match(stdout, /Workers of 1\.0\.0-1-\w+ that still run serve on until it does: mfserv\.start\n/)
    assert.match(stdout, /\(OVERRIDE_KEPT\)/)
    assert.equal((await get(`${world.url}/blog`)).body, 'Hello World!')
    await world.must('mfserv.start')
    assert.equal((await get(`${world.url}/blog`)).body, 'Hello two!')
  })

  test('nothing of the runtime home is open to other users after all this', () => {
    assert.deepEqual(openToOthers(world.home, ['config/plugins/blog.ini']), [])
  })

  function releases(name: string): readonly string[] {
    const directory = join(world.home, 'var/plugins/.releases', name)
    return existsSync(directory) ? readdirSync(directory).sort() : []
  }

  function badRelease(version: string, change: (home: string) => void): Promise<string> {
    return blog.release(version, change)
  }
})

const RELEASES_SETTINGS = '[releases]\nwatch_seconds = 0\nkeep = 2\n'

function slotsOf({ plugins }: StatusReport, name: string): number {
  return plugins.find((plugin) => plugin.name === name)?.apps.flatMap((app) => app.slots).length ?? 0
}

function allServe({ plugins, candidates }: StatusReport): boolean {
  return candidates.length === 0 && plugins.every(({ state, leaving }) => state === 'serving' && leaving === 0)
}

/** As `cp` and then `mv`: the file is there whole. */
function copyInto(target: string, file: string): void {
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(file, `${target}.tmp`)
  renameSync(`${target}.tmp`, target)
}

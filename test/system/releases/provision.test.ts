import assert from 'node:assert/strict'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { withPluginLock } from '../../../src/host/plugins/plugin-lock.ts'
import { readHistory } from '../../../src/host/receipts/history.ts'
import { edit, eventually, get, newWorld, type World } from '../world.ts'
import { type Sources, sourcesOf } from './make-release.ts'

describe('the .plugin files of the site directory', () => {
  let world: World
  let blog: Sources
  let one: string
  let two: string
  let pages: string

  before(async () => {
    world = await newWorld('[releases]\nwatch_seconds = 0\n')
    await world.must('mfserv.start')
    blog = await sourcesOf(world, 'blog', 'default')
    one = await blog.release('1.9.0')
    two = await blog.release('1.10.0', (home) => edit(join(home, 'main/wsgi.py'), 'Hello World!', 'Hello two!'))
    pages = await (await sourcesOf(world, 'pages', 'static')).release('1.0.0')
  })
  after(() => world.end())
  beforeEach(async () => {
    rmSync(join(world.home, 'site'), { recursive: true, force: true })
    for (const name of ['blog', 'pages']) await world.run('plugins.uninstall', ['--clean', name])
  })

  test('one that cannot be read is named with its fix, and all the others are installed', async () => {
    mkdirSync(site('directory.plugin'), { recursive: true })
    symlinkSync('loop.plugin', site('loop.plugin'))
    symlinkSync('nowhere.plugin', site('dangling.plugin'))
    put(pages, 'pages.plugin')
    put(one, 'blog.plugin')
    const ran = await world.run('mfserv', ['provision', '--json'])
    assert.equal(ran.code, 1, ran.stderr)
    const told: readonly { file: string; is: string; problems?: readonly { code: string; fix: string }[] }[] = JSON.parse(
      ran.stdout,
    )
    const of = (name: string) => told.find(({ file }) => file === site(name))
    for (const name of ['directory.plugin', 'loop.plugin', 'dangling.plugin']) {
      assert.deepEqual([name, of(name)?.is, of(name)?.problems?.map(({ code }) => code)], [name, 'failed', ['DISK']])
      assert.match(of(name)?.problems?.[0]?.fix ?? '', /\.plugin file/)
    }
    await served('blog', /Hello World!/)
    await served('pages/', /pages/)
  })

  test('in a directory that cannot be read are told once, harm nothing that runs, and are served when it can be read', async () => {
    await world.must('plugins.install', [one])
    const { pid } = (await world.status()).daemon
    const before = daemonLog().length
    mkdirSync(dirname(site()), { recursive: true })
    symlinkSync('plugins', site())
    await eventually('it is told', () => (faults(before) > 0 ? true : undefined))
    // In the same directory stand overrides, so no plugin is taken without them.
    put(pages, 'pages.plugin', 'external_plugins')
    await eventually('it was not taken', () => (/pages\.plugin was not taken/.test(provisionLog()) ? true : undefined))
    await world.until('the plugin without its overrides is told', ({ status }) => status === 'DEGRADED')
    const started = await world.run('mfserv.start')
    assert.match(started.stdout, /site\/plugins was not taken:\n.*ELOOP/)
    assert.equal(started.code, 2, 'the plugin whose overrides cannot be read goes on as it was, which is told')
    const [slot] = (await world.plugin('blog')).apps.flatMap(({ slots }) => slots)
    assert.ok(slot?.pid)
    process.kill(slot.pid, 'SIGKILL')
    await world.until('a worker that was killed has a successor', ({ plugins }) =>
      plugins
        .flatMap(({ apps }) => apps.flatMap(({ slots }) => slots))
        .every((one) => one.pid !== slot.pid && one.actual === 'ready'),
    )
    assert.equal(faults(before), 1)
    assert.equal((await world.status()).daemon.pid, pid)
    rmSync(site())
    await served('pages/', /pages/)

    function faults(from: number): number {
      return daemonLog().slice(from).split('ELOOP: too many symbolic links encountered, scandir').length - 1
    }
  })

  test('do not keep mfserv from starting when their directory cannot be read', async () => {
    mkdirSync(dirname(site()), { recursive: true })
    symlinkSync('plugins', site())
    await world.must('mfserv.stop')
    await world.must('mfserv.start')
    assert.equal((await world.status()).status, 'RUNNING')
  })

  test('are taken as soon as there is a way to tell what comes of it', async () => {
    const log = join(world.home, 'log/provision.log')
    rmSync(log, { force: true })
    mkdirSync(log)
    put(pages, 'pages.plugin')
    await eventually('it is told', () => (/EISDIR.*provision\.log/.test(daemonLog()) ? true : undefined))
    rmSync(log, { recursive: true })
    await served('pages/', /pages/)
  })

  test('that another command keeps from being taken are taken when it has ended', async () => {
    const paths = pathsOf(world.home)
    await withPluginLock(paths, { plugin: 'pages', what: 'a long hotswap' }, async () => {
      put(pages, 'pages.plugin')
      await eventually('it was kept from it', () => (/a long hotswap .*\(BUSY\)/.test(provisionLog()) ? true : undefined))
    })
    await served('pages/', /pages/)
  })

  test('are not tried again while they are what was not taken, until a person insists or the file is another one', async () => {
    put(one, 'blog.plugin')
    await served('blog', /Hello World!/)
    const bad = await blog.release('2.0.0', (home) =>
      edit(join(home, 'main/wsgi.py'), 'def ', 'raise SystemExit("no table")\ndef '),
    )
    put(bad, 'blog.plugin')
    await eventually('it was tried', () => (changes().length === 1 ? true : undefined))
    await eventually('the command has ended', () => (/mfserv provision: it ended/.test(daemonLog()) ? true : undefined))
    put(pages, 'pages.plugin')
    await served('pages/', /pages/)
    const again = await world.run('mfserv', ['provision'])
    assert.equal(again.code, 1)
    assert.match(again.stdout, /blog: .*blog\.plugin is left out: it failed on \d{4}-.*: .*no table/s)
    assert.ok(again.stdout.includes(`plugins.hotswap ${site('blog.plugin')}`), again.stdout)
    assert.equal(changes().length, 1)
    assert.equal((await world.run('plugins.hotswap', [site('blog.plugin')])).code, 1)
    assert.equal(changes().length, 2)
    put(two, 'blog.plugin')
    await served('blog', /Hello two!/)
  })

  test('with the same plugin and equally new: the highest version counts, and stays', async () => {
    const time = new Date()
    for (const [file, name] of [
      [two, 'a.plugin'],
      [one, 'b.plugin'],
    ] as const) {
      put(file, `${name}.off`)
      utimesSync(site(`${name}.off`), time, time)
    }
    for (const name of ['a.plugin', 'b.plugin']) renameSync(site(`${name}.off`), site(name))
    const ran = await world.must('mfserv', ['provision'])
    assert.ok(ran.stdout.includes(`blog: ${site('a.plugin')} counts, and not ${site('b.plugin')}`), ran.stdout)
    await served('blog', /Hello two!/)
    const again = await world.must('mfserv', ['provision'])
    assert.match(again.stdout, /blog: in force already/)
    assert.deepEqual(changes(), [])
  })

  test('that only another user may read are named, and are taken when their rights are fixed', {
    skip: process.getuid?.() === 0 ? 'root may read every file' : false,
  }, async () => {
    put(pages, 'pages.plugin.off')
    chmodSync(site('pages.plugin.off'), 0)
    renameSync(site('pages.plugin.off'), site('pages.plugin'))
    const ran = await world.run('mfserv', ['provision'])
    assert.deepEqual([ran.code, /EACCES/.test(ran.stdout)], [1, true])
    chmodSync(site('pages.plugin'), 0o644)
    await served('pages/', /pages/)
  })

  function site(name = '', directory = 'plugins'): string {
    return join(world.home, 'site', directory, name).replace(/\/$/, '')
  }

  /** As `cp` and then `mv`: the file is there whole. */
  function put(file: string, name: string, directory = 'plugins'): void {
    const target = site(name, directory)
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(file, `${target}.tmp`)
    renameSync(`${target}.tmp`, target)
  }

  async function served(path: string, what: RegExp): Promise<void> {
    await eventually(`${path} is served`, async () => (what.test((await get(`${world.url}/${path}`)).body) ? true : undefined))
  }

  /** What was done to blog while it served. */
  function changes(): readonly string[] {
    return readHistory('blog', pathsOf(world.home)).map(({ outcome }) => outcome.is)
  }

  function daemonLog(): string {
    return readFileSync(join(world.home, 'log/mfserv.log'), 'utf8')
  }

  function provisionLog(): string {
    const file = join(world.home, 'log/provision.log')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }
})

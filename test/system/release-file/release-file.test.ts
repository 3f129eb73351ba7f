import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { readPackageFacts } from '../../../src/host/package/read-package.ts'
import { NO_TRUST } from '../../../src/host/package/trust.ts'
import { unpackPackage } from '../../../src/host/package/unpack.ts'
import { bootstrap, edit, execute, newWorld, setKey, type World, writeFile } from '../world.ts'
import { BUILD, fileIn, plugins, release } from './making.ts'
import { refused } from './refused.ts'

const TO_FREEZE = 'python3_virtualenv_sources/requirements-to-freeze.txt'
/** A namespace with a loopback that is down, and nothing else. An ordinary user needs one for users as well. */
const NO_NETWORK = process.getuid?.() === 0 ? ['-n'] : ['-r', '-n']

describe('a release file', () => {
  let world: World
  let homes: Readonly<Record<'default' | 'flask' | 'node', string>>
  const released = new Map<string, string>()

  before(async () => {
    world = await newWorld()
    homes = {
      default: await bootstrap(world, 'plain', 'default'),
      flask: await bootstrap(world, 'blog', 'flask'),
      node: await bootstrap(world, 'shop', 'node'),
    }
    writeFile(join(homes.default, TO_FREEZE), 'six\n')
    edit(join(homes.node, 'package.json'), '"express": "^5.3.0"', '"bufferutil": "4.1.0"')
    writeFile(join(homes.node, 'bin/run'), '#!/bin/sh\n')
    symlinkSync('run', join(homes.node, 'bin/same'))
    mkdirSync(join(homes.node, 'spool'))
  })
  after(() => world.end())

  for (const kind of ['default', 'flask', 'node'] as const) {
    test(`of ${kind} is the same bytes from any directory, by anybody, at any time`, async () => {
      const home = homes[kind]
      const ran = await release(world, home)
      assert.match(ran.stdout, /was released:[\s\S]*SHA-256 {4}[0-9a-f]{64}[\s\S]*needs/)
      const file = fileIn(home)
      const copy = join(world.home, `elsewhere/${kind}/deeper`)
      cpSync(home, copy, { recursive: true, verbatimSymlinks: true, filter: (from) => !/\/(local|[^/]*\.plugin)$/.test(from) })
      utimesSync(join(copy, 'config.ini'), 1, 1)
      await release(world, copy, { TZ: 'Asia/Tokyo', LC_ALL: 'C', USER: 'somebody' })
      assert.ok(readFileSync(file).equals(readFileSync(fileIn(copy))))
      assert.deepEqual(
        [...readFileSync(file).subarray(4, 10)],
        [0, 0, 0, 0, 0, 255],
        'neither time nor system in the gzip header',
      )
      released.set(kind, file)
    })
  }

  test('says what it needs, and what is in it', async () => {
    const facts = await Promise.all(['default', 'flask', 'node'].map((kind) => readPackageFacts(fileOf(kind))))
    const [plain, blog, shop] = facts
    assert.deepEqual(plain?.needs, {})
    assert.match(blog?.needs.python3?.tag ?? '', /^cpython-3\d+$/)
    assert.equal(shop?.needs.node, undefined, 'bufferutil uses Node-API')
    assert.equal(shop?.needs.platform?.arch, process.arch)
    const { stdout } = await world.must('plugins.info', ['--json', fileOf('node')])
    const info = JSON.parse(stdout)
    assert.deepEqual([info.name, info.version, info.madeBy], ['shop', '0.0.1', 'mfserv'])
    for (const path of ['bin/run', 'bin/same', 'node_modules/bufferutil/package.json']) assert.ok(info.files.includes(path), path)
    assert.equal(
      info.files.some((path: string) => /^local|Makefile$|\.plugin$/.test(path)),
      false,
    )
    const hash = (await world.must('plugins.hash', [fileOf('node')])).stdout.trim()
    assert.equal(hash, info.hash)
    assert.match((await world.must('plugins.info', [fileOf('flask')])).stdout, /Signature +│ unsigned[\s\S]*- main\/wsgi\.py/)
  })

  test('is read by tar, and its bill of materials names every package', () => {
    const text = (kind: string, name: string) => execFileSync('tar', ['-xzOf', fileOf(kind), `metwork_plugin/${name}`]).toString()
    const purls = JSON.parse(text('flask', '.bom.json')).components.map(({ purl }: { purl: string }) => purl.replace(/@.*/, ''))
    assert.ok(purls.includes('pkg:pypi/flask') && purls.includes('pkg:pypi/jinja2'), purls.join())
    const modules = JSON.parse(text('node', '.bom.json')).components.map(({ purl }: { purl: string }) => purl.split('@')[0])
    assert.ok(modules.includes('pkg:npm/node-gyp-build') && modules.includes('pkg:npm/bufferutil'), modules.join())
    const metadata = JSON.parse(text('node', '.metadata.json'))
    for (const value of Object.values(metadata)) assert.equal(typeof value, 'string')
    const list: readonly string[] = JSON.parse(text('node', '.files.json'))
    assert.ok(list.includes('metwork_plugin/bin/same') && list.every((path) => path.startsWith('metwork_plugin/')))
  })

  for (const kind of ['default', 'flask', 'node'] as const) {
    test(`of ${kind} becomes a plugin that runs, with no network, no cache and no registry`, async (context) => {
      if ((await execute('unshare', [...NO_NETWORK, 'true'], {})).code !== 0) return context.skip('this user may not unshare -n')
      const target = join(world.home, `unpacked-${kind}`)
      const facts = await unpackPackage(fileOf(kind), target, { trust: NO_TRUST })
      assert.equal(facts.madeBy, 'mfserv')
      const env = { MFMODULE_RUNTIME_HOME: world.home, HOME: join(world.home, 'no-caches') }
      const built = await execute('unshare', [...NO_NETWORK, process.execPath, BUILD, target], { env })
      assert.equal(built.code, 0, built.stderr)
      const moved = `${target}-moved`
      renameSync(target, moved)
      assert.match(await loads(kind, moved), /loaded/)
      if (kind !== 'node') return
      assert.deepEqual(readdirSync(join(moved, 'spool')), [])
      assert.equal(statSync(join(moved, 'bin/same')).ino, statSync(join(moved, 'bin/run')).ino)
    })
  }

  test('whose node_modules is compiled for another Node is told so with both ABIs', async () => {
    const target = join(world.home, 'other-abi')
    await unpackPackage(fileOf('node'), target, { trust: NO_TRUST })
    edit(join(target, 'node_modules/.mfserv-build.json'), `"abi": "${process.versions.modules}"`, '"abi": "1"')
    const env = { MFMODULE_RUNTIME_HOME: world.home }
    assert.equal((await execute(process.execPath, [BUILD, target], { env })).code, 0, 'Node-API loads in every Node')
    edit(join(target, '.mfserv_release.json'), '"needs": {', '"needs": { "node": { "abi": "1" },')
    const { code, stderr } = await execute(process.execPath, [BUILD, target], { env })
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`Node ABI 1, the Node here has ABI ${process.versions.modules} .*RELEASE_NEEDS|ABI 1,`))
  })

  test('that lacks a package says which, and to release it again', async () => {
    const target = join(world.home, 'lacking')
    await unpackPackage(fileOf('default'), target, { trust: NO_TRUST })
    rmSync(join(target, 'python3_virtualenv_sources/src'), { recursive: true })
    const { code, stderr } = await execute(process.execPath, [BUILD, target], { env: { MFMODULE_RUNTIME_HOME: world.home } })
    assert.equal(code, 1)
    assert.match(stderr, /requirements3\.txt:2[\s\S]*six[\s\S]*RELEASE_INCOMPLETE[\s\S]*make release/)
  })

  describe('from anywhere', () => {
    test('that is cut off, damaged or something else is refused, and an RPM with the fix', async () => {
      const good = readFileSync(fileOf('flask'))
      await refused(world, good.subarray(0, good.length / 2), /damaged or cut off/)
      const damaged = Buffer.from(good)
      damaged.fill(0, 2000, 2100)
      await refused(world, damaged, /damaged or cut off/)
      await refused(world, gzipSync(Buffer.from('no tar at all'.repeat(100))), /damaged or cut off/)
      await refused(world, gzipSync(gunzipSync(good).subarray(0, 20_000)), /damaged or cut off|missing/)
      await refused(world, Buffer.from('PK\x03\x04 a zip'), /does not begin as a gzip file/)
      await refused(world, Buffer.alloc(0), /does not begin as a gzip file/)
      const rpm = await refused(world, Buffer.from('edabeedb03000000', 'hex'), /RPM, a release of MFSERV 0\.9/)
      assert.match(rpm.fix, /make release/)
      await assert.rejects(readPackageFacts(world.home), /is not a file/)
      await assert.rejects(readPackageFacts(join(world.home, 'nothing.plugin')), /there is no file/)
    })

    test('whose contents are not what its checksums say is refused with every difference', async () => {
      const target = join(world.home, 'tampered')
      execFileSync('mkdir', ['-p', target])
      execFileSync('tar', ['-xzf', fileOf('flask'), '-C', target])
      writeFile(join(target, 'metwork_plugin/main/wsgi.py'), 'evil\n')
      writeFile(join(target, 'metwork_plugin/evil.py'), 'evil\n')
      rmSync(join(target, 'metwork_plugin/README.md'))
      const packed = execFileSync('tar', ['-czf', '-', '-C', target, 'metwork_plugin'], { maxBuffer: 1 << 26 })
      for (const because of [/main\/wsgi\.py has another SHA-256/, /evil\.py is in it/, /README\.md is missing/])
        await refused(world, packed, because)
    })

    test('that does not fit on the disk is refused, and leaves nothing', async (context) => {
      const mount = ['-r', '-m', 'sh', '-c', 'mount -t tmpfs -o size=128k none "$1" && exec "$2" "$3" "$4" "$1/out"', 'sh']
      if ((await execute('unshare', ['-r', '-m', 'true'], {})).code !== 0) return context.skip('this user may not mount')
      const disk = join(world.home, 'small')
      mkdirSync(disk)
      const unpack = resolve(import.meta.dirname, 'unpack-into.ts')
      const { stdout } = await execute('unshare', [...mount, disk, process.execPath, unpack, fileOf('flask')], {})
      assert.deepEqual(JSON.parse(stdout), { code: 'DISK', left: [] })
    })
  })

  test('with files that no installation would take is not made, and all of them are named', async () => {
    const home = await bootstrap(world, 'untakeable', 'default')
    writeFile(join(home, 'main/Wsgi.py'), '')
    symlinkSync('/etc/passwd', join(home, 'main/secrets'))
    execFileSync('mkfifo', [join(home, 'main/pipe')])
    writeFile(join(home, 'main/a\tb'), '')
    const { code, stderr } = await world.run('_plugins.release', ['--sign', 'nobody', '--plugin-path', home])
    assert.equal(code, 1)
    assert.match(stderr, /there is no key .*nobody\.key/)
    const again = await world.run('_plugins.release', ['--plugin-path', home])
    for (const named of [
      /"main\/wsgi\.py" differs from "main\/Wsgi\.py"/,
      /main\/secrets.*outside/s,
      /"main\/pipe" is neither/,
      /"main\/a\\tb" has control/,
    ])
      assert.match(again.stderr, named)
    assert.match(again.stderr, /\.releaseignore/)
    assert.deepEqual(plugins(home), [])
    setKey(home, 'version', '')
    assert.match((await world.run('_plugins.release', ['--plugin-path', home])).stderr, /INI_/)
  })

  test('is what is left of a new plugin that is created, released and deleted at once', async () => {
    const { stdout } = await world.must('bootstrap_plugin.py', ['create', '--no-input', '--make', '--delete', 'fresh'], {
      in: world.home,
    })
    assert.match(stdout, /fresh-0\.0\.1-1\.metwork\.mfserv\.plugin/)
    assert.ok(!existsSync(join(world.home, 'fresh')))
    assert.equal((await readPackageFacts(join(world.home, 'fresh-0.0.1-1.metwork.mfserv.plugin'))).name, 'fresh')
  })

  function fileOf(kind: string): string {
    return released.get(kind) ?? assert.fail(`${kind} was not released`)
  }
})

async function loads(kind: 'default' | 'flask' | 'node', home: string): Promise<string> {
  const code = kind === 'default' ? 'import six; print("loaded")' : 'import flask, markupsafe._speedups; print("loaded")'
  const node = ['-e', 'require("bufferutil/fallback"); require("node-gyp-build"); require("bufferutil"); console.log("loaded")']
  const [program, words] = kind === 'node' ? [process.execPath, node] : [join(home, 'local/bin/python3'), ['-c', code]]
  const ran = await execute(program, words, { in: home })
  return ran.stdout + ran.stderr
}

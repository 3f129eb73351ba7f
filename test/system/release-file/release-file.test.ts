import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { readSigningKey } from '../../../src/host/package/key-files.ts'
import { signManifest } from '../../../src/host/package/keys.ts'
import { readPackageFacts } from '../../../src/host/package/read-package.ts'
import { NO_TRUST } from '../../../src/host/package/trust.ts'
import { unpackPackage } from '../../../src/host/package/unpack.ts'
import { manifestText } from '../../../src/package/manifest.ts'
import { signatureText } from '../../../src/package/signing/signature.ts'
import { Problem, Problems } from '../../../src/problem.ts'
import { bootstrap, edit, execute, newWorld, setKey, type World, writeFile } from '../world.ts'
import { type MadeEntry, ORIGINAL, patchHeader, tarOf, tarOfMany, writeArchive } from './hostile-archive.ts'

const TO_FREEZE = 'python3_virtualenv_sources/requirements-to-freeze.txt'
const BUILD = resolve(import.meta.dirname, 'build-vendored.ts')
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
    edit(join(homes.node, 'package.json'), '"dependencies": {', '"dependencies": {\n    "bufferutil": "4.1.0",')
    writeFile(join(homes.node, 'bin/run'), '#!/bin/sh\n')
    symlinkSync('run', join(homes.node, 'bin/same'))
    mkdirSync(join(homes.node, 'spool'))
  })
  after(() => world.end())

  for (const kind of ['default', 'flask', 'node'] as const) {
    test(`of ${kind} is the same bytes from any directory, by anybody, at any time`, async () => {
      const home = homes[kind]
      const ran = await make(world, home)
      assert.match(ran.stdout, /was released:[\s\S]*SHA-256 {4}[0-9a-f]{64}[\s\S]*needs/)
      const file = fileIn(home)
      const copy = join(world.home, `elsewhere/${kind}/deeper`)
      cpSync(home, copy, { recursive: true, verbatimSymlinks: true, filter: (from) => !/\/(local|[^/]*\.plugin)$/.test(from) })
      utimesSync(join(copy, 'config.ini'), 1, 1)
      await make(world, copy, { TZ: 'Asia/Tokyo', LC_ALL: 'C', USER: 'somebody' })
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
    assert.ok(modules.includes('pkg:npm/express') && modules.includes('pkg:npm/bufferutil'), modules.join())
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

  test('of an mfserv that listed no directories installs too; signed, only without directories that hold nothing', async () => {
    await world.must('mfserv', ['key', 'create', 'earlier'])
    const key = readSigningKey(pathsOf(world.home), 'earlier')
    const files = new Map(ORIGINAL.map(({ name, body = '' }) => [name.replace('metwork_plugin/', ''), sha256(body)]))
    const identity = { name: 'evil', version: '1.0', release: '1' }
    const listed = { files, links: new Map(), directories: undefined, executables: new Set<string>() }
    const manifest = manifestText({ ...identity, needs: {}, ...listed })
    const described = [...ORIGINAL, { name: 'metwork_plugin/.mfserv_release.json', body: manifest }]
    const signed = [...described, { name: 'metwork_plugin/.signature.json', body: signatureText(signManifest(manifest, key)) }]
    const empty = { name: 'metwork_plugin/empty', type: 'directory' } as const
    for (const entries of [[...described, empty], signed]) {
      const file = await writeArchive(join(world.home, 'earlier.plugin'), entries)
      assert.equal((await readPackageFacts(file)).name, 'evil')
    }
    await refused(world, gzipSync(await tarOf([...signed, empty])), /metwork_plugin\/empty is a directory with nothing in it/)
  })

  test('of the original installs too, from the source archives it brings', async () => {
    const source = join(world.home, 'thing')
    writeFile(
      join(source, 'setup.py'),
      'from setuptools import setup\nsetup(name="thing", version="1.0", py_modules=["thing"])\n',
    )
    writeFile(join(source, 'thing.py'), 'print("loaded")\n')
    const sdist = await tarOf(
      ['setup.py', 'thing.py'].map((name) => ({ name: `thing-1.0/${name}`, body: readFileSync(join(source, name)) })),
    )
    const file = await writeArchive(join(world.home, 'old-1.0-1.metwork.mfserv.plugin'), [
      ...ORIGINAL,
      { name: 'metwork_plugin/python3_virtualenv_sources/requirements3.txt', body: 'thing==1.0\n' },
      { name: 'metwork_plugin/python3_virtualenv_sources/src/thing-1.0.tar.gz', body: gzipSync(sdist) },
      { name: 'metwork_plugin/empty', type: 'directory' },
    ])
    const target = join(world.home, 'original')
    const facts = await unpackPackage(file, target, { trust: NO_TRUST })
    assert.deepEqual([facts.name, facts.version, facts.madeBy, facts.needs], ['evil', '1.0', 'original', {}])
    assert.deepEqual(readdirSync(join(target, 'empty')), [])
    // Whether a package can be built from source without a network depends on the setuptools of this machine.
    const python = await execute('python3', ['-c', 'import setuptools, wheel'], {})
    const { code, stderr } = await execute(process.execPath, [BUILD, target], { env: { MFMODULE_RUNTIME_HOME: world.home } })
    if (code === 0) assert.match(execFileSync(join(target, 'local/bin/python3'), ['-m', 'thing']).toString(), /loaded/)
    else assert.match(stderr, /RELEASE_INCOMPLETE/, `${python.code}`)
  })

  describe('from anywhere', () => {
    const file = (name: string) => ({ name: `metwork_plugin/${name}`, body: 'x' })
    const hostile: readonly { readonly what: string; readonly entries: readonly MadeEntry[]; readonly because: RegExp }[] = [
      { what: 'an absolute path', entries: [{ name: '/tmp/evil', body: 'x' }], because: /"\/tmp\/evil" is an absolute path/ },
      { what: '..', entries: [file('../../evil')], because: /"metwork_plugin\/\.\.\/\.\.\/evil" has \.\. in its path/ },
      { what: 'a path outside of the root', entries: [{ name: 'evil', body: 'x' }], because: /"evil" is not in metwork_plugin/ },
      {
        what: 'a link that leaves',
        entries: [link('evil', '../../etc')],
        because: /"metwork_plugin\/evil" is a link .* outside/,
      },
      {
        what: 'an absolute link',
        entries: [link('evil', '/etc/passwd')],
        because: /"metwork_plugin\/evil" is a link to "\/etc\/passwd"/,
      },
      {
        what: 'a chain of links that leaves',
        entries: [link('d/a', 'b/../..'), link('d/b', '..')],
        because: /"metwork_plugin\/d\/a" is a link/,
      },
      {
        what: 'a file below a link',
        entries: [link('evil', 'main'), file('evil/x')],
        because: /"metwork_plugin\/evil\/x" is below "evil"/,
      },
      {
        what: 'a hard link',
        entries: [{ ...link('evil', 'metwork_plugin/x'), type: 'link' }],
        because: /"metwork_plugin\/evil" is a hard link/,
      },
      {
        what: 'a device',
        entries: [{ name: 'metwork_plugin/evil', type: 'character-device' }],
        because: /"metwork_plugin\/evil" is a device/,
      },
      {
        what: 'a block device',
        entries: [{ name: 'metwork_plugin/evil', type: 'block-device' }],
        because: /"metwork_plugin\/evil" is a device/,
      },
      { what: 'a pipe', entries: [{ name: 'metwork_plugin/evil', type: 'fifo' }], because: /"metwork_plugin\/evil" is a pipe/ },
      { what: 'a setuid bit', entries: [{ ...file('evil'), mode: 0o4755 }], because: /"metwork_plugin\/evil" has a setuid/ },
      {
        what: 'a setgid bit',
        entries: [{ ...file('evil'), mode: 0o2755 }],
        because: /"metwork_plugin\/evil" has a setuid, setgid/,
      },
      { what: 'a sticky bit', entries: [{ ...file('evil'), mode: 0o1755 }], because: /"metwork_plugin\/evil" has a .*sticky/ },
      {
        what: 'a name with a control character',
        entries: [file('ev\x1b[2Jil')],
        because: /"metwork_plugin\/ev\\u001b\[2Jil" has control/,
      },
      {
        what: 'a name that is no UTF-8',
        entries: [file('ev_il')],
        because: /"metwork_plugin\/ev\ufffdil" has control characters or invalid UTF-8/,
      },
      {
        what: 'names that differ only in case',
        entries: [file('evil'), file('EVIL')],
        because: /"metwork_plugin\/EVIL" differs from "evil"/,
      },
      { what: 'the same name twice', entries: [file('evil'), file('evil')], because: /"metwork_plugin\/evil" stands twice/ },
      {
        what: 'too much',
        entries: [{ ...file('evil'), body: Buffer.alloc(40 << 20) }],
        because: /"metwork_plugin\/evil" makes it larger than/,
      },
      {
        what: 'a listed file that is not there',
        entries: [{ name: 'metwork_plugin/.files.json', body: '["metwork_plugin/evil"]' }],
        because: /metwork_plugin\/evil is missing/,
      },
      {
        what: 'a version that is a path',
        entries: [{ name: 'metwork_plugin/.metadata.json', body: '{"version":"../evil","release":"1"}' }],
        because: /version "\.\.\/evil"/,
      },
    ]
    for (const { what, entries, because } of hostile) {
      test(`with ${what} is refused by the name of the entry, and leaves nothing`, async () => {
        const given = new Set(entries.map(({ name }) => name))
        const usual = ORIGINAL.filter(({ name }) => !given.has(name))
        let tar = await tarOf([...usual, ...entries])
        if (what === 'a name that is no UTF-8')
          tar = patchHeader(tar, 'metwork_plugin/ev_il', (header) => header.writeUInt8(0xff, 17))
        await refused(world, gzipSync(tar), because)
      })
    }

    test('with ten thousand times its size is refused early', async () => {
      const tar = await tarOf([...ORIGINAL, file('evil')])
      const huge = patchHeader(tar, 'metwork_plugin/evil', (header) => header.write('77777777777\0', 124))
      await refused(world, gzipSync(huge), /"metwork_plugin\/evil" makes it larger than/)
      const zeros = Buffer.alloc(120 << 20)
      const before = process.cpuUsage()
      await refused(world, gzipSync(Buffer.concat([await tarOf(ORIGINAL), zeros])), /unpacks to more than/)
      // Of the processor, whatever else the machine is busy with.
      assert.ok(process.cpuUsage(before).user < 20_000_000)
    })

    test('whose extended header would fill the memory is refused before it is read', async () => {
      const tar = await tarOf([...ORIGINAL, file('evil'), file('other')])
      const huge = patchHeader(tar, 'metwork_plugin/evil', (header) => {
        header.write('07777777777\0', 124)
        header.write('x', 156)
      })
      const bytes = gzipSync(Buffer.concat([huge, Buffer.alloc(4 << 20)]))
      await refused(world, bytes, /"metwork_plugin\/evil" is an extended header of 1073741823 bytes/)
    })

    test('with an entry that has two sizes is refused: readers of tars do not agree where the next one begins', async () => {
      const tar = await tarOf([...ORIGINAL, { name: 'pax', body: '9 size=1\n' }, { ...file('evil'), body: 'x'.repeat(1000) }])
      const two = patchHeader(tar, 'pax', (header) => header.write('x', 156))
      await refused(world, gzipSync(two), /"metwork_plugin\/evil" has a second size/)
    })

    test('with something behind its end is refused with the place, whatever it is', async () => {
      const tar = await tarOf(ORIGINAL)
      const more = await tarOf([file('late')])
      const end = tar.length - 1024
      const late = new RegExp(`"metwork_plugin/late" stands behind the end of the archive, which is at byte ${end} `)
      await refused(world, gzipSync(Buffer.concat([tar, more])), late)
      await refused(world, gzipSync(Buffer.concat([tar, Buffer.alloc(7 << 10), more])), late)
      // Where some readers go on, and others have found the end.
      await refused(world, gzipSync(Buffer.concat([tar.subarray(0, -512), more])), late)
      await refused(world, gzipSync(Buffer.concat([tar, Buffer.from('rest')])), /"rest" stands behind the end/)
      const packed = gzipSync(tar)
      const place = new RegExp(`something stands behind the end of its gzip data, which ends with byte ${packed.length}$`, 'm')
      for (const behind of [
        gzipSync(more),
        gzipSync(Buffer.alloc(512)),
        Buffer.from('x'),
        Buffer.alloc(20),
        gzipSync(''),
        packed,
      ]) {
        await refused(world, Buffer.concat([packed, behind]), place)
      }
      const wrongSum = Buffer.from(packed)
      wrongSum.writeUInt32LE(1, wrongSum.length - 8)
      await refused(world, wrongSum, /damaged or cut off/)
    })

    test('with too many entries is refused', async () => {
      await refused(world, gzipSync(await tarOfMany(200_001), { level: 1 }), /more than 200000 entries/)
    })

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

  test('is signed with a key, and a machine that wants signatures takes only those of trusted keys', async () => {
    await world.must('mfserv', ['key', 'create', 'me'])
    const keys = join(world.home, 'config/keys')
    assert.equal(statSync(join(keys, 'me.key')).mode & 0o777, 0o600)
    const again = await world.run('mfserv', ['key', 'create', 'me'])
    assert.match(again.stderr, /me\.key already/)
    const home = homes.default
    const { stdout } = await make(world, home, {}, ['SIGN=me'])
    assert.match(stdout, /signature {2}by the key [0-9a-f]{16}/)
    const file = fileIn(home)
    const signature = async (one: string): Promise<{ readonly is: string; readonly by?: string }> =>
      JSON.parse((await world.must('plugins.info', ['--json', one])).stdout).signature
    assert.equal((await signature(file)).is, 'unknown key')
    writeFile(join(world.home, 'config/config.ini'), `[nginx]\nport = ${world.port}\n[releases]\nrequire_signature = 1\n`)
    for (const one of [file, fileOf('flask')]) {
      const refused = await world.run('plugins.install', [one])
      assert.equal(refused.code, 1)
      assert.match(refused.stderr, /takes only releases with a trusted signature {2}\(RELEASE_SIGNATURE\)/)
    }
    assert.match((await world.run('mfserv', ['key', 'trust', join(keys, 'me.key')])).stderr, /it is a private key/)
    copyFileSync(join(keys, 'me.pub'), join(world.home, 'maker.pub'))
    await world.must('mfserv', ['key', 'trust', join(world.home, 'maker.pub')])
    assert.match((await world.must('mfserv', ['key', 'list'])).stdout, /maker/)
    const broken = join(world.home, 'config/trusted_keys/broken.pub')
    writeFile(broken, '')
    assert.deepEqual([(await signature(file)).is, (await signature(file)).by], ['trusted', 'maker'])
    assert.match((await world.must('plugins.info', [file])).stdout, /broken\.pub is not a public key[\s\S]*rm .*broken\.pub/)
    const listed = await world.run('mfserv', ['key', 'list'])
    assert.deepEqual([listed.code, /maker[\s\S]*broken\.pub is not a public key/.test(listed.stdout)], [1, true], listed.stdout)
    const unsigned = await world.run('plugins.install', [fileOf('flask')])
    assert.match(unsigned.stderr, /takes only releases with a trusted signature[\s\S]*broken\.pub is not a public key/)
    rmSync(broken)
    const openssl = join(world.home, 'openssl')
    mkdirSync(openssl)
    execFileSync('tar', ['-xzf', file, '-C', openssl])
    const signed = join(openssl, 'metwork_plugin/.signature.json')
    writeFileSync(join(openssl, 'sig'), Buffer.from(JSON.parse(readFileSync(signed, 'utf8')).signature, 'base64'))
    const verified = ['pkeyutl', '-verify', '-pubin', '-inkey', join(keys, 'me.pub'), '-rawin', '-sigfile', join(openssl, 'sig')]
    const manifest = join(openssl, 'metwork_plugin/.mfserv_release.json')
    assert.match(execFileSync('openssl', [...verified, '-in', manifest]).toString(), /Verified Successfully/)
    for (const added of ['bin', 'lib/deep', 'local/x']) {
      const extended = join(openssl, 'extended')
      cpSync(join(openssl, 'metwork_plugin'), join(extended, 'metwork_plugin'), { recursive: true, verbatimSymlinks: true })
      mkdirSync(join(extended, 'metwork_plugin', added), { recursive: true })
      const because = new RegExp(`metwork_plugin/${added} is a directory with nothing in it, and .* does not list it`)
      await refused(world, execFileSync('tar', ['-czf', '-', '-C', extended, 'metwork_plugin'], { maxBuffer: 1 << 26 }), because)
      rmSync(extended, { recursive: true })
    }
    edit(manifest, '"needs"', ' "needs"')
    const tampered = execFileSync('tar', ['-czf', '-', '-C', openssl, 'metwork_plugin'], { maxBuffer: 1 << 26 })
    assert.equal(
      (await refused(world, tampered, /its signature is wrong: \.mfserv_release\.json was changed/)).code,
      'RELEASE_SIGNATURE',
    )
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

async function make(world: World, home: string, env: Record<string, string> = {}, words: readonly string[] = []) {
  const ran = await execute('make', ['release', ...words], {
    in: home,
    env: { MFMODULE_RUNTIME_HOME: world.home, MFSERV_HOME: resolve(import.meta.dirname, '../../..'), ...env },
  })
  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  return ran
}

function plugins(home: string): readonly string[] {
  return readdirSync(home).filter((name) => name.includes('.plugin'))
}

function fileIn(home: string): string {
  const [name, ...others] = plugins(home)
  assert.deepEqual(others, [])
  return join(home, name ?? assert.fail(`no release in ${home}`))
}

async function loads(kind: 'default' | 'flask' | 'node', home: string): Promise<string> {
  const code = kind === 'default' ? 'import six; print("loaded")' : 'import flask, markupsafe._speedups; print("loaded")'
  const node = ['-e', 'require("bufferutil/fallback"); require("express"); require("bufferutil"); console.log("loaded")']
  const [program, words] = kind === 'node' ? [process.execPath, node] : [join(home, 'local/bin/python3'), ['-c', code]]
  const ran = await execute(program, words, { in: home })
  return ran.stdout + ran.stderr
}

function sha256(body: string | Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}

function link(path: string, linkname: string): MadeEntry {
  return { name: `metwork_plugin/${path}`, type: 'symlink', linkname }
}

/** Both ways to read a file refuse it, and nothing is left of it. Returns the first problem. */
async function refused(world: World, bytes: Uint8Array, because: RegExp): Promise<Problem> {
  const directory = mkdtempSync(join(tmpdir(), 'mfserv-hostile-'))
  try {
    const file = join(directory, 'evil-1.0-1.metwork.mfserv.plugin')
    writeFileSync(file, bytes)
    const target = join(directory, 'target')
    const [first, second] = [
      await problemsOf(unpackPackage(file, target, { trust: NO_TRUST })),
      await problemsOf(readPackageFacts(file)),
    ]
    for (const problems of [first, second]) assert.match(problems.map(({ message }) => message).join('\n'), because)
    assert.deepEqual(readdirSync(directory), ['evil-1.0-1.metwork.mfserv.plugin'])
    assert.ok(!existsSync(join(directory, '../evil')) && !existsSync('/tmp/evil') && !existsSync(join(world.home, 'evil')))
    return first[0] ?? assert.fail('it was taken')
  } finally {
    rmSync(directory, { recursive: true })
  }
}

async function problemsOf(reading: Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await reading
  } catch (error) {
    if (error instanceof Problems) return error.all
    if (error instanceof Problem) return [error]
    throw error
  }
  return []
}

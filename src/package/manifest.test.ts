import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { releaseFileName, releaseId } from './file-name.ts'
import { manifestText, readFileList, readManifest } from './manifest.ts'
import { hashedText, readMetadata } from './metadata.ts'
import { type Unpacked, verifyFileList, verifyManifest } from './verify.ts'

const WHERE = { file: 'a.plugin: .mfserv_release.json' }
const SUM = 'a'.repeat(64)

test('a manifest reads as what was written, whatever the paths are called', () => {
  const path = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'grüße'))
  fc.assert(
    fc.property(
      fc.array(path),
      fc.array(
        fc.tuple(
          path,
          fc.string({ minLength: 1 }).filter((text) => !text.includes('\0')),
        ),
      ),
      (paths, links) => {
        const manifest = {
          name: 'blog',
          version: '1.0',
          release: '1',
          needs: { python3: { tag: 'cpython-311' }, platform: { os: 'linux', arch: 'x64', glibc: '2.17' } },
          files: new Map(paths.map((one) => [one, SUM])),
          links: new Map(links),
          directories: paths.length % 2 === 0 ? new Set(paths) : undefined,
          executables: new Set(paths),
        }
        assert.deepEqual(readManifest(manifestText(manifest), WHERE).value, manifest)
      },
    ),
  )
})

test('everything that is wrong with a manifest is said at once', () => {
  const json = {
    format: 1,
    name: 'a b',
    version: 1,
    needs: { node: { abi: 7 } },
    files: { x: 'short' },
    links: [],
    directories: {},
    executables: [1],
  }
  const messages = readManifest(JSON.stringify(json), WHERE).problems.map(({ message }) => message)
  assert.equal(messages.length, 8, messages.join('\n'))
  for (const part of [/version/, /release/, /"a b"/, /needs\.node\.abi/, /"x"/, /links/, /directories/, /executables/])
    assert.ok(
      messages.some((message) => part.test(message)),
      String(part),
    )
})

test('what is no manifest is damaged, and one of a newer mfserv says so', () => {
  for (const text of ['', '[]', '{', 'null', '{"format":1}', '{}']) {
    const { value, problems } = readManifest(text, WHERE)
    assert.equal(value, undefined)
    for (const { code } of problems) assert.ok(code === 'RELEASE_DAMAGED' || code === 'PLUGIN_NAME', code)
  }
  assert.match(readManifest('{"format":2}', WHERE).problems[0]?.fix ?? '', /newer mfserv/)
})

test('no text at all makes a reader of the generated files throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const read of [readManifest, readMetadata, readFileList]) read(text, WHERE)
    }),
  )
})

test('a version that is no name of a directory is refused: releases are directories', () => {
  for (const version of ['../x', 'a/b', '', 'x'.repeat(65), 'a b']) {
    const read = readMetadata(JSON.stringify({ version, release: '1' }), WHERE)
    assert.equal(read.value, undefined, version)
  }
  const { value } = readMetadata(JSON.stringify({ version: '1.0-rc~1', release: '2', vendor: null }), WHERE)
  assert.deepEqual([value?.version, value?.vendor], ['1.0-rc~1', ''])
})

test('the hash is over the five values of the original, in its order', () => {
  const metadata = { build_host: 'host', build_date: '2026-01-01T00:00:00Z', size: '12', version: '1.0', release: '1' }
  const { value } = readMetadata(JSON.stringify(metadata), WHERE)
  assert.equal(value === undefined ? '' : hashedText(value), 'host, 2026-01-01T00:00:00Z, 12, 1.0, 1')
})

test('a file and its release on disk are named after version and release', () => {
  const identity = { name: 'blog', version: '1.0', release: '2' }
  assert.equal(releaseFileName(identity), 'blog-1.0-2.metwork.mfserv.plugin')
  assert.equal(releaseId(identity, '0123456789abcdef'), '1.0-2-01234567')
})

test('everything in which an archive differs from its manifest is said', () => {
  const file = { sha256: SUM, size: 1, executable: false }
  const found: Unpacked = {
    files: new Map([
      ['same', file],
      ['changed', { ...file, sha256: 'b'.repeat(64) }],
      ['made executable', { ...file, executable: true }],
      ['surplus', file],
      ['.mfserv_release.json', file],
    ]),
    links: new Map([
      ['link', 'elsewhere'],
      ['surplus link', 'x'],
    ]),
    directories: new Set(['', 'surplus directory', 'surplus directory/in one', 'listed', 'listed/directory']),
  }
  const manifest = {
    name: 'blog',
    version: '1',
    release: '1',
    needs: {},
    files: new Map(['same', 'changed', 'made executable', 'missing'].map((path) => [path, SUM])),
    links: new Map([
      ['link', 'here'],
      ['missing link', 'x'],
    ]),
    directories: new Set(['listed/directory', 'missing directory']),
    executables: new Set<string>(),
  }
  const messages = verifyManifest(found, manifest, WHERE).map(({ message }) => message)
  assert.deepEqual(messages.map((message) => /metwork_plugin\/([a-z /]+?) (is|has|points)/.exec(message)?.[1]).sort(), [
    'changed',
    'link',
    'made executable',
    'missing',
    'missing directory',
    'missing link',
    'surplus',
    'surplus directory',
    'surplus directory/in one',
    'surplus link',
  ])
})

test('a file of the original has to hold what it lists', () => {
  const found: Unpacked = {
    files: new Map([['main/x', { sha256: SUM, size: 1, executable: false }]]),
    links: new Map([['l', 'x']]),
    directories: new Set(['empty']),
  }
  assert.deepEqual(verifyFileList(found, ['metwork_plugin/main/x', 'metwork_plugin/l', 'metwork_plugin/.files.json'], WHERE), [])
  assert.match(verifyFileList(found, ['metwork_plugin/y'], WHERE)[0]?.message ?? '', /metwork_plugin\/y is missing/)
})

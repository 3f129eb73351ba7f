import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { releaseFileName, releaseId } from './file-name.ts'
import { type Manifest, manifestText, readFileList, readManifest } from './manifest.ts'
import { hashedText, readMetadata } from './metadata.ts'
import { type Unpacked, verifyFileList, verifyManifest } from './verify.ts'

const WHERE = { file: 'a.plugin: .mfserv_release.json' }
const SUM = 'a'.repeat(64)
const BARE: Manifest = {
  name: 'blog',
  version: '1.0',
  release: '1',
  needs: {},
  files: new Map(),
  links: new Map(),
  directories: undefined,
  executables: new Set(),
}

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
          needs: {
            ...{ python3: { tag: 'cpython-311' }, python3Version: { requires: '>=3.10' }, nodeVersion: { asks: '20' } },
            platform: { os: 'linux', arch: 'x64', glibc: '2.17' },
          },
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

test('a manifest says one member a line, and what it does not need is not there', () => {
  const text = manifestText(BARE)
  assert.ok(text.startsWith('{\n "format": 1,\n "name": "blog",\n'), text)
  assert.ok(text.endsWith('\n}\n'), text)
  const { executables: _, ...json } = JSON.parse(text)
  assert.deepEqual(readManifest(JSON.stringify(json), WHERE), { value: BARE, problems: [] })
})

test('each part of a manifest that is not readable is said once, and nothing else', () => {
  const json = JSON.parse(manifestText(BARE))
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, readonly string[]])[] = [
    [{ format: 0 }, ['its format is not 1']],
    [{ format: '1' }, ['its format is not 1']],
    [{ needs: undefined }, ['needs in it is no table']],
    [{ needs: null }, ['needs in it is no table']],
    [{ needs: [] }, ['needs in it is no table']],
    [{ needs: 'nothing' }, ['needs in it is no table']],
    [{ needs: { python3: null } }, ['needs.python3.tag in it is no text']],
    [{ needs: { python2: { tag: 27 } } }, ['needs.python2.tag in it is no text']],
    [{ needs: { platform: { os: 'linux' } } }, ['needs.platform.arch in it is no text']],
    [{ needs: { platform: { arch: 'x64' } } }, ['needs.platform.os in it is no text']],
    [{ needs: { platform: { os: 'linux', arch: 'x64', glibc: 2.17 } } }, ['needs.platform.glibc in it is no text']],
    [{ files: null }, ['files in it is no table']],
    [{ files: { x: 1 } }, ['what files says of "x" is not readable']],
    [{ links: { x: '' } }, ['what links says of "x" is not readable']],
  ]
  for (const [other, messages] of cases) {
    const { value, problems } = readManifest(JSON.stringify({ ...json, ...other }), WHERE)
    assert.equal(value, undefined)
    assert.deepEqual(
      problems.map(({ message }) => message),
      messages,
    )
  }
})

test('every need of a manifest is read, alone and beside the others', () => {
  const needs = [
    {},
    { python3: { tag: 'cpython-311' } },
    { python2: { tag: 'cpython-27mu' } },
    { node: { abi: '147' } },
    { platform: { os: 'linux', arch: 'x64' } },
    { platform: { os: 'linux', arch: 'x64', glibc: '2.17' } },
  ]
  for (const one of [...needs, Object.assign({}, ...needs)])
    assert.deepEqual(readManifest(manifestText({ ...BARE, needs: one }), WHERE).value?.needs, one)
})

test('a text that is no JSON, or no object, is said once by every reader', () => {
  const notJson = /^it is not JSON: (?!SyntaxError)/
  const cases = [
    { read: readManifest, text: '{', because: notJson },
    { read: readMetadata, text: '{', because: notJson },
    { read: readFileList, text: '[', because: notJson },
    ...['null', '[]', '"text"', '1'].flatMap((text) => [
      { read: readManifest, text, because: /^it holds no JSON object$/ },
      { read: readMetadata, text, because: /^it holds no JSON object$/ },
    ]),
    { read: readFileList, text: '{}', because: /^the list in it is no list of paths$/ },
    { read: readFileList, text: '["a", 1]', because: /^the list in it is no list of paths$/ },
  ]
  for (const { read, text, because } of cases) {
    const { value, problems } = read(text, WHERE)
    assert.equal(value, undefined, text)
    assert.equal(problems.length, 1, text)
    assert.match(problems[0]?.message ?? '', because)
  }
  assert.deepEqual(readFileList('["a", "b/c"]', WHERE), { value: ['a', 'b/c'], problems: [] })
})

test('a member of the metadata that is no text is said by its name', () => {
  const { value, problems } = readMetadata(JSON.stringify({ version: 1, release: '1', vendor: [] }), WHERE)
  assert.equal(value, undefined)
  assert.deepEqual(
    problems.map(({ message }) => message),
    ['version in it is no text', 'vendor in it is no text'],
  )
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

test('a directory that holds something stands for nothing else, at whatever depth, and an old manifest lists none', () => {
  const file = { sha256: SUM, size: 1, executable: false }
  const found: Unpacked = {
    files: new Map([
      ['a/b/c', file],
      ['top', file],
    ]),
    links: new Map([['d/e/f', 'x']]),
    directories: new Set(['', 'a', 'a/b', 'd', 'd/e', 'g/h', 'g', 't']),
  }
  const manifest = {
    ...BARE,
    files: new Map([
      ['a/b/c', SUM],
      ['top', SUM],
    ]),
    links: found.links,
  }
  assert.deepEqual(verifyManifest(found, manifest, WHERE), [])
  assert.deepEqual(
    verifyManifest(found, { ...manifest, directories: new Set(['g/h']) }, WHERE).map(({ message }) => message),
    ['metwork_plugin/t is a directory with nothing in it, and .mfserv_release.json does not list it'],
  )
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

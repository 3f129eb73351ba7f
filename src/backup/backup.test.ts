import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RawEntry } from '../package/entry.ts'
import { databaseOf, isDatabase, isTaken, placesOf, relativeTarget } from './contents.ts'
import { FIRST, newGate } from './gate.ts'
import { FORMAT, type Found, type Manifest, parseManifest, whyNotWhole } from './manifest.ts'

const ALL = { keys: true, data: true }
const RELEASE = 'var/plugins/.releases/blog/1.0-1-abc'

test('what is built, unfinished, half-written or not asked for is left out, and the rest is taken', () => {
  for (const [path, taken, target] of [
    ['config/config.ini', true],
    ['config/.config.ini.12-3.tmp', false],
    ['var/plugins/blog', true, '.releases/blog/1.0-1-abc'],
    [`${RELEASE}/main/wsgi.py`, true],
    [`${RELEASE}/local/lib/own.py`, true],
    [`${RELEASE}/local/versions`, false],
    [`${RELEASE}/local/versions/1/bin/python`, false],
    [`${RELEASE}/local/current`, false, 'versions/1'],
    [`${RELEASE}/local/bin`, false, 'current/bin'],
    [`${RELEASE}/local/bin`, true, 'other/bin'],
    [`${RELEASE}/local/python2/current`, false],
    [`${RELEASE}/local/node/bin`, false],
    [`${RELEASE}/local/nodes`, true],
    ['var/plugins/.releases/blog/.unfinished-12/a', false],
    ['var/plugins/.releases/blog/removed-1', false],
    ['var/plugins/own/local/versions', true],
  ] as const) {
    assert.equal(isTaken(path, ALL, target), taken, path)
  }
  assert.deepEqual(
    ['config/keys', 'config/keys/a.key', 'var/debug_secret', 'config/keys.txt'].map((path) =>
      isTaken(path, { keys: false, data: true }),
    ),
    [false, false, false, true],
  )
  assert.equal(placesOf(ALL).length - placesOf({ keys: false, data: false }).length, 2)
})

test('a database is known by its first bytes, and what stands beside it by its name', () => {
  assert.equal(isDatabase(Buffer.from('SQLite format 3\0…')), true)
  for (const text of ['', 'SQLite format 3', 'SQLite format 4\0']) assert.equal(isDatabase(Buffer.from(text)), false)
  assert.deepEqual(['a.db-wal', 'a.db-shm', 'a-journal', 'a.db', '-wal'].map(databaseOf), [
    'a.db',
    'a.db',
    'a',
    undefined,
    undefined,
  ])
})

test('a link into the runtime home leads there at its new place too', () => {
  assert.equal(relativeTarget('var/data/blog/a', '/rh/var/data/shop', '/rh'), '../../../var/data/shop')
  assert.deepEqual([relativeTarget('config/a', 'b', '/rh'), relativeTarget('config/a', '/rhx/b', '/rh')], ['b', '/rhx/b'])
})

const file = (name: string, more: Partial<RawEntry> = {}): RawEntry => ({
  name,
  type: 'file',
  mode: 0o600,
  size: 1,
  target: undefined,
  ...more,
})

test('an entry of a backup is taken only as a plain file, directory or link in the runtime home', () => {
  const says = (entry: RawEntry): string => {
    const found = newGate().admit(entry)
    return found.is === 'refused' ? found.why : found.is
  }
  assert.deepEqual(
    [file(FIRST), file('mfserv-backup/home/config/a'), file('mfserv-backup/home/var/', { type: 'directory' })].map(says),
    ['text', 'file', 'directory'],
  )
  for (const [name, more, why] of [
    ['/etc/passwd', {}, /absolute path/],
    ['mfserv-backup/home/../x', {}, /has \.\./],
    ['mfserv-backup/home/var//x', {}, /no plain path/],
    ['mfserv-backup/home', {}, /no plain path/],
    ['other/home/var/x', {}, /no plain path/],
    ['mfserv-backup/home/opt/python', {}, /nothing that a backup holds/],
    ['mfserv-backup/home/tmp/x', {}, /nothing that a backup holds/],
    ['mfserv-backup/home/varx', {}, /nothing that a backup holds/],
    ['mfserv-backup/home/var/a\nb', {}, /control characters/],
    ['mfserv-backup/home/var/a', { mode: 0o4755 }, /setuid/],
    ['mfserv-backup/home/var/a', { size: -1 }, /size/],
    ['mfserv-backup/home/var/a', { type: 'link', target: 'b' }, /neither/],
    ['mfserv-backup/home/var/a', { type: 'fifo' }, /neither/],
    ['mfserv-backup/home/var/a', { type: 'character-device' }, /neither/],
    ['mfserv-backup/home/var/a', { type: 'symlink', target: '' }, /no readable path/],
  ] as const) {
    assert.match(says(file(name, more)), why, name)
  }
})

test('nothing stands twice, below a file or a link, and no link leads out; case alone tells names apart', () => {
  const after = (...entries: readonly RawEntry[]): string => {
    const gate = newGate()
    const [last] = entries.map((entry) => gate.admit(entry)).slice(-1)
    return last?.is === 'refused' ? last.why : (gate.close() ?? 'taken')
  }
  const at = (path: string, target?: string): RawEntry =>
    file(`mfserv-backup/home/${path}`, target === undefined ? {} : { type: 'symlink', target, size: 0 })
  assert.equal(after(at('var/a'), at('var/A')), 'taken')
  assert.match(after(at('var/a'), at('var/a')), /twice/)
  assert.match(after(at('var/a'), at('var/a/b')), /below "var\/a", which is a file/)
  assert.match(after(at('var/a', 'b'), at('var/a/b')), /below "var\/a", which is a link/)
  assert.match(after(at('var/a/b'), at('var/a')), /twice/)
  assert.equal(after(at('var/a', '../config/b')), 'taken')
  assert.match(after(at('var/a', '../../etc')), /outside of the runtime home/)
  assert.match(after(at('var/a', '/etc/passwd')), /outside of the runtime home/)
  assert.match(after(at('var/x', 'y'), at('var/y', '../../z')), /outside/)
})

const MEMBER = { size: 1, sha256: 'aa' }
const MANIFEST: Manifest = {
  format: FORMAT,
  mfserv: '1',
  state: 1,
  createdAt: '2030-01-01T00:00:00.000Z',
  home: '/rh',
  host: 'box',
  keys: false,
  data: true,
  development: [],
  notes: [],
  files: { 'var/a': MEMBER },
  links: { 'var/l': 'a' },
  directories: ['var/d'],
}

test('a manifest is read whole or not at all, and one of a newer format says so', () => {
  assert.deepEqual(parseManifest(JSON.stringify(MANIFEST)), MANIFEST)
  assert.match(String(parseManifest('{')), /no JSON/)
  assert.match(String(parseManifest('1')), /no object/)
  assert.match(String(parseManifest(JSON.stringify({ format: FORMAT + 1 }))), /newer mfserv/)
  for (const key of Object.keys(MANIFEST)) {
    const { [key as keyof Manifest]: _, ...rest } = MANIFEST
    assert.match(String(parseManifest(JSON.stringify(rest))), /lacks/, key)
  }
  assert.match(String(parseManifest(JSON.stringify({ ...MANIFEST, files: { a: { size: '1', sha256: '' } } }))), /lacks/)
  assert.match(String(parseManifest(JSON.stringify({ ...MANIFEST, links: { a: 1 } }))), /lacks/)
})

test('a backup is whole when it has what its manifest says, and nothing else', () => {
  const found = (more: Partial<Found> = {}): Found => ({
    files: new Map([['var/a', MEMBER]]),
    links: new Map([['var/l', 'a']]),
    directories: new Set(['var/d']),
    ...more,
  })
  assert.equal(whyNotWhole(MANIFEST, found()), undefined)
  for (const [more, why] of [
    [{ files: new Map() }, /"var\/a" is missing/],
    [{ files: new Map([['var/a', { ...MEMBER, size: 2 }]]) }, /checksum/],
    [{ files: new Map([['var/a', { ...MEMBER, sha256: 'bb' }]]) }, /checksum/],
    [
      {
        files: new Map([
          ['var/a', MEMBER],
          ['var/b', MEMBER],
        ]),
      },
      /more in it/,
    ],
    [{ links: new Map() }, /the link "var\/l"/],
    [{ links: new Map([['var/l', 'b']]) }, /leads elsewhere/],
    [
      {
        links: new Map([
          ['var/l', 'a'],
          ['var/m', 'a'],
        ]),
      },
      /more in it/,
    ],
    [{ directories: new Set<string>() }, /the directory/],
    [{ directories: new Set(['var/d', 'var/e']) }, /more in it/],
  ] as const) {
    assert.match(whyNotWhole(MANIFEST, found(more)) ?? '', why)
  }
})

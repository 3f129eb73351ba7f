import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { after, test } from 'node:test'
import { createGzip, gunzipSync, gzipSync } from 'node:zlib'
import { type Headers, pack } from 'tar-stream'
import { FIRST, HOME, LAST } from '../../backup/gate.ts'
import type { Manifest } from '../../backup/manifest.ts'
import { Problem } from '../../problem.ts'
import { readBackup } from './read-backup.ts'
import { unpackBackup } from './unpack-backup.ts'
import { writeBackup } from './write-backup.ts'

const scratch = mkdtempSync(join(tmpdir(), 'mfbackup'))
after(() => rmSync(scratch, { recursive: true }))
let count = 0
function next(): string {
  count += 1
  return join(scratch, `${count}`)
}

const BODY = Buffer.from('the settings of a plugin'.repeat(500))
const HEAD: Omit<Manifest, 'files'> = {
  format: 1,
  mfserv: '1',
  state: 1,
  createdAt: '2030-01-01T00:00:00.000Z',
  home: '/rh',
  host: 'box',
  keys: false,
  data: true,
  development: [],
  notes: [],
  links: { 'var/plugins/blog': '.releases/blog/1' },
  directories: ['var/data/blog'],
}
const MTIME = new Date(1_700_000_000_000)

async function written(): Promise<string> {
  const file = next()
  await writeBackup(file, async (to) => {
    const member = await to.file('config/run', { body: BODY, size: BODY.length, mtime: MTIME, executable: true })
    await to.link('var/plugins/blog', '.releases/blog/1')
    await to.directory('var/data/blog')
    return { ...HEAD, files: { 'config/run': member } }
  })
  return file
}

function refuses(file: string, why: RegExp): Promise<void> {
  return assert.rejects(readBackup(file), (error) => {
    assert.ok(error instanceof Problem, String(error))
    assert.deepEqual([error.code, why.test(error.message)], ['BACKUP_REFUSED', true], error.message)
    return true
  })
}

test('a backup is read and unpacked as it was written, for its owner alone', async () => {
  const file = await written()
  const directory = next()
  mkdirSync(directory)
  assert.equal((await unpackBackup(file, directory)).home, '/rh')
  const run = join(directory, 'config/run')
  assert.deepEqual(readFileSync(run), BODY)
  assert.deepEqual([statSync(run).mode & 0o777, statSync(run).mtime], [0o700, MTIME])
  assert.equal(readlinkSync(join(directory, 'var/plugins/blog')), '.releases/blog/1')
  assert.equal(statSync(join(directory, 'var/data/blog')).mode & 0o777, 0o700)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  await assert.rejects(writeBackup(file, () => Promise.reject(new Error('not asked'))))
})

test('a file that is there already stays, and what fails leaves none', async () => {
  const file = await written()
  const before = readFileSync(file)
  await assert.rejects(
    writeBackup(file, async () => ({ ...HEAD, files: {} })),
    { code: 'EEXIST' },
  )
  assert.deepEqual(readFileSync(file), before)
  assert.deepEqual(
    readdirSync(scratch).filter((name) => name.endsWith('.tmp')),
    [],
  )
})

test('a backup that is damaged or cut off anywhere is refused', async () => {
  const bytes = readFileSync(await written())
  const tar = gunzipSync(bytes)
  const damaged = next()
  for (let part = 0; part < 40; part += 1) {
    const at = Math.floor((bytes.length * part) / 40)
    const flipped = Buffer.from(bytes)
    flipped[at] = (flipped[at] ?? 0) ^ 0x41
    // Some bits of a gzip file mean nothing.
    if (!unpacksTo(tar, flipped)) {
      writeFileSync(damaged, flipped)
      await refuses(damaged, /./)
    }
    writeFileSync(damaged, bytes.subarray(0, at))
    await refuses(damaged, /./)
  }
  tar[tar.indexOf('settings')] = 0x20
  writeFileSync(damaged, gzipSync(tar))
  await refuses(damaged, /checksum does not fit/)
  writeFileSync(damaged, 'notes\n')
  await refuses(damaged, /no backup of mfserv/)
})

function unpacksTo(tar: Buffer, packed: Buffer): boolean {
  try {
    return gunzipSync(packed).equals(tar)
  } catch {
    // It is damaged.
    return false
  }
}

type Entry = readonly [Headers, string?]

async function archiveOf(
  entries: readonly Entry[],
  manifest: object = { ...HEAD, links: {}, directories: [], files: {} },
): Promise<string> {
  const file = next()
  const tar = pack()
  const all: readonly Entry[] = [[{ name: FIRST }, '{"format":1}'], ...entries, [{ name: LAST }, JSON.stringify(manifest)]]
  for (const [header, text] of all) tar.entry(header, text ?? '')
  tar.finalize()
  await pipeline(tar, createGzip(), createWriteStream(file))
  return file
}

test('a backup that somebody has made to do harm is refused', async () => {
  const at = (path: string): string => `${HOME}/${path}`
  for (const [entries, why] of [
    [[[{ name: '/etc/cron.d/x' }, 'x']], /absolute path/],
    [[[{ name: at('../../x') }, 'x']], /\.\./],
    [[[{ name: at('opt/python') }, 'x']], /nothing that a backup holds/],
    [[[{ name: at('var/a'), type: 'symlink', linkname: '/etc' }]], /outside of the runtime home/],
    [[[{ name: at('var/a'), type: 'symlink', linkname: '../../..' }]], /outside of the runtime home/],
    [[[{ name: at('var/a'), type: 'symlink', linkname: 'b' }], [{ name: at('var/a/x') }, 'x']], /is a link/],
    [[[{ name: at('var/a'), type: 'link', linkname: at('var/b') }]], /neither a file/],
    [[[{ name: at('var/a'), type: 'fifo' }]], /neither a file/],
    [[[{ name: at('var/a'), mode: 0o4755 }, 'x']], /setuid/],
    [
      [
        [{ name: at('var/a') }, 'x'],
        [{ name: at('var/a') }, 'y'],
      ],
      /twice/,
    ],
    [[[{ name: at('var/a') }, 'x']], /more in it/],
    [
      [
        [{ name: LAST }, JSON.stringify({ format: 9 })],
        [{ name: at('var/a') }, 'x'],
      ],
      /behind its manifest/,
    ],
    [[[{ name: FIRST }, '{}']], /no backup/],
  ] as const) {
    await refuses(await archiveOf(entries), why)
  }
  await refuses(await archiveOf([], { format: 9 }), /newer mfserv/)
  const sha256 = createHash('sha256').update('x').digest('hex')
  await refuses(await archiveOf([], { ...HEAD, links: {}, directories: [], files: { 'var/a': { size: 1, sha256 } } }), /missing/)
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { Problem } from '../../problem.ts'
import { pathsOf } from '../home/paths.ts'
import { createKey, readSigningKey, trustedKeys, trustKey } from './key-files.ts'
import { signManifest } from './keys.ts'
import { judgeSignature } from './trust.ts'

const home = mkdtempSync(join(tmpdir(), 'mfkeys'))
const paths = pathsOf(join(home, 'runtime'))
after(() => rmSync(home, { recursive: true, force: true }))

test('a disk that takes nothing leaves no half key, neither of a made one nor of a trusted one', () => {
  const given = join(home, 'given.pub')
  writeFileSync(given, generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }))
  const full = pathsOf(join(home, 'full'))
  for (const call of [`trustKey(paths, ${JSON.stringify(given)})`, `createKey(paths, 'me')`]) {
    assert.equal(onFullDisk(full, call), 'DISK')
  }
  assert.deepEqual([...readdirSync(full.trustedKeys), ...readdirSync(full.keys)], [])
  assert.equal(trustKey(full, given).how, 'trusted now')
  assert.equal(createKey(full, 'me').name, 'me')
})

test('a made key is for its user alone, and never replaced', () => {
  const { privateFile, publicFile } = createKey(paths, 'me')
  assert.deepEqual([statSync(privateFile).mode & 0o777, statSync(publicFile).mode & 0o777], [0o600, 0o600])
  const before = readFileSync(privateFile, 'utf8')
  assert.throws(() => createKey(paths, 'me'), isKeyProblem(/me\.key already/))
  assert.equal(readFileSync(privateFile, 'utf8'), before)
  assert.deepEqual(readdirSync(paths.keys).sort(), ['me.key', 'me.pub'])
})

test('a file that is no key is named with its fix, and the others among the trusted ones count', () => {
  trustKey(paths, createKey(paths, 'good').publicFile)
  const bad = join(paths.trustedKeys, 'bad.pub')
  writeFileSync(bad, '')
  const { keys, problems } = trustedKeys([paths.trustedKeys, join(home, 'none'), bad])
  assert.deepEqual(
    keys.map(({ name }) => name),
    ['good'],
  )
  assert.deepEqual(
    problems.map(({ code, where }) => [code, where?.file]),
    [
      ['KEY', bad],
      ['KEY', bad],
    ],
  )
  assert.match(problems[1]?.fix ?? '', /rm .*bad\.pub\n.*mfserv key trust bad\.pub/)
  assert.throws(() => trustKey(paths, join(paths.keys, 'none.pub')), isKeyProblem(/there is no file/))

  const trust = { required: true, keys, problems }
  const manifest = JSON.stringify({ format: 1, name: 'a', version: '1', release: '1', needs: {}, files: {}, links: {} })
  const signedBy = (name: string): ReadonlyMap<string, string> => {
    const signature = signManifest(manifest, readSigningKey(paths, name))
    const text = JSON.stringify({ ...signature, public_key: signature.publicKey, format: 1, algorithm: 'ed25519' })
    return new Map([
      ['.signature.json', text],
      ['.mfserv_release.json', manifest],
    ])
  }
  createKey(paths, 'bad')
  assert.equal(judgeSignature(signedBy('good'), trust).is, 'trusted')
  assert.equal(judgeSignature(signedBy('bad'), trust).is, 'unknown key', 'what cannot be read is not trusted')
})

test('where others can write, no key is trusted, and the command that closes it is named', () => {
  const open = pathsOf(join(home, 'open'))
  const mask = process.umask(0)
  trustKey(open, createKey(open, 'mine').publicFile)
  process.umask(mask)
  const file = join(open.trustedKeys, 'mine.pub')
  assert.deepEqual([statSync(open.trustedKeys).mode & 0o777, statSync(file).mode & 0o777], [0o700, 0o600])
  const told = (place: string, mode: number): readonly string[] => {
    const before = statSync(place).mode
    chmodSync(place, mode)
    const { keys, problems } = trustedKeys([open.trustedKeys])
    chmodSync(place, before)
    assert.deepEqual(keys, [], `${place} ${mode.toString(8)}`)
    return problems.map(({ code, fix }) => `${code} ${fix.split(': ').at(-1)}`)
  }
  for (const [place, mode] of [
    [file, 0o666],
    [file, 0o620],
    [open.trustedKeys, 0o777],
    [join(open.trustedKeys, '..'), 0o770],
  ] as const)
    assert.deepEqual(told(place, mode), [`KEY chmod go-w ${resolve(place)}`])
  assert.equal(trustedKeys([open.trustedKeys]).keys.length, 1)
})

function isKeyProblem(message: RegExp) {
  return (error: unknown): boolean => error instanceof Problem && error.code === 'KEY' && message.test(error.message)
}

/** Calls a function of the keys where no byte can be written to a file; answers the code of its problem. */
function onFullDisk(at: typeof paths, call: string): string {
  const code = `
    import { createKey, trustKey } from ${JSON.stringify(join(import.meta.dirname, 'key-files.ts'))}
    const paths = ${JSON.stringify(at)}
    try { ${call} } catch (error) { process.stdout.write(error.code) }`
  const words = ['-c', 'ulimit -f 0; exec "$@"', 'sh', process.execPath, '--input-type=module-typescript', '-e', code]
  return execFileSync('sh', words, { env: { PATH: process.env['PATH'] } }).toString()
}

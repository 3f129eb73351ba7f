import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { buildConfig, type Config } from '../../config/config.ts'
import { Problem } from '../../problem.ts'
import { pathsOf } from '../home/paths.ts'
import { certificatesInForce, configuredCertificates, takePair } from './in-force.ts'
import { digestOf, filesOf } from './kept-pairs.ts'
import { readPair } from './read-pair.ts'
import { selfSigned } from './self-signed.ts'

const home = mkdtempSync(join(tmpdir(), 'mftls'))
after(() => rmSync(home, { recursive: true, force: true }))
const paths = pathsOf(home)
const files = { certificate: join(home, 'c.pem'), key: join(home, 'k.pem') }
const config = configOf(files)
const NOW = Date.now()

test('a good pair is copied once, and the copy is in force whatever becomes of the files', async () => {
  const first = await write()
  assert.equal(take(), 'taken')
  assert.equal(take(), 'same')
  writeFileSync(files.certificate, 'none')
  assert.match(String(take()), /has no certificate/)
  assert.equal(inForce(), first)
  const second = await write()
  assert.equal(inForce(), first)
  assert.equal(take(), 'taken')
  assert.equal(inForce(), second)
  const [copy] = certificatesInForce(paths, config)
  for (let times = 0; times < 3; times += 1) {
    await write()
    take()
  }
  assert.ok(!existsSync(copy?.key ?? assert.fail()), 'old keys are removed')
})

test('a certificate that signed itself lacks no chain', async () => {
  await write()
  const [one] = configuredCertificates(paths, config)
  const pair = readPair(one ?? assert.fail())
  assert.ok('hasChain' in pair && pair.hasChain)
})

test('what is no file holds nothing up: a pipe, a device, a directory', () => {
  const pipe = join(home, 'pipe')
  execFileSync('mkfifo', [pipe])
  for (const certificate of [pipe, '/dev/zero', home]) {
    const other = configOf({ ...files, certificate })
    assert.deepEqual(certificatesInForce(paths, other), [])
    const [one] = configuredCertificates(paths, other)
    assert.ok(one && takePair(paths, one, NOW) instanceof Problem, certificate)
  }
})

test('without a copy bad files are left out, so that the others are served', async () => {
  await write()
  const other = configOf({ certificate: join(home, 'missing.pem'), key: files.key })
  assert.deepEqual(certificatesInForce(paths, other), [])
})

test('where the copy cannot be written that is told, and the one before is in force', async () => {
  await write()
  take()
  const before = inForce()
  await write()
  const [one] = configuredCertificates(paths, config)
  const pair = readPair(one ?? assert.fail())
  assert.ok('serial' in pair)
  const { certificate } = filesOf(paths, 'nginx', digestOf(pair))
  mkdirSync(certificate)
  const outcome = take()
  assert.ok(outcome instanceof Problem && outcome.code === 'DISK', String(outcome))
  assert.equal(inForce(), before)
  rmSync(certificate, { recursive: true })
  assert.equal(take(), 'taken')
  assert.notEqual(inForce(), before)
})

test('a plugin brings certificates beside those of the module, its last good pair goes on, and alone it brings none', async () => {
  await write()
  const shop = { certificate: join(home, 's.pem'), key: join(home, 's.key') }
  const made = await selfSigned(['a.org'], 10, NOW)
  writeFileSync(shop.certificate, made.certificate)
  writeFileSync(shop.key, made.key)
  const own = { section: 'shop/main', plugin: 'shop', ...shop, names: ['a.org'], where: undefined }
  const served = (one: typeof own, of = config): readonly unknown[] =>
    certificatesInForce(paths, of, [one]).map(({ section, names }) => [section, names])
  const both = [
    ['nginx', []],
    ['shop/main', ['a.org']],
  ]
  assert.deepEqual(served(own), both, 'what is merely in a certificate gives way')
  assert.equal(takePair(paths, own, NOW), 'taken')
  assert.deepEqual(served({ ...own, key: files.key }), both)
  assert.match(String(takePair(paths, { ...own, key: files.key }, NOW)), /does not belong/)
  const without = configOf({ certificate: join(home, 'missing.pem'), key: files.key })
  assert.deepEqual(served(own, without), [])
})

function take(): unknown {
  const [one] = configuredCertificates(paths, config)
  return takePair(paths, one ?? assert.fail(), NOW)
}

function inForce(): string {
  return readFileSync(certificatesInForce(paths, config)[0]?.certificate ?? assert.fail(), 'utf8')
}

async function write(): Promise<string> {
  const made = await selfSigned(['a.org'], 10, NOW)
  writeFileSync(files.certificate, made.certificate)
  writeFileSync(files.key, made.key)
  return made.certificate
}

function configOf({ certificate, key }: typeof files): Config {
  const text = `[nginx]\nhttps_port = 443\nssl_certificate = ${certificate}\nssl_certificate_key = ${key}\n`
  const variables = { MFHARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: '8' }
  return buildConfig([{ layer: 'user', file: 'config.ini', text }], variables, '').config
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bomText, type Materials } from './bom.ts'
import { readWheelName } from './wheel.ts'

const SUM = '0123456789abcdef'.repeat(4)
const wheel = readWheelName('Zope_Interface-9.0-py3-none-any.whl') ?? assert.fail()
const MATERIALS: Materials = {
  name: 'blog',
  metadata: {
    version: '1.0',
    release: '1',
    summary: 'A blog',
    license: 'MIT',
    vendor: '',
  },
  mfserv: '0.1.0',
  wheels: [{ ...wheel, sha256: SUM }],
  nodeModules: [
    { name: '@scope/x', version: '2.0.0', license: 'ISC', integrity: `sha512-${Buffer.from('sum').toString('base64')}` },
    { name: 'b', version: '1.0.0', license: undefined, integrity: undefined },
    { name: 'b', version: '1.0.0', license: undefined, integrity: undefined },
  ],
  contents: SUM,
}

test('the bill of materials is CycloneDX 1.6 and names every package once, with its purl and checksum', () => {
  const bom = JSON.parse(bomText(MATERIALS))
  assert.deepEqual([bom.bomFormat, bom.specVersion, bom.version], ['CycloneDX', '1.6', 1])
  assert.equal(bom.metadata.component.name, 'blog')
  const components = bom.components.map((one: { purl: string; hashes?: unknown }) => [one.purl, one.hashes])
  assert.deepEqual(components, [
    ['pkg:pypi/zope-interface@9.0', [{ alg: 'SHA-256', content: SUM }]],
    ['pkg:npm/%40scope/x@2.0.0', [{ alg: 'SHA-512', content: Buffer.from('sum').toString('hex') }]],
    ['pkg:npm/b@1.0.0', undefined],
  ])
  assert.match(bom.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('the same materials give the same text, and other contents another serial number', () => {
  assert.equal(bomText(MATERIALS), bomText(structuredClone(MATERIALS)))
  assert.notEqual(
    JSON.parse(bomText({ ...MATERIALS, contents: 'f'.repeat(64) })).serialNumber,
    JSON.parse(bomText(MATERIALS)).serialNumber,
  )
})

test('the plugin has what is known of it, and nothing stands for what is not', () => {
  const full = { ...MATERIALS.metadata, vendor: 'Mill' }
  const none = { ...full, summary: '', vendor: '', license: '' }
  const component = (metadata: Materials['metadata']) => JSON.parse(bomText({ ...MATERIALS, metadata })).metadata.component
  const always = { type: 'application', 'bom-ref': 'pkg:generic/blog@1.0-1', name: 'blog', version: '1.0-1' }
  assert.deepEqual(component(none), { ...always, purl: 'pkg:generic/blog@1.0' })
  assert.deepEqual(component(full), {
    ...always,
    description: 'A blog',
    supplier: { name: 'Mill' },
    licenses: [{ license: { name: 'MIT' } }],
    purl: 'pkg:generic/blog@1.0',
  })
  const { components } = JSON.parse(bomText(MATERIALS))
  assert.deepEqual(
    components.map(({ licenses }: { licenses?: unknown }) => licenses),
    [undefined, [{ license: { name: 'ISC' } }], undefined],
  )
})

test('packages come in the order of their names, and a line is one member', () => {
  const named = (name: string) => ({ name, version: '1.0.0', license: undefined, integrity: undefined })
  const text = bomText({ ...MATERIALS, wheels: [], nodeModules: ['b', 'a', 'd', 'c'].map(named) })
  assert.deepEqual(
    JSON.parse(text).components.map(({ name }: { name: string }) => name),
    ['a', 'b', 'c', 'd'],
  )
  assert.ok(text.startsWith('{\n "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",\n "bomFormat": "CycloneDX",\n'))
  assert.ok(text.endsWith('\n}\n'))
})

test('the serial number is the sum of the contents with the marks of a UUID of version 8', () => {
  const serialOf = (contents: string) => JSON.parse(bomText({ ...MATERIALS, contents })).serialNumber
  assert.equal(serialOf(SUM), 'urn:uuid:01234567-89ab-8def-8123-456789abcdef')
  assert.equal(serialOf('f'.repeat(64)), 'urn:uuid:ffffffff-ffff-8fff-bfff-ffffffffffff')
  assert.equal(serialOf('0'.repeat(64)), 'urn:uuid:00000000-0000-8000-8000-000000000000')
})

test('what is neither a wheel nor of npm is named by its address, and a version without a release stands alone', () => {
  const library = { name: 'libatomic1', version: '12.2', license: 'GPL', sha256: SUM, purl: 'pkg:deb/debian/libatomic1@12.2' }
  const metadata = { ...MATERIALS.metadata, release: '' }
  const { components, metadata: told } = JSON.parse(
    bomText({ ...MATERIALS, metadata, wheels: [], nodeModules: [], others: [library] }),
  )
  const { sha256: _sum, license: _license, ...named } = library
  const hashes = [{ alg: 'SHA-256', content: SUM }]
  const licenses = [{ license: { name: 'GPL' } }]
  assert.deepEqual(components, [{ type: 'library', 'bom-ref': library.purl, ...named, hashes, licenses }])
  assert.deepEqual([told.component['bom-ref'], told.component.version], ['pkg:generic/blog@1.0', '1.0'])
})

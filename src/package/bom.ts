import type { Metadata } from './metadata.ts'
import type { Wheel } from './wheel.ts'

/** What a bill of materials lists. */
export interface Materials {
  readonly name: string
  /** The release may be empty: mfserv itself has none. */
  readonly metadata: Pick<Metadata, 'version' | 'release' | 'summary' | 'license' | 'vendor'>
  readonly mfserv: string
  readonly wheels: readonly WheelMaterial[]
  readonly nodeModules: readonly NodeMaterial[]
  readonly others?: readonly OtherMaterial[]
  /** SHA-256 in hex over everything in the release: the serial number comes from it. */
  readonly contents: string
}

export interface WheelMaterial extends Wheel {
  /** In hex. */
  readonly sha256: string
}

export interface NodeMaterial {
  readonly name: string
  readonly version: string
  readonly license: string | undefined
  /** As npm writes it: `sha512-` and base64. */
  readonly integrity: string | undefined
}

/** A file of a package that is known by its address. */
export interface OtherMaterial {
  readonly name: string
  readonly version: string
  readonly license: string | undefined
  /** In hex. */
  readonly sha256: string
  readonly purl: string
}

/** CycloneDX 1.6. The same materials give the same text: there is neither a time nor chance in it. */
export function bomText(materials: Materials): string {
  const { name, metadata, mfserv, contents } = materials
  const version = metadata.release === '' ? metadata.version : `${metadata.version}-${metadata.release}`
  const plugin = {
    type: 'application',
    'bom-ref': `pkg:generic/${name}@${version}`,
    name,
    version,
    ...(metadata.summary === '' ? {} : { description: metadata.summary }),
    ...(metadata.vendor === '' ? {} : { supplier: { name: metadata.vendor } }),
    ...licenseOf(metadata.license),
    purl: `pkg:generic/${encodeURIComponent(name)}@${encodeURIComponent(metadata.version)}`,
  }
  const components = [
    ...unique(materials.wheels.map(wheelComponent)),
    ...unique(materials.nodeModules.map(nodeComponent)),
    ...unique((materials.others ?? []).map(otherComponent)),
  ]
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(contents)}`,
    version: 1,
    metadata: { tools: { components: [{ type: 'application', name: 'mfserv', version: mfserv }] }, component: plugin },
    components,
    dependencies: [{ ref: plugin['bom-ref'], dependsOn: components.map((component) => component['bom-ref']) }],
  }
  return `${JSON.stringify(bom, null, 1)}\n`
}

interface Component {
  readonly 'bom-ref': string
}

function wheelComponent({ name, version, sha256 }: WheelMaterial) {
  const known = name.toLowerCase().replace(/[-_.]+/g, '-')
  const purl = `pkg:pypi/${known}@${encodeURIComponent(version)}`
  return { type: 'library', 'bom-ref': purl, name: known, version, hashes: [{ alg: 'SHA-256', content: sha256 }], purl }
}

function nodeComponent({ name, version, license, integrity }: NodeMaterial) {
  const scoped = name.startsWith('@') ? `%40${name.slice(1)}` : name
  const purl = `pkg:npm/${scoped}@${encodeURIComponent(version)}`
  const base64 = integrity?.match(/^sha512-([A-Za-z0-9+/=]+)/)?.[1]
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    ...(base64 === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') }] }),
    ...licenseOf(license),
    purl,
  }
}

function otherComponent({ name, version, license, sha256, purl }: OtherMaterial) {
  const hashes = [{ alg: 'SHA-256', content: sha256 }]
  return { type: 'library', 'bom-ref': purl, name, version, hashes, ...licenseOf(license), purl }
}

function licenseOf(license: string | undefined) {
  return license === undefined || license === '' ? {} : { licenses: [{ license: { name: license } }] }
}

/** The same package may stand in several places of node_modules. */
function unique<T extends Component>(components: readonly T[]): readonly T[] {
  const byRef = new Map(components.map((component) => [component['bom-ref'], component]))
  const refs = [...byRef.keys()].sort()
  return refs.map((ref) => byRef.get(ref)).filter((component) => component !== undefined)
}

/** A UUID of version 8, whose bits its maker chooses. */
function uuidOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex').subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

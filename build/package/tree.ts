import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bomText, type OtherMaterial } from '../../src/package/bom.ts'
import { sizeOf } from './archive.ts'
import { commandsOf, entryOf, ownEntries, type TrackedFile, withoutBytecode, withoutLinks } from './contents.ts'
import { controlText } from './deb.ts'
import { below, type Entry, textFile } from './entries.ts'
import { bundleEntries, licensed, manifestLines, sumOf } from './files.ts'
import type { LockedPackage } from './lock.ts'
import {
  type CloneManifest,
  copyrightText,
  jsonText,
  licensesText,
  type ManifestFacts,
  npmManifest,
  packageManifest,
} from './manifests.ts'
import type { NodeProgram } from './node-program.ts'
import type { Architecture } from './version.ts'
import type { BundledPython } from './wheels.ts'

/** A clone, as far as packages are made of it. */
export interface Clone {
  readonly home: string
  readonly tracked: readonly TrackedFile[]
  readonly manifest: CloneManifest
  readonly locked: ReadonlyMap<string, LockedPackage>
}

const IS_NODE = /^node-linux-/
const INSTALLED_AT = 'usr/lib/mfserv'

/** What every package has: the files of the clone that run, and all code as one bundle. */
function common(clone: Clone): readonly Entry[] {
  const own = ownEntries(clone.tracked, clone.home)
  const bundled = [...clone.locked.values()].filter(({ isOptional }) => !isOptional)
  const licenses = textFile('LICENSES', licensesText(bundled.map((one) => licensed(clone.home, one))))
  return [...own, ...bundleEntries(clone.home), licenses]
}

export interface Inside {
  readonly node: NodeProgram
  readonly nodePackage: LockedPackage
  readonly python: BundledPython
}

/** The directory that runs on a machine without a network: that of the archive, and of the Debian package below /usr/lib. */
export async function serverTree(clone: Clone, version: string, commit: string, inside: Inside): Promise<readonly Entry[]> {
  const own = common(clone)
  const manifest = textFile('package.json', jsonText(packageManifest({ clone: clone.manifest, version, commit })))
  const entries = [...own, ...withoutBytecode(own), manifest, ...inside.node.entries, ...inside.python.entries]
  const contents = createHash('sha256')
    .update((await manifestLines(entries)).join('\n'))
    .digest('hex')
  return [...entries, textFile('bom.json', materialsText(clone, version, inside, contents))]
}

function materialsText(
  { manifest, locked }: Clone,
  version: string,
  { node, nodePackage, python }: Inside,
  contents: string,
): string {
  const wheels = python.materials.map(({ name, version, file, sha256 }): OtherMaterial => {
    const known = name.toLowerCase().replace(/[-_.]+/g, '-')
    const purl = `pkg:pypi/${known}@${encodeURIComponent(version)}?file_name=${encodeURIComponent(file)}`
    return { name: known, version, license: undefined, sha256, purl }
  })
  return bomText({
    name: 'mfserv',
    metadata: { version, release: '', summary: manifest.description, license: manifest.license, vendor: '' },
    mfserv: version,
    wheels: [],
    nodeModules: [...[...locked.values()].filter(({ isOptional }) => !isOptional), nodePackage],
    others: [...wheels, node.library],
    contents,
  })
}

/** For those who have npm and a network: Node comes from npm, and what Python needs from PyPI. */
export function npmTree(clone: Clone, facts: Omit<ManifestFacts, 'clone'>): readonly Entry[] {
  const own = withoutLinks(common(clone))
  const install = clone.tracked.filter(({ path }) => path === 'share/install').map((file) => entryOf(file, clone.home))
  const nodes = [...clone.locked.values()].filter(({ name }) => IS_NODE.test(name))
  const manifest = npmManifest({ ...facts, clone: clone.manifest }, commandsOf(own), nodes)
  return [...own, ...install, textFile('package.json', jsonText(manifest))]
}

export interface DebianPackage {
  readonly control: readonly Entry[]
  readonly data: readonly Entry[]
}

/** The same tree in the directories of Debian, and the commands in /usr/bin. */
export async function debianPackage(
  tree: readonly Entry[],
  { manifest }: Clone,
  version: string,
  architecture: Architecture,
): Promise<DebianPackage> {
  const data: readonly Entry[] = [
    ...below(INSTALLED_AT, tree),
    ...commandsOf(tree).map((name): Entry => ({ is: 'link', path: `usr/bin/${name}`, to: `../lib/mfserv/bin/${name}` })),
    textFile('usr/share/doc/mfserv/copyright', copyrightText(manifest)),
  ]
  const files = data.filter((entry) => entry.is === 'file')
  const sums = await Promise.all(files.map(async (entry) => `${await sumOf(entry, 'md5')}  ${entry.path}\n`))
  const size = files.reduce((sum, entry) => sum + sizeOf(entry), 0)
  const script = (name: string): Entry => textFile(name, readFileSync(join(import.meta.dirname, 'debian', name), 'utf8'), true)
  const control = controlText({ version, architecture, size, summary: manifest.description })
  return {
    control: [textFile('control', control), textFile('md5sums', sums.sort().join('')), script('postinst'), script('prerm')],
    data,
  }
}

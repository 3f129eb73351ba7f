import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bomText, type WheelMaterial } from '../../package/bom.ts'
import { type Contents, contentsOf, ignoreProblems } from '../../package/contents/contents.ts'
import { NO_GIT } from '../../package/contents/git-rules.ts'
import { leftOutLines, overruledLines, privateLines } from '../../package/contents/left-out.ts'
import { type ReleaseIdentity, releaseFileName } from '../../package/file-name.ts'
import { BOM, FILE_LIST, MANIFEST, METADATA, ROOT, SIGNATURE } from '../../package/generated.ts'
import { type Manifest, manifestText } from '../../package/manifest.ts'
import type { Metadata } from '../../package/metadata.ts'
import { mergeNeeds, type Needs } from '../../package/needs.ts'
import { signatureText } from '../../package/signing/signature.ts'
import { needsOfWheels, readWheelName } from '../../package/wheel.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { credentialsIn } from '../../plugin/python/credentials.ts'
import { Problem, Problems } from '../../problem.ts'
import { writeProblem } from '../disk/disk-problem.ts'
import { textOf } from '../disk/text-of.ts'
import { archiveProblem } from '../environments/bounded-archives.ts'
import { builtNodeModules } from '../environments/node/node-modules.ts'
import { version as mfservVersion } from '../home/version.ts'
import { writeArchive } from './archive-writer.ts'
import { readPlatform } from './here.ts'
import type { SigningKey } from './keys.ts'
import { signManifest } from './keys.ts'
import { readNodeMaterials } from './node-materials.ts'
import { readGitFiles } from './sources/git-files.ts'
import { needsOfFiles, readSourceFile, type SourceFile } from './sources/source-files.ts'
import { linkedFiles, membersOf, readSourceTree, type SourceTree } from './sources/source-tree.ts'

export interface WriteOptions {
  /** What the plugin says of itself. */
  readonly plugin: Pick<Plugin, 'name' | 'version' | 'release' | 'summary' | 'license' | 'maintainer' | 'vendor' | 'url'>
  /** Where the file goes; the plugin's own directory when absent. */
  readonly directory?: string
  readonly sign?: SigningKey
  /** What it needs beside what its files show. */
  readonly needs?: Needs
  /** Seconds since 1970: SOURCE_DATE_EPOCH. */
  readonly time?: number
  /** Of a plugin that was no release before: what has to be in, who hears what is not, and what is wrong with what is in. */
  readonly sources?: SourcesOfRelease
}

export interface SourcesOfRelease {
  /** Relative to the plugin; directories end in `/`. */
  readonly named: readonly string[]
  /** Directories out of which nginx serves everything. */
  readonly served: readonly string[]
  /** Files that a build made. */
  readonly made: readonly string[]
  /** Packages of Node that only whoever works on the plugin needs, with `/` at the end. */
  readonly development: readonly string[]
  readonly report: (line: string) => void
  readonly problemsWith: (isIn: (path: string) => boolean) => readonly Problem[]
}

export interface WrittenPackage extends ReleaseIdentity {
  /** Absolute. */
  readonly file: string
  readonly size: number
  readonly sha256: string
  readonly needs: Needs
  readonly files: number
  readonly wheels: number
  readonly nodeModules: number
  /** The id of the key. */
  readonly signedBy: string | undefined
}

/**
 * Packs the plugin at `home`, whose dependencies are vendored already, into its release file. The same files give the same
 * bytes. Throws Problems for everything that could not be unpacked again, `DISK`, `BUSY`.
 */
export async function writePackage(home: string, options: WriteOptions): Promise<WrittenPackage> {
  try {
    return await write(home, options)
  } catch (error) {
    const directory = options.directory ?? home
    const fix = `Make ${directory} writable for this user, and make room on its disk. Nothing was left there.`
    throw writeProblem(error, { what: 'the release could not be written', fix, file: directory })
  }
}

async function write(home: string, options: WriteOptions): Promise<WrittenPackage> {
  const { plugin, sign } = options
  const time = options.time ?? NO_TIME
  const tree = chooseFiles(home, options.sources)
  const platform = readPlatform()
  const abi = builtNodeModules(home)?.abi ?? process.versions.modules
  const files = tree.files.map((path) => readSourceFile(home, path, { ...platform, abi }))
  const wheels = wheelsOf(files)
  await refuseBombs(home, tree.files)
  const nodeModules = tree.files.some((path) => path.startsWith('node_modules/'))
    ? readNodeMaterials(home, new Set(tree.files))
    : []
  const contents = digest(files, tree)
  const metadata = metadataOf(plugin, files, contents, time)
  const needs = mergeNeeds([
    options.needs ?? {},
    needsOfWheels(wheels.python2, 'python2', platform.glibc),
    needsOfWheels(wheels.python3, 'python3', platform.glibc),
    needsOfFiles(files),
  ])
  const materials = { name: plugin.name, metadata, mfserv: mfservVersion(), contents, nodeModules }
  const described = new Map([
    [METADATA, `${JSON.stringify(metadata, null, 4)}\n`],
    [FILE_LIST, `${JSON.stringify(fileList(tree), null, 1)}\n`],
    [BOM, bomText({ ...materials, wheels: [...wheels.python2, ...wheels.python3] })],
  ])
  const manifest = manifestText({ ...identityOf(plugin), needs, ...listed(files, tree, described) })
  const signature = sign === undefined ? [] : [[SIGNATURE, signatureText(signManifest(manifest, sign))] as const]
  const texts = new Map([[MANIFEST, manifest], ...signature, ...described])
  const file = join(options.directory ?? home, releaseFileName(plugin))
  const { links, emptyDirectories } = tree
  const written = await writeArchive(home, { texts, files, links, emptyDirectories, time }, file)
  return {
    ...identityOf(plugin),
    file,
    ...written,
    needs,
    files: files.length + links.size,
    wheels: wheels.python2.length + wheels.python3.length,
    nodeModules: nodeModules.length,
    signedBy: sign?.id,
  }
}

/** What goes into the release. Throws Problems when that could not be unpacked again, or would not run. */
function chooseFiles(home: string, sources: SourcesOfRelease | undefined): SourceTree {
  const ignoreFile = join(home, '.releaseignore')
  const ignored = textOf(ignoreFile)
  const endless = ignoreProblems(ignored, ignoreFile)
  if (endless.length > 0) throw new Problems(endless)
  const { contents, tree } = choose(home, ignored, sources, sources?.named ?? [])
  const problems = [...tree.problems, ...passwordProblems(home, tree), ...(sources?.problemsWith(membersOf(home, tree)) ?? [])]
  if (problems.length > 0) throw new Problems(problems)
  const taken = (sources?.named ?? []).filter((path) => tree.files.includes(path))
  for (const line of [...overruledLines(contents.overruled), ...privateLines(taken), ...leftOutLines(tree.leftOut)])
    sources?.report(line)
  return tree
}

const FROZEN = /^python[23]_virtualenv_sources\/requirements[23]\.txt$/

/** No release can be without these, and none may have a password. */
function passwordProblems(home: string, tree: SourceTree): readonly Problem[] {
  return tree.files
    .filter((path) => FROZEN.test(path))
    .flatMap((path) => {
      const line = credentialsIn(textOf(join(home, path)) ?? '')
      if (line === undefined) return []
      const fix = `Write \${NAME} in its place where you name the package, set the variable NAME, and run make superclean and make release.`
      return [
        new Problem('RELEASE_UNSAFE', 'a password stands in the address of a package', fix, { file: join(home, path), line }),
      ]
    })
}

interface Chosen {
  readonly contents: Contents
  readonly tree: SourceTree
}

/** What a link that is in leads to is in as well, and so on. */
function choose(
  home: string,
  ignored: string | undefined,
  sources: SourcesOfRelease | undefined,
  named: readonly string[],
): Chosen {
  const contents = contentsOf(ignored, {
    named,
    served: sources?.served ?? [],
    made: sources?.made ?? [],
    development: new Set(sources?.development ?? []),
    git: sources === undefined ? NO_GIT : readGitFiles(home),
    isVirtualenv: (directory) => existsSync(join(home, directory, 'pyvenv.cfg')),
    hasPassword: (path) =>
      sources !== undefined && !FROZEN.test(path) && credentialsIn(textOf(join(home, path)) ?? '') !== undefined,
    of: sources === undefined ? 'everything' : 'sources',
  })
  const tree = readSourceTree(home, contents)
  const linked = sources === undefined ? [] : linkedFiles(home, tree).filter((path) => !named.includes(path))
  const more = linked.filter(
    (path) => contents.judge(path.replace(/\/$/, ''), path.endsWith('/') ? 'directory' : 'other') !== 'never',
  )
  return more.length === 0 ? { contents, tree } : choose(home, ignored, sources, [...named, ...more])
}

/** 1980, the first year that a zip file knows: a time that no clock has, for those who set no SOURCE_DATE_EPOCH. */
export const NO_TIME = 315_532_800

function identityOf({ name, version, release }: ReleaseIdentity): ReleaseIdentity {
  return { name, version, release }
}

/** Everything that goes into the release, as its manifest lists it. `described`: the generated files by their path. */
function listed(
  files: readonly SourceFile[],
  { links, emptyDirectories }: SourceTree,
  described: ReadonlyMap<string, string>,
): Pick<Manifest, 'files' | 'links' | 'directories' | 'executables'> {
  const sums = [
    ...[...described].map(([path, text]) => [path, createHash('sha256').update(text).digest('hex')] as const),
    ...files.map(({ path, sha256 }) => [path, sha256] as const),
  ]
  const executables = new Set(files.filter(({ executable }) => executable).map(({ path }) => path))
  return { files: new Map(sums), links, directories: new Set(emptyDirectories), executables }
}

function fileList({ files, links }: SourceTree): readonly string[] {
  return [...files, ...links.keys()].sort().map((path) => `${ROOT}/${path}`)
}

/**
 * The host is none: where a release was made must not change its bytes. It is the digest of the contents, so that the hash
 * of `plugins.hash` tells two releases apart whenever one file of them differs.
 */
function metadataOf(plugin: WriteOptions['plugin'], files: readonly SourceFile[], contents: string, time: number): Metadata {
  return {
    version: plugin.version,
    release: plugin.release,
    build_host: `sha256-${contents.slice(0, 16)}`,
    build_date: new Date(time * 1000).toISOString().replace('.000Z', 'Z'),
    size: String(files.reduce((sum, { size }) => sum + size, 0)),
    summary: plugin.summary,
    license: plugin.license,
    packager: plugin.maintainer,
    vendor: plugin.vendor,
    url: plugin.url,
  }
}

function digest(files: readonly SourceFile[], { links, emptyDirectories }: SourceTree): string {
  const lines = [
    ...files.map(({ path, sha256, executable }) => JSON.stringify([path, sha256, executable])),
    ...[...links].map((link) => JSON.stringify(link)),
    ...emptyDirectories.map((path) => JSON.stringify([path])),
  ]
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

/** Packages that no installation would unpack. */
async function refuseBombs(home: string, paths: readonly string[]): Promise<void> {
  const fix = 'Take another version of the package, or remove the file and run make release again.'
  for (const path of paths.filter((one) => /^python[23]_virtualenv_sources\/src\/[^/]+$/.test(one))) {
    const problem = await archiveProblem(join(home, path), fix)
    if (problem !== undefined) throw problem
  }
}

/** The vendored wheels, by the language they are for. */
function wheelsOf(files: readonly SourceFile[]): Readonly<Record<'python3' | 'python2', readonly WheelMaterial[]>> {
  const of = (language: 'python3' | 'python2'): readonly WheelMaterial[] =>
    files
      .filter(({ path }) => path.startsWith(`${language}_virtualenv_sources/src/`))
      .flatMap(({ path, sha256 }) => {
        const wheel = readWheelName(path.slice(path.lastIndexOf('/') + 1))
        return wheel === undefined ? [] : [{ ...wheel, sha256 }]
      })
  return { python3: of('python3'), python2: of('python2') }
}

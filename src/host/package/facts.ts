import { type ReleaseIdentity, releaseId } from '../../package/file-name.ts'
import { FILE_LIST, GENERATED, LABEL, MANIFEST, METADATA } from '../../package/generated.ts'
import { readFileList, readManifest } from '../../package/manifest.ts'
import { damaged, type Metadata, type Reading, readMetadata } from '../../package/metadata.ts'
import type { Needs } from '../../package/needs.ts'
import type { SignatureVerdict } from '../../package/signing/signature.ts'
import { verifyDirectories, verifyFileList, verifyManifest } from '../../package/verify.ts'
import { needsOfWheels, readWheelName } from '../../package/wheel.ts'
import { readLabel } from '../../plugin/layer-files.ts'
import { Problem, Problems, type Where } from '../../problem.ts'
import type { Archive } from './archive-reader.ts'
import { judgeSignature, type Trust } from './trust.ts'

/** What a release file says of itself, all of it checked against what is in it. */
export interface PackageFacts extends ReleaseIdentity {
  /** Absolute. */
  readonly file: string
  /** `<version>-<release>-<8 hex digits>`, the name of the release on disk. */
  readonly id: string
  /** Of the file, in hex. */
  readonly sha256: string
  /** Of the file, in bytes. */
  readonly size: number
  /** Of everything in it, in bytes. */
  readonly unpackedSize: number
  /** `original`: of MFSERV 2.x, with no checksums inside. */
  readonly madeBy: 'mfserv' | 'original'
  readonly metadata: Metadata
  /** The files and links in it by path in the plugin, in order; without the generated ones. */
  readonly files: readonly string[]
  readonly needs: Needs
  readonly signature: SignatureVerdict
}

/** The facts of an archive that was read. Throws Problems: everything in which it is not what it says. */
export function factsOf(file: string, archive: Archive, trust: Trust): PackageFacts {
  const where = { file }
  const label = archive.texts.get(LABEL)
  if (label === undefined) throw notARelease(LABEL, where)
  const named = readLabel({ file: `${file}: ${LABEL}`, text: label })
  if ('problem' in named) throw named.problem
  const metadata = part(archive, METADATA, readMetadata, where)
  const list = part(archive, FILE_LIST, readFileList, where)
  const manifest = archive.texts.has(MANIFEST) ? part(archive, MANIFEST, readManifest, where) : undefined
  const { version, release } = metadata
  if (version === '' || release === '') throw damaged(`${METADATA} in it names no version and release`, where)
  const identity: ReleaseIdentity = { name: named.name, version, release }
  const signature = judgeSignature(archive.texts, trust)
  const problems = [
    ...verifyFileList(archive, list, where),
    ...(manifest === undefined ? [] : [...verifyManifest(archive, manifest, where), ...otherIdentity(identity, manifest, where)]),
    ...(signature.is === 'unsigned' || manifest?.directories !== undefined ? [] : verifyDirectories(archive, NONE, where)),
  ]
  if (signature.is === 'wrong') problems.unshift(wrongSignature(signature.why, where))
  if (problems.length > 0) throw new Problems(unique(problems))
  const sizes = [...archive.files.values()].map(({ size }) => size)
  return {
    ...identity,
    file,
    id: releaseId(identity, archive.sha256),
    sha256: archive.sha256,
    size: archive.size,
    unpackedSize: sizes.reduce((sum, size) => sum + size, 0),
    madeBy: manifest === undefined ? 'original' : 'mfserv',
    metadata,
    files: [...archive.files.keys(), ...archive.links.keys()].filter((path) => !GENERATED.includes(path)).sort(),
    needs: manifest?.needs ?? needsByName([...archive.files.keys()]),
    signature,
  }
}

/** A signature vouches for nothing that its manifest does not list, also when it is of an mfserv that listed no directories. */
const NONE: ReadonlySet<string> = new Set()

function part<T>(archive: Archive, name: string, read: (text: string, where: Where) => Reading<T>, where: Where): T {
  const text = archive.texts.get(name)
  if (text === undefined) throw notARelease(name, where)
  const { value, problems } = read(text, { file: `${where.file}: ${name}` })
  if (value === undefined) throw new Problems(problems)
  return value
}

function notARelease(missing: string, where: Where): Problem {
  return damaged(`it is no release of a plugin: ${missing} is missing in it`, where)
}

function otherIdentity(identity: ReleaseIdentity, manifest: ReleaseIdentity, where: Where): readonly Problem[] {
  return (['name', 'version', 'release'] as const)
    .filter((key) => identity[key] !== manifest[key])
    .map((key) => damaged(`its ${key} is ${identity[key]}, and ${manifest[key]} in ${MANIFEST}`, where))
}

export function wrongSignature(why: string, where: Where): Problem {
  const fix = 'Do not install it: it is not what its maker signed. Get the file again from its maker.'
  return new Problem('RELEASE_SIGNATURE', `its signature is wrong: ${why}`, fix, where)
}

/** A file of the original says nothing of its needs, but its wheels do. */
function needsByName(paths: readonly string[]): Needs {
  const wheels = (language: 'python3' | 'python2') =>
    paths
      .filter((path) => path.startsWith(`${language}_virtualenv_sources/src/`))
      .flatMap((path) => readWheelName(path.slice(path.lastIndexOf('/') + 1)) ?? [])
  return {
    ...needsOfWheels(wheels('python2'), 'python2', undefined),
    ...needsOfWheels(wheels('python3'), 'python3', undefined),
  }
}

function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()]
}

import type { Problem, Where } from '../problem.ts'
import { GENERATED, MANIFEST, ROOT, SIGNATURE } from './generated.ts'
import type { Manifest } from './manifest.ts'
import { damaged } from './metadata.ts'

/** What was found in an archive, by path in the plugin. */
export interface Unpacked {
  readonly files: ReadonlyMap<string, UnpackedFile>
  readonly links: ReadonlyMap<string, string>
  /** Those that stand in it themselves, and not only on the way to something. */
  readonly directories: ReadonlySet<string>
}

export interface UnpackedFile {
  /** In hex. */
  readonly sha256: string
  readonly size: number
  readonly executable: boolean
}

/** Everything in which an archive is not what its manifest says. */
export function verifyManifest(unpacked: Unpacked, manifest: Manifest, where: Where): readonly Problem[] {
  const { files, links } = unpacked
  const found = new Map([...files].filter(([path]) => path !== MANIFEST && path !== SIGNATURE))
  const wrong = [...found].filter(([path, { sha256 }]) => manifest.files.has(path) && manifest.files.get(path) !== sha256)
  const otherMode = [...found].filter(
    ([path, { executable }]) => manifest.files.has(path) && manifest.executables.has(path) !== executable,
  )
  const moved = [...links].filter(([path, target]) => manifest.links.has(path) && manifest.links.get(path) !== target)
  return [
    ...missing([...manifest.files.keys()], found, where),
    ...missing([...manifest.links.keys()], links, where),
    ...surplus([...found.keys()], manifest.files, where),
    ...surplus([...links.keys()], manifest.links, where),
    ...wrong.map(([path]) => damaged(`${ROOT}/${path} has another SHA-256 than ${MANIFEST} says`, where)),
    ...otherMode.map(([path]) => damaged(`${ROOT}/${path} has other rights than ${MANIFEST} says`, where)),
    ...(manifest.directories === undefined ? [] : verifyDirectories(unpacked, manifest.directories, where)),
    ...moved.map(([path]) => damaged(`${ROOT}/${path} points elsewhere than ${MANIFEST} says`, where)),
  ]
}

/** Every directory that is there for nothing that is `listed`. One that holds a file or a link is on the way to it. */
export function verifyDirectories(
  { files, links, directories }: Unpacked,
  listed: ReadonlySet<string>,
  where: Where,
): readonly Problem[] {
  const known = new Set(['', ...listed])
  for (const path of [...files.keys(), ...links.keys(), ...listed])
    for (let parent = parentOf(path); !known.has(parent); parent = parentOf(parent)) known.add(parent)
  const strange = [...directories].filter((path) => !known.has(path))
  return [
    ...missing([...listed], directories, where),
    ...strange.map((path) =>
      damaged(`${ROOT}/${path} is a directory with nothing in it, and ${MANIFEST} does not list it`, where),
    ),
  ]
}

function parentOf(path: string): string {
  return path.replace(/\/?[^/]*$/, '')
}

/** The same for a file of the original, which lists names only. It may hold more than it lists. */
export function verifyFileList({ files, links }: Unpacked, list: readonly string[], where: Where): readonly Problem[] {
  const listed = list.map((path) => path.replace(new RegExp(`^(\\./)*${ROOT}/`), '')).filter((path) => !GENERATED.includes(path))
  return missing(listed, new Set([...files.keys(), ...links.keys()]), where)
}

function missing(wanted: readonly string[], found: { has(path: string): boolean }, where: Where): readonly Problem[] {
  return wanted.filter((path) => !found.has(path)).map((path) => damaged(`${ROOT}/${path} is missing in it`, where))
}

function surplus(found: readonly string[], listed: { has(path: string): boolean }, where: Where): readonly Problem[] {
  return found
    .filter((path) => !listed.has(path))
    .map((path) => damaged(`${ROOT}/${path} is in it, and ${MANIFEST} does not list it`, where))
}

import { createHash } from 'node:crypto'
import { chmodSync, globSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { OtherMaterial } from '../../src/package/bom.ts'
import { type Cache, sha256Of, tool } from './cache.ts'
import type { Entry, FileEntry } from './entries.ts'
import type { LockedPackage } from './lock.ts'
import { ARCHITECTURES, type Architecture } from './version.ts'

/** The Node inside, and the library that it needs and a minimal Debian may lack. */
export interface NodeProgram {
  readonly entries: readonly Entry[]
  readonly library: OtherMaterial
}

const LIBRARY = 'libatomic.so.1'

/**
 * The pinned Node as npm has it, without what only a debugger of Node itself reads, and told to look for the library beside it
 * (docs/decisions/0009). Its headers and its manual stay away.
 */
export async function nodeProgram(
  { name, version, integrity }: LockedPackage,
  architecture: Architecture,
  cache: Cache,
): Promise<NodeProgram> {
  const debian = await cache.directory(`debian-${architecture}`, ['libatomic1', 'patchelf'], fetchDebian)
  const node = await cache.directory(name, [version, integrity], (stage) => {
    fetchPackage(`${name}@${version}`, integrity, stage)
    const program = join(stage, 'package/bin/node')
    tool(['strip', program], { cwd: stage, debian: 'binutils' })
    tool([join(debian, 'root/usr/bin/patchelf'), '--set-rpath', '$ORIGIN/../lib', program], { cwd: stage, debian: 'patchelf' })
    chmodSync(program, 0o755)
  })
  const at = `node_modules/${name}`
  const library = libraryIn(debian)
  return {
    entries: [
      file(`${at}/bin/node`, join(node, 'package/bin/node'), true),
      file(`${at}/LICENSE`, join(node, 'package/LICENSE')),
      file(`${at}/lib/${LIBRARY}`, library.file),
    ],
    library: {
      name: 'libatomic1',
      version: library.version,
      sha256: sha256Of(library.file),
      license: 'GPL-3.0-or-later WITH GCC-exception-3.1',
      purl: `pkg:deb/debian/libatomic1@${encodeURIComponent(library.version)}?arch=${ARCHITECTURES[architecture].debian}`,
    },
  }
}

function file(path: string, from: string, executable = false): FileEntry {
  return { is: 'file', path, executable, from: { file: from } }
}

/** Through npm, so that its registry, proxies and certificates are those of the machine that builds. */
function fetchPackage(spec: string, integrity: string, stage: string): void {
  tool(['npm', 'pack', spec, '--pack-destination', stage, '--silent'], { cwd: stage, debian: 'npm' })
  const archive = join(stage, readdirSync(stage)[0] ?? '')
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
  if (found !== integrity) throw new Error(`${spec} is ${found}, and package-lock.json says ${integrity}`)
  tool(['tar', '-xzf', archive, 'package/bin/node', 'package/LICENSE'], { cwd: stage, debian: 'tar' })
  rmSync(archive)
}

function fetchDebian(stage: string): void {
  // As root apt would fetch as a user of its own, who may not write here.
  tool(['apt-get', '-qq', '-o', 'APT::Sandbox::User=root', 'download', 'libatomic1', 'patchelf'], { cwd: stage, debian: 'apt' })
  for (const archive of readdirSync(stage)) tool(['dpkg-deb', '-x', archive, 'root'], { cwd: stage, debian: 'dpkg' })
}

function libraryIn(debian: string): { readonly file: string; readonly version: string } {
  const archive = readdirSync(debian).find((name) => name.startsWith('libatomic1_'))
  const [library] = globSync(join(debian, `root/usr/lib/*/${LIBRARY}.*`))
  const version = archive?.split('_')[1]
  if (version === undefined || library === undefined) throw new Error(`no libatomic1 in ${debian}: remove it, and make it again`)
  // The name of the file has an epoch written out.
  return { file: library, version: decodeURIComponent(version) }
}

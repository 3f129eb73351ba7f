import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pathsOf, runtimeHome } from '../../src/host/home/paths.ts'
import { readSigningKey } from '../../src/host/package/key-files.ts'
import { ensurePython, findPip } from '../../src/host/programs/python-framework.ts'
import { formatProblem, Problem } from '../../src/problem.ts'
import { sizeOf } from './archive.ts'
import { Cache } from './cache.ts'
import { commitIn, trackedFiles } from './git.ts'
import { lockedPackages } from './lock.ts'
import { nodeProgram } from './node-program.ts'
import { writeSums } from './sums.ts'
import { type Clone, debianPackage, npmTree, serverTree } from './tree.ts'
import { ARCHITECTURES, isArchitecture, packageVersion } from './version.ts'
import { bundledPython, type PythonTools } from './wheels.ts'
import { writeDeb, writeTarGz } from './write.ts'

/* `make package`: what a server is given, from the last commit and what it pins. Beside the packages their sums, and a signature. */
const HOME = join(import.meta.dirname, '../..')
const { values } = parseArgs({ options: { out: { type: 'string', default: join(HOME, 'packages') } } })

try {
  await main(values.out)
} catch (error) {
  if (!(error instanceof Problem)) throw error
  console.error(formatProblem(error))
  process.exitCode = 1
}

async function main(out: string): Promise<void> {
  const signKey = process.env['MFSERV_SIGN_KEY'] ?? ''
  // What is wrong with it is told before the long work.
  const key = signKey === '' ? undefined : readSigningKey(pathsOf(runtimeHome()), signKey)
  const architecture = process.arch
  if (!isArchitecture(architecture)) throw new Error(`mfserv runs on ${Object.keys(ARCHITECTURES).join(' and ')} only`)
  const read = (file: string): string => readFileSync(join(HOME, file), 'utf8')
  const clone: Clone = {
    home: HOME,
    tracked: trackedFiles(HOME),
    manifest: JSON.parse(read('package.json')),
    locked: lockedPackages(read('package-lock.json')),
  }
  const commit = commitIn(HOME, clone.manifest.version)
  const version = packageVersion(clone.manifest.version, commit)
  const nodePackage = clone.locked.get(`node-linux-${architecture}`)
  if (nodePackage === undefined) throw new Error(`package-lock.json has no Node for ${architecture}`)

  const cache = new Cache(join(HOME, '.cache/package'))
  say(`mfserv ${version}: Node ${nodePackage.version}, uv and the wheels`)
  const node = await nodeProgram(nodePackage, architecture, cache)
  const python = await bundledPython(HOME, architecture, await pythonTools(), cache)
  const tree = await serverTree(clone, version, commit.hash, { node, nodePackage, python })
  const debian = await debianPackage(tree, clone, version, architecture)

  const { time } = commit
  const names = {
    deb: `mfserv_${version}_${ARCHITECTURES[architecture].debian}.deb`,
    archive: `mfserv-${version}-linux-${architecture}.tar.gz`,
    npm: `mfserv-${version}.tgz`,
    materials: `mfserv-${version}-linux-${architecture}.bom.json`,
  }
  mkdirSync(out, { recursive: true })
  say('compressing')
  await Promise.all([
    writeDeb({ ...debian, time }, join(out, names.deb)),
    writeTarGz(tree, join(out, names.archive), { root: `mfserv-${version}`, time }),
    writeTarGz(npmTree(clone, { version, commit: commit.hash }), join(out, names.npm), { root: 'package', time }),
  ])
  const bom = tree.find(({ path }) => path === 'bom.json')
  if (bom?.is === 'file' && 'text' in bom.from) writeFileSync(join(out, names.materials), bom.from.text)
  const installed = tree.reduce((sum, entry) => sum + (entry.is === 'file' ? sizeOf(entry) : 0), 0)
  await writeSums(out, Object.values(names), key)
  for (const file of Object.values(names).map((name) => join(out, name))) say(`${megabytes(statSync(file).size)}  ${file}`)
  say(`${megabytes(installed)}  when unpacked`)
  say(
    key === undefined
      ? 'SHA256SUMS is not signed: make package MFSERV_SIGN_KEY=KEY does it, with a key of mfserv key create.'
      : `SHA256SUMS is signed with the key ${key.name} (${key.id}).`,
  )
  if (commit.isModified)
    say('Files were changed since the last commit: the version says "modified". Do not give such a package away.')
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1).padStart(6)} MB`
}

async function pythonTools(): Promise<PythonTools> {
  const paths = pathsOf(runtimeHome())
  const { uv, python3 } = await ensurePython(paths, say)
  if (uv === undefined) throw new Error('make package needs uv, which could not be had: see above')
  return { uv, python3, pip: await findPip(python3, paths, () => undefined) }
}

function say(text: string): void {
  console.error(text)
}

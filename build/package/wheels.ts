import { chmodSync, globSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pythonEnvironment } from '../../src/host/programs/tools.ts'
import type { WheelMaterial } from '../../src/package/bom.ts'
import { readWheelName } from '../../src/package/wheel.ts'
import { type Cache, sha256Of, tool } from './cache.ts'
import type { FileEntry } from './entries.ts'
import { ARCHITECTURES, type Architecture } from './version.ts'

/** The Pythons of Debian 12 and 13. Another one gets the framework's packages from PyPI. */
const PYTHONS = ['3.11', '3.13']
/** Of Debian 12. */
const GLIBC_MINOR = 36

/** How to call the tools of Python on the machine that builds. */
export interface PythonTools {
  readonly python3: string
  readonly uv: string
  /** The words that call pip. */
  readonly pip: readonly [string, ...string[]]
}

export interface BundledPython {
  readonly entries: readonly FileEntry[]
  readonly materials: readonly WheelMaterial[]
}

/** The wheels that `mfserv.start` would fetch from PyPI, and uv unpacked: so it shrinks more than in its wheel. */
export async function bundledPython(
  home: string,
  architecture: Architecture,
  tools: PythonTools,
  cache: Cache,
): Promise<BundledPython> {
  const at = (file: string): string => join(home, file)
  const needed = [at('python/requirements.txt'), at('python2/requirements.txt'), at('python2/virtualenv.txt')]
  const wheels = await cache.directory(`wheels-${architecture}`, [...texts(needed), ...PYTHONS], (stage) => {
    for (const python of PYTHONS) {
      const alone = join(stage, 'requirements')
      writeForPython(needed[0] ?? '', alone, { python, architecture }, tools, stage)
      download(tools, alone, stage, [...platformWords(architecture), '--python-version', python, '--implementation', 'cp'])
    }
    // They are for every machine: those of Python 2, and what makes its environments.
    for (const file of needed.slice(1)) download(tools, file, stage, [])
  })
  const uv = await cache.directory(`uv-${architecture}`, texts([at('python/uv.txt')]), (stage) => {
    download(tools, at('python/uv.txt'), stage, platformWords(architecture))
    const wheel = globSync(join(stage, '*.whl'))[0] ?? ''
    tool([tools.python3, '-m', 'zipfile', '-e', wheel, join(stage, 'wheel')], { cwd: stage, debian: 'python3' })
    renameSync(globSync(join(stage, 'wheel/uv-*.data/scripts/uv'))[0] ?? '', join(stage, 'uv'))
    chmodSync(join(stage, 'uv'), 0o755)
  })
  const [found, ofUv] = [wheelsIn(wheels), wheelsIn(uv)]
  return {
    entries: [
      ...found.map(({ file }) => entry(`bundled/wheels/${file}`, join(wheels, file))),
      { ...entry('bundled/uv', join(uv, 'uv')), executable: true },
      ...globSync(join(uv, 'wheel/*.dist-info/licenses/LICENSE*')).map((file) => entry(`bundled/uv.${basename(file)}`, file)),
    ],
    materials: [...ofUv, ...found],
  }
}

function texts(files: readonly string[]): readonly string[] {
  return files.map((file) => readFileSync(file, 'utf8'))
}

function entry(path: string, file: string): FileEntry {
  return { is: 'file', path, executable: false, from: { file } }
}

/** Without the lines that are for other Pythons: pip would judge them by the one that it runs on. */
function writeForPython(
  requirements: string,
  target: string,
  { python, architecture }: { readonly python: string; readonly architecture: Architecture },
  { uv }: PythonTools,
  cwd: string,
): void {
  const platform = ['--python-version', python, '--python-platform', `${ARCHITECTURES[architecture].machine}-manylinux_2_28`]
  const words = [
    '--quiet',
    '--no-deps',
    '--generate-hashes',
    '--no-header',
    '--no-annotate',
    ...platform,
    '--output-file',
    target,
  ]
  writeFileSync(target, '')
  tool([uv, 'pip', 'compile', requirements, ...words], { cwd, debian: 'python3', env: pythonEnvironment(process.env) })
}

function download({ pip }: PythonTools, requirements: string, target: string, platform: readonly string[]): void {
  const words = ['--quiet', '--no-deps', '--require-hashes', '--only-binary=:all:', ...platform, '--requirement', requirements]
  const env = pythonEnvironment(process.env)
  tool([...pip, 'download', ...words, '--dest', target], { cwd: target, debian: 'python3-venv', env })
}

/** pip takes the wheels of exactly these names. */
function platformWords(architecture: Architecture): readonly string[] {
  const { machine } = ARCHITECTURES[architecture]
  const numbered = Array.from({ length: GLIBC_MINOR - 4 }, (_one, index) => `manylinux_2_${GLIBC_MINOR - index}`)
  return [...numbered, 'manylinux2014', 'manylinux2010', 'manylinux1'].flatMap((name) => ['--platform', `${name}_${machine}`])
}

function wheelsIn(directory: string): readonly WheelMaterial[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.whl'))
    .sort()
    .map((name) => {
      const wheel = readWheelName(name)
      if (wheel === undefined) throw new Error(`${name} is no name of a wheel`)
      return { ...wheel, sha256: sha256Of(join(directory, name)) }
    })
}

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { Problem } from '../../problem.ts'
import { writeProblem } from '../disk/disk-problem.ts'
import { isErrno } from '../disk/errno.ts'
import { isExecutable } from '../disk/is-executable.ts'
import { MFSERV_HOME, type Paths } from '../home/paths.ts'
import { type Report, runTool, type ToolFailure, type ToolResult } from '../process/run-tool.ts'
import { bundledPythons, bundledUv, bundledWheels } from './bundled.ts'
import { installDebian } from './debian.ts'
import { type PythonTools, pythonEnvironment } from './tools.ts'

/** The Python that workers run on and virtualenvs are made with. */
export interface FrameworkPython extends PythonTools {
  /** The framework's own packages for exactly this interpreter; it goes last on a worker's sys.path. Absolute. */
  readonly library: string
}

/*
 *   opt/python/cpython-311/4f0c…/   the packages of python/requirements.txt; the name is the hash of what it was made from
 *   opt/uv/91ab…/bin/uv             uv of python/uv.txt
 *
 * A directory gets its name when everything is in it, and never changes: a worker keeps the one it was started with.
 */
const REQUIREMENTS = join(MFSERV_HOME, 'python/requirements.txt')
const UV_REQUIREMENTS = join(MFSERV_HOME, 'python/uv.txt')
/** The files that name the directory of `pythonLibraries`. */
export const PYTHON_REQUIREMENTS = [REQUIREMENTS, UV_REQUIREMENTS] as const
const OLDEST = { major: 3, minor: 9 } as const
/** For people. */
export const WANTED_PYTHON = `Python ${OLDEST.major}.${OLDEST.minor} or newer`
const DAY_MS = 86_400_000

/**
 * Finds python3 (3.9 or newer) and makes sure of the framework's own packages and, if it can be had, of uv. Installs only
 * what is missing or what a new mfserv wants newer; otherwise it asks the interpreter for its version and is done. Throws
 * `TOOL_MISSING` without a fitting Python, `BUILD_FAILED` with the installer's own message, `DISK`.
 */
export async function ensurePython(paths: Paths, report: Report = silent): Promise<FrameworkPython> {
  return await ensureFor((await findInterpreter()) ?? (await installInterpreter(paths, report)), paths, report)
}

/** The same for an interpreter that was found for a plugin. */
export async function ensureFor({ python3, tag }: Interpreter, paths: Paths, report: Report): Promise<FrameworkPython> {
  const library = pythonLibraries(paths).replace('{tag}', tag)
  if (existsSync(library)) return { python3, library, uv: findUv(paths) }
  try {
    const uv = findUv(paths) ?? (await installUv(python3, paths, report))
    const tools = { python3, uv }
    await fill(library, (stage) => installLibrary({ requirements: REQUIREMENTS, directory: stage, tools }, paths, report))
    return { python3, library, uv }
  } catch (error) {
    throw storeProblem(error, paths)
  }
}

/** Where the framework's own packages are for each Python; `{tag}` stands for its `sys.implementation.cache_tag`. */
export function pythonLibraries(paths: Paths): string {
  return join(paths.opt, 'python/{tag}', hashOf(...PYTHON_REQUIREMENTS))
}

/** Packages of our own, all of them wheels. */
export interface PackageDirectory {
  /** A file with exact versions and hashes. */
  readonly requirements: string
  readonly directory: string
  readonly tools: PythonTools
}

/** Installs the packages unless the directory is there already. Throws `BUILD_FAILED`, `TOOL_MISSING`, `DISK`. */
export async function ensurePackages(wanted: PackageDirectory, paths: Paths, report: Report): Promise<void> {
  if (existsSync(wanted.directory)) return
  try {
    await fill(wanted.directory, (stage) => installLibrary({ ...wanted, directory: stage }, paths, report))
  } catch (error) {
    throw storeProblem(error, paths)
  }
}

/** The uv that a package brings, or that mfserv installed, or else the one on PATH; absolute. */
export function findUv(paths: Paths, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return bundledUv() ?? [join(uvDirectory(paths), 'bin/uv'), ...onPath('uv', environment)].find(isExecutable)
}

export interface Interpreter {
  readonly python3: string
  /** `cpython-311`: compiled packages belong to one of these. */
  readonly tag: string
  /** Such as `3.11.2`. */
  readonly version: string
}

/** The system's Python first, so that the daemon and every command agree whatever PATH they were started with. */
export async function findInterpreter(): Promise<Interpreter | undefined> {
  for (const candidate of ['/usr/bin/python3', ...onPath('python3', process.env)].filter(isExecutable)) {
    const found = await askInterpreter(candidate)
    if (found !== undefined) return found
  }
  return undefined
}

const QUESTION = `import sys
print(sys.executable, sys.implementation.cache_tag, "%d.%d.%d" % sys.version_info[:3], sep="\\n")
print(sys.version_info >= (${OLDEST.major}, ${OLDEST.minor}) and sys.version_info[3] == "final" and not sys.abiflags)`
const ANSWERS_WITHIN_MS = 10_000

/** Undefined when it does not run or is too old, unfinished, or made for tests or without the lock that packages expect. */
export function askInterpreter(candidate: string): Promise<Interpreter | undefined> {
  const { promise, resolve } = Promise.withResolvers<Interpreter | undefined>()
  execFile(candidate, ['-I', '-S', '-c', QUESTION], { timeout: ANSWERS_WITHIN_MS }, (error, stdout) => {
    const [python3 = '', tag = '', version = '', fits] = stdout.split('\n')
    resolve(error === null && fits === 'True' ? { python3, tag, version } : undefined)
  })
  return promise
}

async function installInterpreter(paths: Paths, report: Report): Promise<Interpreter> {
  const fix = `Install ${WANTED_PYTHON} (Debian: apt-get install python3 python3-venv), or put its directory on PATH.`
  const missing = new Problem('TOOL_MISSING', `no python3 was found that is ${WANTED_PYTHON}`, fix)
  if (process.getuid?.() !== 0) throw missing
  await installDebian(['python3', 'python3-venv'], paths, report)
  const found = await findInterpreter()
  if (found === undefined) throw missing
  return found
}

/** Undefined, and a word about it, when there is no uv for this machine: everything works without, only slower. */
async function installUv(python3: string, paths: Paths, report: Report): Promise<string | undefined> {
  const directory = uvDirectory(paths)
  const pip = await findPip(python3, paths, report)
  try {
    await fill(directory, async (stage) => {
      const argv = [...pip, 'install', ...PIP_OPTIONS, '--target', stage, '--requirement', UV_REQUIREMENTS] as const
      await must(install(argv, 'Installing uv', report), 'uv')
    })
    return findUv(paths)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    report(`${error.message}\nPython environments are built with venv and pip instead.`)
    return undefined
  }
}

const PIP_OPTIONS = ['--quiet', '--no-deps', '--require-hashes', '--only-binary=:all:'] as const

async function installLibrary(wanted: PackageDirectory, paths: Paths, report: Report): Promise<void> {
  const { tools, requirements, directory } = wanted
  const doing = "Installing mfserv's own Python packages"
  const common = ['--target', directory, '--requirement', requirements] as const
  const { uv, python3 } = tools
  if (uv === undefined) return await pipInstall(common, { doing, python3 }, paths, report)
  const wheels = bundledWheels()
  if (wheels !== undefined) {
    const inside = await uvInstall(uv, python3, [...ALONE, '--find-links', wheels, ...common], doing, report)
    if (inside.is === 'done') return
    report(`The wheels of this package, for Python ${bundledPythons(wheels)}, were no use to ${python3}: ${inside.message}`)
  }
  const fetched = await uvInstall(uv, python3, common, doing, report)
  if (fetched.is === 'done') return
  // A mirror may be configured for pip only.
  report(`uv could not install them, pip tries: ${fetched.message}`)
  try {
    await pipInstall(common, { doing, python3 }, paths, report)
  } catch (error) {
    // That there is no pip is not what is wrong with a machine that has a package of mfserv.
    throw wheels !== undefined && error instanceof Problem ? notInstalled(fetched, 'its Python packages') : error
  }
}

async function pipInstall(
  words: readonly string[],
  { doing, python3 }: { readonly doing: string; readonly python3: string },
  paths: Paths,
  report: Report,
): Promise<void> {
  const pip = await findPip(python3, paths, report)
  await must(install([...pip, 'install', ...PIP_OPTIONS, ...words], doing, report), 'its Python packages')
}

/** From the wheels beside it alone: no index, no network, and nothing that is configured for other installations. */
const ALONE = ['--offline', '--no-index', '--no-config', '--no-cache'] as const
const UV_OPTIONS = ['--quiet', '--no-deps', '--require-hashes', '--only-binary', ':all:', '--compile-bytecode'] as const

function uvInstall(uv: string, python3: string, words: readonly string[], doing: string, report: Report): Promise<ToolResult> {
  return install([uv, 'pip', 'install', ...UV_OPTIONS, '--python', python3, ...words], doing, report)
}

type Argv = readonly [string, ...string[]]

/** The words that call pip; installs it from Debian when this Python has none. */
export async function findPip(python3: string, paths: Paths, report: Report): Promise<Argv> {
  const own = [python3, '-m', 'pip'] as const
  if ((await install([...own, '--version'], 'Looking for pip', report)).is === 'done') return own
  // Debian ships pip as a wheel, which runs without being installed. As root, with what `python3 -m venv` needs.
  const present = pipWheelIn('/')
  if (present !== undefined) return [python3, present]
  const root = await installDebian([process.getuid?.() === 0 ? 'python3-venv' : 'python3-pip-whl'], paths, report)
  const unpacked = pipWheelIn(root)
  if (unpacked === undefined) throw new Error(`no pip wheel in ${root}`)
  return [python3, unpacked]
}

/** The pip in the wheel that comes with Debian's python3-venv. */
function pipWheelIn(root: string): string | undefined {
  const wheels = join(root, 'usr/share/python-wheels')
  const wheel = existsSync(wheels) ? readdirSync(wheels).find((name) => /^pip-.*\.whl$/.test(name)) : undefined
  return wheel === undefined ? undefined : join(wheels, wheel, 'pip')
}

function install(argv: Argv, doing: string, report: Report): Promise<ToolResult> {
  const fix = 'Install pip (Debian: apt-get install python3-venv python3-pip).'
  // A company's own certificate authority is known to the system, not to uv; the name of the variable has changed with time.
  const env = { ...pythonEnvironment(process.env), UV_SYSTEM_CERTS: '1', UV_NATIVE_TLS: '1' }
  return runTool({ argv, cwd: '/', env, doing, install: fix }, report)
}

async function must(running: Promise<ToolResult>, what: string): Promise<void> {
  const result = await running
  if (result.is === 'failed') throw notInstalled(result, what)
}

function notInstalled({ message }: ToolFailure, what: string): Problem {
  const wheels = bundledWheels()
  const alone =
    wheels === undefined ? '' : `\nWithout a network: this package of mfserv has them for Python ${bundledPythons(wheels)} alone.`
  const fix = `See that PyPI, or the mirror that pip is configured for, can be reached, and start again.${alone}`
  return new Problem('BUILD_FAILED', `mfserv could not install ${what}:\n${message}`, fix)
}

/** Makes a directory beside its place and moves it there when it is complete; two that do so at once both succeed. */
async function fill(directory: string, make: (stage: string) => Promise<void>): Promise<void> {
  const parent = dirname(directory)
  mkdirSync(parent, { recursive: true })
  const stage = mkdtempSync(join(parent, NEW))
  try {
    await make(stage)
    chmodSync(stage, 0o755)
    renameSync(stage, directory)
    removeOlder(directory)
  } catch (error) {
    if (!isErrno(error, 'ENOTEMPTY') && !isErrno(error, 'EEXIST')) throw error
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

const NEW = '.new-'

/** Keeps the one before, for the workers that were started with it, and what another command may be making. */
function removeOlder(directory: string): void {
  const parent = dirname(directory)
  const others = readdirSync(parent)
    .map((name) => ({ path: join(parent, name), name, age: Date.now() - statSync(join(parent, name)).mtimeMs }))
    .filter(({ path }) => path !== directory)
    .sort((a, b) => a.age - b.age)
  const versions = others.filter(({ name }) => !name.startsWith(NEW))
  const abandoned = others.filter(({ name, age }) => name.startsWith(NEW) && age > DAY_MS)
  for (const { path } of [...versions.slice(1), ...abandoned]) rmSync(path, { recursive: true, force: true })
}

function uvDirectory(paths: Paths): string {
  return join(paths.opt, 'uv', hashOf(UV_REQUIREMENTS))
}

/** Of the contents. */
export function hashOf(...files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 16)
}

export function onPath(program: string, environment: NodeJS.ProcessEnv): readonly string[] {
  const directories = (environment['PATH'] ?? '').split(delimiter).filter((directory) => directory.startsWith('/'))
  return directories.map((directory) => join(directory, program))
}

function storeProblem(error: unknown, { opt }: Paths): unknown {
  const fix = `Make ${opt} writable for this user, and make room on its disk.`
  return writeProblem(error, { what: "mfserv's own Python packages could not be stored", fix, file: opt })
}

function silent(): void {
  // Nobody watches the progress.
}

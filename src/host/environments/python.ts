import { existsSync, rmSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { WantedPython } from '../../plugin/python/python-version.ts'
import { readRequirementLine } from '../../plugin/python/requirement-line.ts'
import { Problem } from '../../problem.ts'
import { FOR_EVERYBODY, writeAtomically } from '../disk/atomic.ts'
import { modified, textOf } from '../disk/text-of.ts'
import type { Report } from '../process/run-tool.ts'
import { type BuildTools, type PythonTools, pythonEnvironment } from '../programs/tools.ts'
import { askIndexes } from './ask-indexes.ts'
import { agreedEnvironment, indexesOf } from './python/index-settings.ts'
import { installedPrint } from './python/local-packages.ts'
import { pipBuilder } from './python/pip.ts'
import { python2Builder } from './python/python2-builder.ts'
import { merged, NOTHING, type Requirements, readRequirements } from './python/read-requirements.ts'
import { type PythonSource, readSource, requirementsSource, SOURCES3 } from './python/source.ts'
import { withFreezeInput, withInstallInput } from './python/tool-input.ts'
import { uvBuilder } from './python/uv.ts'
import { mayRunOnAnother, wantedByRelease, wantedPython } from './python/wanted-python.ts'
import {
  type Blame,
  FROZEN,
  FROZEN2,
  type InstallInput,
  interpreterTag,
  type PythonBuilder,
  TO_FREEZE,
} from './python-builder.ts'
import { decideVirtualenv, fingerprint, frozenText, mustFreeze, requirementLines, type VirtualenvNeed } from './requirements.ts'
import { builtVirtualenv, nextVersion, removeVirtualenv, useVersion, type VirtualenvPlace } from './virtualenv.ts'

export type PythonPart =
  | 'requirements3.txt'
  | 'virtualenv'
  | 'virtualenv removed'
  | 'requirements2.txt'
  | 'virtualenv of Python 2'
  | 'virtualenv of Python 2 removed'

/** `vendored`: from the files of a release alone, which has everything frozen and needs no network. */
export type BuildFrom = 'index' | 'vendored'

/** One of the two languages of a plugin. */
export interface PythonSide {
  /** Where the frozen requirements are, and in a plugin of MFSERV those to freeze. */
  readonly sources: string
  /** What a person wrote; read when something may have to be built. Throws Problems. */
  readonly source: () => PythonSource | undefined
  /** The file in `sources` with the exact versions. */
  readonly frozen: 'requirements3.txt' | 'requirements2.txt'
  readonly place: VirtualenvPlace
  readonly built: PythonPart
  readonly removed: PythonPart
  readonly need: VirtualenvNeed
  readonly environment: NodeJS.ProcessEnv
  /** Whether it runs on another interpreter than mfserv; then it needs a virtualenv in any case. */
  readonly isOther: () => Promise<boolean>
  /** These two ask for the tools, so they are called only when something may have to be built. */
  readonly builder: () => Promise<PythonBuilder>
  readonly tag: () => Promise<string>
}

/** The Python 3 side of a plugin. */
export function python3Side(home: string, tools: BuildTools, report: Report, from: BuildFrom = 'index'): PythonSide {
  const env = agreedEnvironment(pythonEnvironment(tools.environment))
  const wanted = from === 'index' ? wantedPython(home) : wantedByRelease(home)
  const isWanted = Object.keys(wanted).length > 0
  let chosen: Promise<PythonTools> | undefined
  const python = (): Promise<PythonTools> => {
    chosen ??= isWanted ? chooseTools(home, wanted, tools, report) : Promise.resolve(tools.python())
    return chosen
  }
  return {
    sources: join(home, SOURCES3),
    source: () => readSource(home),
    frozen: FROZEN,
    place: 'local',
    built: 'virtualenv',
    removed: 'virtualenv removed',
    need: 'with packages',
    environment: env,
    isOther: async () => isWanted && (await python()).isOther === true,
    builder: async () => {
      const { python3, uv } = await python()
      return uv === undefined ? pipBuilder(python3, env, report) : uvBuilder(uv, python3, env, report)
    },
    tag: async () => interpreterTag((await python()).python3, env),
  }
}

async function chooseTools(home: string, wanted: WantedPython, tools: BuildTools, report: Report): Promise<PythonTools> {
  try {
    return await tools.python(wanted)
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'TOOL_MISSING' || !mayRunOnAnother(home)) throw error
    report(`${error.message}. The Python of mfserv is used.\n${error.fix}`)
    return await tools.python()
  }
}

/**
 * The Python 2 side. A plugin that has sources for it gets a virtualenv even without any package: no other way brings
 * a `python2` into the PATH of its daemons and cron jobs.
 */
export function python2Side(home: string, tools: BuildTools, report: Report): PythonSide {
  const sources = join(home, 'python2_virtualenv_sources')
  const environment = agreedEnvironment(pythonEnvironment(tools.environment))
  const file = join(sources, TO_FREEZE)
  return {
    sources,
    source: () => (existsSync(file) ? requirementsSource(file, sources) : undefined),
    frozen: FROZEN2,
    place: 'local/python2',
    built: 'virtualenv of Python 2',
    removed: 'virtualenv of Python 2 removed',
    need: existsSync(sources) ? 'always' : 'with packages',
    environment,
    isOther: () => Promise.resolve(false),
    builder: async () => python2Builder(await tools.python2(), environment, report),
    tag: async () => {
      const { tag, path } = await tools.python2()
      return `${tag} ${path}`
    },
  }
}

/** Freezes the requirements of one side and builds its virtualenv, each only when it has to. */
export async function buildSide(home: string, side: PythonSide, from: BuildFrom): Promise<readonly PythonPart[]> {
  const source = from === 'index' ? side.source() : undefined
  const frozen = source === undefined ? undefined : await freeze(side, source)
  const virtualenv = await buildVirtualenv(home, side, source, from)
  return [frozen, virtualenv].filter((part) => part !== undefined)
}

async function freeze(side: PythonSide, source: PythonSource): Promise<PythonPart | undefined> {
  const { sources, frozen } = side
  const file = join(sources, frozen)
  const before = textOf(file)
  const age = modified(source.file) > modified(file) ? 'newer' : 'not newer'
  if (!mustFreeze(source, before, age)) return undefined
  writeAtomically(file, frozenText(source, await versionsOf(side, source, before ?? '')), 'durable', FOR_EVERYBODY)
  return frozen
}

/** The lines of the frozen file. */
async function versionsOf(side: PythonSide, source: PythonSource, before: string): Promise<readonly string[]> {
  const { asked, directory, file, pyproject, lock } = source
  const itself = asked.locals.filter((local) => local.isItself === true).map((local) => local.directory)
  const isAsked = lock !== undefined || pyproject !== undefined || asked.packages.length + asked.locals.length > 0
  if (!isAsked) return []
  // With hashes everything is exact already, and pip refuses what is not.
  const listed = asked.packages.filter(({ where }) => where.file !== pyproject)
  if (listed.some(({ text }) => /\s--hash[=\s]/.test(text))) {
    const lines = [...listed.map(({ text }) => text), ...asked.locals.map((local) => local.directory)]
    return placed(lines, side.sources)
  }
  await askIndexes('package index', indexesIn(source.asked, side.environment), side.environment)
  const builder = await side.builder()
  const blame = { written: asked.packages, file, stage: lock === undefined ? 'asked' : 'locked' } as const
  const isElsewhere = ({ where }: { where: { file: string } }): boolean => builder.readsPyproject && where.file === pyproject
  const input = { name: nameOf(source), directory, asked, blame, isElsewhere, pyproject, lock, before }
  const lines = await withFreezeInput(input, (given) => builder.freeze(given))
  return placed([...lines, ...itself], side.sources)
}

/** pyproject.toml stands in no message of the requirements file that is made of its lines. */
function nameOf({ file, title }: PythonSource): string {
  const name = file.slice(file.lastIndexOf('/') + 1)
  return title.includes('requirements.txt') || !name.endsWith('.txt') ? 'requirements.txt' : name
}

/** Directories relative to the frozen file, so that a plugin may be checked out anywhere; each once. */
function placed(lines: readonly string[], sources: string): readonly string[] {
  const seen = new Set<string>()
  return lines.flatMap((line) => {
    const one = readRequirementLine(line)
    if (one.is !== 'path') return [line]
    const isDirectory = statSync(one.path, { throwIfNoEntry: false })?.isDirectory() === true
    if (!isDirectory && one.path.startsWith('/') && one.path.startsWith(`${dirname(sources)}/`))
      return [relative(sources, one.path)]
    if (!isDirectory) return [line]
    const path = relative(sources, one.path)
    if (seen.has(path)) return []
    seen.add(path)
    return [`-e ${path.startsWith('.') ? path : `./${path}`}`]
  })
}

function indexesIn({ options }: Requirements, env: NodeJS.ProcessEnv) {
  const written = options.filter(({ name }) => ['--index-url', '--extra-index-url', '--find-links'].includes(name))
  return [
    ...indexesOf(env).map((url) => ({ url, where: undefined })),
    ...written.map(({ value, where }) => ({ url: value, where })),
  ]
}

async function buildVirtualenv(
  home: string,
  side: PythonSide,
  source: PythonSource | undefined,
  from: BuildFrom,
): Promise<PythonPart | undefined> {
  const { place } = side
  const need = (await side.isOther()) ? 'always' : side.need
  const requirements = textOf(join(side.sources, side.frozen)) ?? ''
  const frozen = from === 'index' ? readRequirements(join(side.sources, side.frozen), side.sources) : NOTHING
  const python = need === 'with packages' && requirementLines(requirements).length === 0 ? '' : await side.tag()
  const locals = installedPrint(frozen.locals)
  const decision = decideVirtualenv({ requirements, locals, python, home, need }, builtVirtualenv(home, place))
  if (decision === 'keep') return undefined
  if (decision === 'remove') {
    removeVirtualenv(home, place)
    return side.removed
  }
  const builder = await side.builder()
  const version = nextVersion(home, place)
  try {
    if (from === 'vendored') await builder.installVendored(side.sources, version)
    else await withFrozen(side, source, frozen, (input) => builder.install(input, version))
    // What is installed to be edited is found by the path that it has now.
    const boundTo = from === 'index' && (builder.makes === 'bound' || frozen.locals.length > 0) ? home : undefined
    const directories = frozen.locals.map(({ directory }) => directory)
    useVersion(version, { requirements: fingerprint(requirements), python, boundTo, locals, directories })
  } catch (error) {
    rmSync(version, { recursive: true, force: true })
    throw error
  }
  return side.built
}

/** Lends what is frozen, with the places to look in that the person wrote: no index is in the frozen file. */
export async function withFrozen<T>(
  side: PythonSide,
  source: PythonSource | undefined,
  frozen: Requirements,
  work: (input: InstallInput) => Promise<T>,
): Promise<T> {
  const { options = [], constraints = [] } = source?.asked ?? {}
  const file = join(side.sources, side.frozen)
  const asked = merged([{ options }, frozen])
  await askIndexes('package index', indexesIn(asked, side.environment), side.environment)
  const blame: Omit<Blame, 'given'> =
    source === undefined
      ? { written: frozen.packages, file, stage: 'asked' }
      : {
          written: [...source.asked.packages, ...constraints],
          file: source.file,
          stage: source.lock === undefined ? 'frozen' : 'locked',
        }
  const directory = source?.directory ?? (existsSync(side.sources) ? side.sources : dirname(side.sources))
  return await withInstallInput({ name: side.frozen, directory, asked, blame }, work)
}

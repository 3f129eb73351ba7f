import { existsSync, realpathSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type Pyproject, readPyproject } from '../../../plugin/python/pyproject.ts'
import { Problem } from '../../../problem.ts'
import { textOf } from '../../disk/text-of.ts'
import { FROZEN, TO_FREEZE } from '../python-builder.ts'
import { fingerprint, frozenFrom, requirementLines } from '../requirements.ts'
import { settingsInToml } from './index-settings.ts'
import { isPackage, merged, NOTHING, type Requirements, readRequirements, type WrittenLine } from './read-requirements.ts'

/** What a person wrote about the Python packages of a plugin, read from the files that are edited. */
export interface PythonSource {
  /** Where the tools run. Relative paths begin here. */
  readonly directory: string
  /** The file that is edited first; a problem without a line is about it. Absolute. */
  readonly file: string
  /** For the first line of the frozen requirements: `pyproject.toml and requirements.txt`. */
  readonly title: string
  /** With those of `[project]`, and the application itself where it is a package. */
  readonly asked: Requirements
  /** For uv, which reads more of it. Absolute. */
  readonly pyproject: string | undefined
  /** uv has frozen everything already. Absolute. */
  readonly lock: string | undefined
  /** Where `[tool.uv]` of pyproject.toml looks for packages, for pip. */
  readonly options: Requirements['options']
  /** Another one: what was frozen has to be frozen again. */
  readonly fingerprint: string
}

/** Where the two requirements files of Python 3 are, and the frozen one of an application that has its own at the root. */
export const SOURCES3 = 'python3_virtualenv_sources'

/** The files at the root of an application, in the order in which they decide. */
export const ROOT_FILES = ['pyproject.toml', 'uv.lock', 'requirements.txt'] as const

/**
 * Which files say what a plugin needs: `requirements-to-freeze.txt` where it is, as in every plugin of MFSERV; otherwise
 * `pyproject.toml` with or without `uv.lock`, and `requirements.txt`, as most applications have them. Undefined when there is
 * none. Throws Problems.
 */
export function readSource(home: string): PythonSource | undefined {
  const own = join(home, SOURCES3)
  if (existsSync(join(own, TO_FREEZE))) return requirementsSource(join(own, TO_FREEZE), own)
  if (isFrozenByHand(home) || existsSync(join(home, 'python2_virtualenv_sources'))) return undefined
  return runsNoPython(textOf(join(home, 'config.ini')) ?? '') ? undefined : rootSource(home)
}

/** A site or an application of Node may have requirements.txt for something that it does not serve. */
function runsNoPython(config: string): boolean {
  const types = [...config.matchAll(/^\s*type\s*[=:]\s*(\w+)/gm)].map(([, type]) => type ?? '')
  const isOther = types.length > 0 && types.every((type) => ['node', 'static', 'php'].includes(type))
  return isOther && !/^\s*(?:\[extra_daemon_|_?cmd_and_args\s*[=:])/m.test(config)
}

/** The source of a directory with its own `requirements-to-freeze.txt`. */
export function requirementsSource(file: string, directory: string): PythonSource {
  const asked = readRequirements(file, directory)
  const text = [textOf(file) ?? '', ...beside(asked)].join('\n')
  return {
    ...{ directory, file, title: basename(file), asked },
    ...{ pyproject: undefined, lock: undefined, options: [], fingerprint: fingerprint(text) },
  }
}

/** The files at the root that nothing reads, because the sources of MFSERV win or only Poetry can; with what to do about it. */
export function unreadNote(home: string): string | undefined {
  const own = join(home, SOURCES3, TO_FREEZE)
  const pyproject = pyprojectIn(home)
  if (!existsSync(own)) return pyproject?.poetryOnly === true && !existsSync(join(home, 'requirements.txt')) ? POETRY : undefined
  const requirements = requirementLines(textOf(join(home, 'requirements.txt')) ?? '')
  const unread = [
    ...(pyproject !== undefined && (pyproject.dependencies.length > 0 || pyproject.isDynamic) ? ['pyproject.toml'] : []),
    ...(requirements.length > 0 ? ['requirements.txt'] : []),
  ]
  const included = readRequirements(own, join(home, SOURCES3)).included.map((file) => basename(file))
  const left = unread.filter((name) => !included.includes(name))
  if (left.length === 0) return undefined
  const names = left.join(' and ')
  return `${names} of the plugin ${left.length === 1 ? 'is' : 'are'} not read: ${SOURCES3}/${TO_FREEZE} is there and comes first. Remove that file to use ${names}, or write "-r ../requirements.txt" into it.`
}

const POETRY =
  'pyproject.toml names its packages in a way that only Poetry reads, so they are not installed. Write them into dependencies of [project], which Poetry 2 reads too, or run "poetry export -o requirements.txt".'

/** Undefined where it cannot be read: then it is not what this is about. */
function pyprojectIn(home: string): Pyproject | undefined {
  const reading = readPyproject(textOf(join(home, 'pyproject.toml')) ?? '')
  return 'value' in reading ? reading.value : undefined
}

function isFrozenByHand(home: string): boolean {
  const frozen = textOf(join(home, SOURCES3, FROZEN))
  return frozen !== undefined && !ROOT_FILES.some((name) => frozenFrom(frozen)?.title.includes(name))
}

function rootSource(home: string): PythonSource | undefined {
  const file = join(home, 'pyproject.toml')
  const text = textOf(file)
  const reading = text === undefined ? undefined : readPyproject(text)
  if (reading !== undefined && 'mistake' in reading) throw unreadable(reading.mistake, file, reading.line)
  const pyproject = reading?.value.hasProject === true ? reading.value : undefined
  const lock = join(home, 'uv.lock')
  if (pyproject !== undefined && existsSync(lock)) return lockedSource(home, pyproject, lock)
  const requirements = join(home, 'requirements.txt')
  const listed = existsSync(requirements) ? readRequirements(requirements, home) : undefined
  const asked = merged([
    ...(pyproject === undefined ? [] : [{ packages: pyproject.dependencies.map((one) => written(one, file)) }]),
    listed ?? {},
    ...(pyproject?.isPackage === true ? [itself(home, file)] : []),
  ])
  // Most have the file for the settings of tools only.
  if (pyproject?.isDynamic !== true && asked.packages.length + asked.locals.length === 0) return undefined
  const names = [...(pyproject === undefined ? [] : ['pyproject.toml']), ...(listed === undefined ? [] : ['requirements.txt'])]
  const texts = [pyproject?.essence ?? '', textOf(requirements) ?? '', ...beside({ ...asked, locals: withoutSelf(asked, home) })]
  return {
    ...{ directory: home, file: pyproject === undefined ? requirements : file, title: names.join(' and '), asked },
    ...{ pyproject: pyproject === undefined ? undefined : file, lock: undefined, options: optionsOf(pyproject, file) },
    fingerprint: fingerprint([...texts, ...ofPaths(home, pyproject)].join('\n')),
  }
}

function lockedSource(home: string, pyproject: Pyproject, lock: string): PythonSource {
  const file = join(home, 'pyproject.toml')
  const packages = pyproject.dependencies.map((one) => written(one, file))
  return {
    ...{ directory: home, file, title: 'uv.lock', asked: { ...NOTHING, packages }, pyproject: file, lock },
    options: optionsOf(pyproject, file),
    fingerprint: fingerprint([pyproject.essence, textOf(lock) ?? ''].join('\n')),
  }
}

function written({ text, line }: { readonly text: string; readonly line: number }, file: string): WrittenLine {
  return { text, where: { file, line } }
}

/** As `uv sync` and `pip install .` would: a package of its own brings its name, version and programs. */
function itself(home: string, file: string): Partial<Requirements> {
  return { locals: [{ directory: realpathSync(home), extras: '', marker: '', isItself: true, where: { file, line: 1 } }] }
}

function optionsOf(pyproject: Pyproject | undefined, file: string): Requirements['options'] {
  const { index, extra, findLinks, trusted } = settingsInToml(pyproject?.uv ?? {})
  const named = (name: string, values: readonly string[]) => values.map((value) => ({ name, value, where: { file, line: 1 } }))
  return [
    ...named('--index-url', index === undefined ? [] : [index]),
    ...named('--extra-index-url', extra),
    ...named('--find-links', findLinks),
    ...named('--trusted-host', trusted),
  ]
}

function withoutSelf({ locals }: Requirements, home: string): Requirements['locals'] {
  return locals.filter(({ directory }) => directory !== realpathSync(home))
}

/** What else decides which versions are frozen: the files that are included, and what local packages need. */
function beside({ included, locals }: Pick<Requirements, 'included' | 'locals'>): readonly string[] {
  return [
    ...included.map((one) => textOf(one) ?? ''),
    ...locals.flatMap(({ directory }) => METADATA.map((name) => textOf(join(directory, name)) ?? '')),
  ].filter((text) => text !== '')
}

function ofPaths(home: string, pyproject: Pyproject | undefined): readonly string[] {
  const directories = (pyproject?.paths ?? []).map((path) => resolve(home, path)).filter(isPackage)
  return directories.flatMap((directory) => METADATA.map((name) => textOf(join(directory, name)) ?? ''))
}

const METADATA = ['pyproject.toml', 'setup.cfg', 'setup.py', 'requirements.txt']

function unreadable(mistake: string, file: string, line: number): Problem {
  return new Problem('BUILD_FAILED', `pyproject.toml cannot be read: ${mistake}`, `Correct line ${line}.`, { file, line })
}

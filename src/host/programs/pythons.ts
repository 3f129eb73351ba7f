import { existsSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { Needs } from '../../package/needs.ts'
import { choosePython, describeWanted, fits, type WantedPython, waysToGet } from '../../plugin/python/python-version.ts'
import { formatProblem, Problem } from '../../problem.ts'
import { isExecutable } from '../disk/is-executable.ts'
import { foreignNamesIn } from '../disk/names-in.ts'
import type { Paths } from '../home/paths.ts'
import type { Report } from '../process/run-tool.ts'
import { askInterpreter, ensureFor, findInterpreter, type Interpreter, pythonLibraries } from './python-framework.ts'

/** Where a Python 3 may be, beside the one that mfserv runs on. */
export interface PythonPlaces {
  /** The directories of PATH. */
  readonly path: readonly string[]
  /** Directories with an interpreter each, and the names in them: those of pyenv and of uv. */
  readonly versions: readonly { readonly root: string; readonly names: readonly string[] }[]
  /** Those of pyenv: they take half a second to say that nothing is chosen. */
  readonly shims: readonly string[]
}

const MINORS = Array.from({ length: 12 }, (_one, index) => `python3.${20 - index}`)

/** The programs to try. */
export function python3Candidates({ path, versions, shims }: PythonPlaces): readonly string[] {
  const directories = ['/usr/bin', '/usr/local/bin', ...path.filter((directory) => !shims.includes(directory))]
  const named = ['python3', ...MINORS].flatMap((name) => directories.map((directory) => join(directory, name)))
  const kept = versions.flatMap(({ root, names }) =>
    names.filter((name) => /^(?:cpython-)?3\./.test(name)).map((name) => join(root, name, 'bin/python3')),
  )
  return [...new Set([...named, ...kept])]
}

/** Every Python 3 of this machine that runs; that of mfserv first. */
export async function findPythons(env: NodeJS.ProcessEnv): Promise<readonly Interpreter[]> {
  const own = await findInterpreter()
  const candidates = python3Candidates(placesOf(env)).filter((path) => isExecutable(path) && !isOfVirtualenv(path))
  const found = await Promise.all(candidates.map(askInterpreter))
  const all = [own, ...found].filter((one) => one !== undefined)
  const once = new Map<string, Interpreter>()
  for (const one of all) if (!once.has(realpathSync(one.python3))) once.set(realpathSync(one.python3), one)
  return [...once.values()]
}

/** Undefined when none of this machine will do. The others are looked for only when that of mfserv will not do. */
export async function findPython(wanted: WantedPython, env: NodeJS.ProcessEnv): Promise<Interpreter | undefined> {
  const own = await findInterpreter()
  const isExact = wanted.named === undefined || wanted.named.version.split('.').length < 3
  if (own !== undefined && isExact && fits(own, wanted)) return own
  return choosePython(await findPythons(env), wanted)
}

/** What to say when there is none. */
export async function noPython(wanted: WantedPython, env: NodeJS.ProcessEnv): Promise<Problem> {
  const here = (await findPythons(env)).map(({ version, python3 }) => `${version} (${python3})`)
  const message = `this plugin wants ${describeWanted(wanted)}; here is ${here.length === 0 ? 'none' : here.join(', ')}`
  const place = wanted.named ?? wanted.requires
  const change =
    place === undefined ? '' : ` Or change line ${place.line} of ${place.file.slice(place.file.lastIndexOf('/') + 1)}.`
  const where = place === undefined ? undefined : { file: place.file, line: place.line }
  return new Problem('TOOL_MISSING', message, `${waysToGet(wanted)}${change}`, where)
}

/**
 * Makes sure of the framework's own packages for the interpreters that plugins run on, by their tags: a new mfserv may want
 * newer ones. What fails is only reported: it keeps no other plugin from running.
 */
export async function ensureOthers(
  tags: ReadonlySet<string>,
  paths: Paths,
  env: NodeJS.ProcessEnv,
  report: Report,
): Promise<void> {
  const library = pythonLibraries(paths)
  for (const tag of [...tags].filter((one) => IS_TAG.test(one) && !existsSync(library.replace('{tag}', one)))) {
    const found = await findPython({ tag }, env)
    try {
      if (found !== undefined) await ensureFor(found, paths, report)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      report(formatProblem(error))
    }
  }
}

/** What stands in a file of a plugin becomes a path. */
export const IS_TAG = /^cpython-\d{2,4}$/

/** The interpreter that a release asks for. */
export function wantedBy({ python3, python3Version }: Needs): WantedPython {
  const requires = python3Version === undefined ? {} : { requires: { specifiers: python3Version.requires, file: '', line: 0 } }
  return { ...(python3 === undefined ? {} : { tag: python3.tag }), ...requires }
}

function placesOf(env: NodeJS.ProcessEnv): PythonPlaces {
  const home = env['HOME'] ?? homedir()
  const pyenv = [env['PYENV_ROOT'] ?? '', join(home, '.pyenv')].filter((root) => root.startsWith('/'))
  const uv = env['UV_PYTHON_INSTALL_DIR'] ?? join(env['XDG_DATA_HOME'] ?? join(home, '.local/share'), 'uv/python')
  const roots = [...new Set([...pyenv.map((root) => join(root, 'versions')), uv])]
  return {
    path: (env['PATH'] ?? '').split(delimiter).filter((directory) => directory.startsWith('/')),
    versions: roots.map((root) => ({ root, names: foreignNamesIn(root) })),
    shims: pyenv.map((root) => join(root, 'shims')),
  }
}

/** That of some plugin, whose shell this is: it ends with the plugin. */
function isOfVirtualenv(candidate: string): boolean {
  return existsSync(join(dirname(dirname(candidate)), 'pyvenv.cfg'))
}

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { Machine } from '../../desired/environment.ts'
import type { InstalledPlugin } from '../../desired/installed.ts'
import { needsPython2 } from '../../desired/worker-spec.ts'
import { Problem } from '../../problem.ts'
import { foreignNamesIn } from '../disk/names-in.ts'

/** An interpreter of Python 2.7 that has been seen to run. */
export interface Python2 {
  /** Absolute. */
  readonly path: string
  /** `cpython-27mu`: compiled packages belong to one of these. */
  readonly tag: string
}

/** Where a Python 2.7 may be. */
export interface Python2Places {
  /** `[python2] interpreter=` of the module; empty: look for it. */
  readonly interpreter: string
  /** The directories of PATH. */
  readonly path: readonly string[]
  /** Directories of pyenv that have `versions/`. */
  readonly pyenv: readonly { readonly root: string; readonly versions: readonly string[] }[]
}

/**
 * The programs to try, in order. The system's own comes first, so that the daemon and every command agree whatever PATH they
 * were started with; one that is configured is the only one. A shim of pyenv is the last to be asked: it takes half a second to
 * start a version of pyenv, and as long to say that none is chosen.
 */
export function python2Candidates({ interpreter, path, pyenv }: Python2Places): readonly string[] {
  if (interpreter !== '') return [interpreter]
  const shims = new Set(pyenv.map(({ root }) => join(root, 'shims')))
  const named = (directories: readonly string[]): readonly string[] =>
    ['python2.7', 'python2'].flatMap((name) => directories.map((directory) => join(directory, name)))
  const onPath = named(path.filter((directory) => !shims.has(directory)))
  const ofShims = named(path.filter((directory) => shims.has(directory)))
  const ofPyenv = pyenv.flatMap(({ root, versions }) =>
    versions
      .filter((version) => /^2\.7(\.\d+)?$/.test(version))
      .sort((one, other) => Number(other.split('.')[2] ?? 0) - Number(one.split('.')[2] ?? 0))
      .map((version) => join(root, 'versions', version, 'bin/python2.7')),
  )
  return [...new Set(['/usr/bin/python2.7', '/usr/local/bin/python2.7', ...onPath, ...ofPyenv, ...ofShims])]
}

/** Undefined when there is none that runs. `interpreter`: see `Python2Places`. */
export async function findPython2(
  interpreter: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Python2 | undefined> {
  for (const candidate of python2Candidates(placesOf(interpreter, environment))) {
    if (!existsSync(candidate) || (interpreter === '' && isOfVirtualenv(candidate))) continue
    const found = await askPython2(candidate)
    if (found !== undefined) return found
  }
  return undefined
}

/** What to say when there is none. */
export function noPython2(interpreter: string, file: string): Problem {
  if (interpreter !== '') {
    const message = `interpreter in [python2] is ${interpreter}, which does not run as Python 2.7`
    return new Problem('TOOL_MISSING', message, 'Write the path of a Python 2.7, or null: then it is looked for.', { file })
  }
  const fix = [
    'Install it: "pyenv install 2.7.18" (github.com/pyenv/pyenv) on any system; "apt-get install python2.7" on Debian 11,',
    'later Debians have no package. It is found on PATH and among the versions of pyenv. At any other place: write',
    `interpreter = /path/to/python2.7 below [python2] in ${file}. Other plugins are not affected.`,
  ].join('\n')
  return new Problem('TOOL_MISSING', 'this plugin needs Python 2.7, and there is none on this machine', fix)
}

/** For the daemon, which asks again and again: it remembers what it found. What is missing is looked for anew each time. */
export class Python2Search {
  readonly #configFile: string
  #found: { readonly interpreter: string; readonly path: string } | undefined

  /** `configFile`: where a person would write `[python2] interpreter=`. */
  constructor(configFile: string) {
    this.#configFile = configFile
  }

  /** What `desire` has to know; looked for only if one of the plugins needs it and has no environment of its own. */
  async forPlugins(installed: readonly InstalledPlugin[], interpreter: string): Promise<Pick<Machine, 'python2'>> {
    const isNeeded = installed.some((plugin) => plugin.python2Path === undefined && needsPython2(plugin))
    return isNeeded ? { python2: await this.#find(interpreter) } : {}
  }

  async #find(interpreter: string): Promise<string | Problem> {
    if (this.#found?.interpreter === interpreter && existsSync(this.#found.path)) return this.#found.path
    const python2 = await findPython2(interpreter)
    this.#found = python2 === undefined ? undefined : { interpreter, path: python2.path }
    return python2?.path ?? noPython2(interpreter, this.#configFile)
  }
}

function placesOf(interpreter: string, environment: NodeJS.ProcessEnv): Python2Places {
  const roots = new Set([environment['PYENV_ROOT'] ?? '', join(homedir(), '.pyenv')].filter((root) => root.startsWith('/')))
  return {
    interpreter,
    path: (environment['PATH'] ?? '').split(delimiter).filter((directory) => directory.startsWith('/')),
    pyenv: [...roots].map((root) => ({ root, versions: foreignNamesIn(join(root, 'versions')) })),
  }
}

/** That of some plugin, whose shell this is: it ends with the plugin. */
function isOfVirtualenv(candidate: string): boolean {
  return existsSync(join(dirname(dirname(candidate)), 'pyvenv.cfg'))
}

const QUESTION = `import sys
print(sys.executable)
print("cpython-27mu" if sys.maxunicode > 0xffff else "cpython-27m")
print(sys.version_info[:2] == (2, 7))`
const ANSWERS_WITHIN_MS = 10_000

/** Undefined when it does not run or is another version. */
function askPython2(candidate: string): Promise<Python2 | undefined> {
  const { promise, resolve } = Promise.withResolvers<Python2 | undefined>()
  execFile(candidate, ['-E', '-S', '-c', QUESTION], { timeout: ANSWERS_WITHIN_MS }, (error, stdout) => {
    const [path = '', tag = '', fits] = stdout.split('\n')
    resolve(error === null && fits === 'True' && path.startsWith('/') ? { path, tag } : undefined)
  })
  return promise
}

import { existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { WantedPython } from '../../plugin/python/python-version.ts'

/** The programs a build uses. Paths are absolute. */
export interface BuildTools {
  /** Asked for only when the plugin has Python packages, or wants a certain Python. Throws `TOOL_MISSING` when that is not here. */
  readonly python: (wanted?: WantedPython) => PythonTools | Promise<PythonTools>
  /** The same for packages of Python 2. Throws `TOOL_MISSING` where there is none. */
  readonly python2: () => Promise<Python2Tools>
  /** The Node that the workers run on, and that runs this. npm is the one found on PATH. */
  readonly node: string
  readonly environment: NodeJS.ProcessEnv
}

export interface PythonTools {
  readonly python3: string
  /** Undefined: `venv` and `pip` do the work. */
  readonly uv: string | undefined
  /** Another one than mfserv runs on: a plugin needs a virtualenv to run on it. */
  readonly isOther?: boolean
}

export interface Python2Tools {
  /** The interpreter. */
  readonly path: string
  /** Such as `cpython-27mu`. */
  readonly tag: string
  /** Runs virtualenv, whose packages are in the directory `virtualenv`. */
  readonly python3: string
  readonly virtualenv: string
}

/** Variables of the caller's own Python that would send packages elsewhere; `plugin_env` sets some of them. */
const PYTHON_STRAYS = new Set(['PYTHONPATH', 'PYTHONHOME', 'VIRTUAL_ENV', 'PIP_PREFIX', 'PIP_TARGET', 'PIP_USER', 'PIP_ROOT'])

export function pythonEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !PYTHON_STRAYS.has(name))
  return {
    ...Object.fromEntries(kept),
    UV_PYTHON_DOWNLOADS: 'never',
    UV_NO_PROGRESS: '1',
    // A company's own certificate authority is known to the system, not to uv's built-in list.
    UV_SYSTEM_CERTS: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
  }
}

/** npm runs on the Node of the plugin, and compiles packages against its headers, which lie beside it. */
export function nodeEnvironment(tools: BuildTools): NodeJS.ProcessEnv {
  const bin = dirname(tools.node)
  // A link leads to the directory that has them.
  const place = dirname(dirname(existsSync(tools.node) ? realpathSync(tools.node) : tools.node))
  const headers = existsSync(join(place, 'include/node/node.h')) ? { npm_config_nodedir: place } : {}
  return {
    ...tools.environment,
    ...headers,
    PATH: [bin, tools.environment['PATH'] ?? ''].join(delimiter),
    NO_UPDATE_NOTIFIER: '1',
    // A company's own certificate authority is known to the system, not to Node's built-in list.
    NODE_USE_SYSTEM_CA: '1',
  }
}

import { join } from 'node:path'
import { MFSERV_HOME, type Paths } from '../home/paths.ts'
import type { Report } from '../process/run-tool.ts'
import { ensurePackages, ensurePython, hashOf } from './python-framework.ts'
import { findPython2, noPython2 } from './python2.ts'
import type { Python2Tools } from './tools.ts'

/*
 *   opt/python2/library/4f0c…/      the packages of python2/requirements.txt, for the workers
 *   opt/python2/virtualenv/91ab…/   those of python2/virtualenv.txt, for Python 3: they make the environments of plugins
 */
const REQUIREMENTS = join(MFSERV_HOME, 'python2/requirements.txt')
/** The files that name the directory of `python2Library`. */
export const PYTHON2_REQUIREMENTS = [REQUIREMENTS] as const
const VIRTUALENV_REQUIREMENTS = join(MFSERV_HOME, 'python2/virtualenv.txt')

/** The directory of the framework's own packages for Python 2; it goes last on a worker's sys.path, and need not exist. */
export function python2Library(paths: Paths): string {
  return join(paths.opt, 'python2/library', hashOf(...PYTHON2_REQUIREMENTS))
}

/**
 * Finds Python 2.7 and makes sure of what mfserv needs beside it; installs only what is missing. `interpreter` is the one of
 * the module's configuration. Throws `TOOL_MISSING` without a Python 2.7, `BUILD_FAILED` with the installer's message, `DISK`.
 */
export async function ensurePython2(interpreter: string, paths: Paths, report: Report): Promise<Python2Tools> {
  const python2 = await findPython2(interpreter)
  if (python2 === undefined) throw noPython2(interpreter, join(paths.config, 'config.ini'))
  const tools = await ensurePython(paths, report)
  const virtualenv = join(paths.opt, 'python2/virtualenv', hashOf(VIRTUALENV_REQUIREMENTS))
  await ensurePackages({ requirements: REQUIREMENTS, directory: python2Library(paths), tools }, paths, report)
  await ensurePackages({ requirements: VIRTUALENV_REQUIREMENTS, directory: virtualenv, tools }, paths, report)
  return { ...python2, python3: tools.python3, virtualenv }
}

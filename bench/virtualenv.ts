import { join } from 'node:path'
import { pathsOf, runtimeHome } from '../src/host/home/paths.ts'
import { ensurePython } from '../src/host/programs/python-framework.ts'
import { pythonEnvironment } from '../src/host/programs/tools.ts'
import type { Scratch } from './scratch.ts'

/** A virtualenv of its own with these packages, for what a user would run. Answers the directory of its programs. */
export async function installPython(scratch: Scratch, name: string, packages: readonly string[]): Promise<string> {
  const { python3, uv } = await ensurePython(pathsOf(runtimeHome()))
  const virtualenv = join(scratch.directory, name)
  const python = join(virtualenv, 'bin/python')
  const env = pythonEnvironment(process.env)
  if (uv === undefined) {
    await scratch.run([python3, '-m', 'venv', virtualenv], { env })
    await scratch.run([python, '-m', 'pip', 'install', '--quiet', ...packages], { env })
  } else {
    await scratch.run([uv, 'venv', '--quiet', '--no-project', '--python', python3, virtualenv], { env })
    await scratch.run([uv, 'pip', 'install', '--quiet', '--python', python, ...packages], { env })
  }
  return join(virtualenv, 'bin')
}

import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { become } from '../../host/process/become.ts'
import { findInterpreter, findUv } from '../../host/programs/python-framework.ts'
import { pythonEnvironment } from '../../host/programs/tools.ts'
import { Problem } from '../../problem.ts'
import { progress } from '../output.ts'

/** What `uv pip` does as pip does it. */
const OF_UV: ReadonlySet<string> = new Set(['install', 'uninstall', 'freeze', 'list', 'show', 'check'])
const FILES = ['python3_virtualenv_sources/requirements-to-freeze.txt', 'requirements.txt', 'pyproject.toml']

/** Does not come back. */
export async function run([words]: readonly [readonly string[]]): Promise<undefined> {
  const home = process.env['MFSERV_CURRENT_PLUGIN_DIR']
  const name = process.env['MFSERV_CURRENT_PLUGIN_NAME'] ?? ''
  if (home === undefined)
    throw new Problem('ENVIRONMENT', 'this is no environment of a plugin', 'Open one first: plugin_env NAME')
  const python = join(home, 'local/bin/python')
  const file = FILES.find((one) => existsSync(join(home, one))) ?? 'requirements.txt'
  if (!existsSync(python)) {
    const fix = `Write the packages that it needs into ${join(home, file)}, and run make there.`
    throw new Problem('ENVIRONMENT', `the plugin ${name} has no virtualenv yet`, fix, { file: home })
  }
  if (words[0] === 'install' || words[0] === 'uninstall')
    progress(`This is for the virtualenv of ${name} as it is now. To keep it, change ${file} and run make.`)
  become({ name: 'pip', argv: await argvOf(words, home, python), environment: plainEnvironment(), cwd: process.cwd() })
}

/** The pip of the virtualenv if it has one, then uv, then the pip of the system. */
async function argvOf(words: readonly string[], home: string, python: string): Promise<readonly string[]> {
  if (globSync(join(home, 'local/lib/python3*/site-packages/pip')).length > 0) return [python, '-m', 'pip', ...words]
  const [command = '', ...rest] = words
  const uv = findUv(pathsOf(runtimeHome()))
  if (uv !== undefined && OF_UV.has(command)) return [uv, 'pip', command, '--python', python, ...rest]
  const found = await findInterpreter()
  return [found?.python3 ?? 'python3', '-m', 'pip', '--python', python, ...words]
}

function plainEnvironment(): Record<string, string> {
  const all = Object.entries(pythonEnvironment(process.env))
  return Object.fromEntries(all.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])))
}

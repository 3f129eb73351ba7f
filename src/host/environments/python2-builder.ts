import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../problem.ts'
import { withScratch } from '../home/scratch.ts'
import { type Report, runTool } from '../process/run-tool.ts'
import type { Python2Tools } from '../programs/tools.ts'
import { FROZEN2, installAgain, type PythonBuilder, runPythonStep, TO_FREEZE } from './python-builder.ts'
import { makeRelocatable } from './relocate.ts'
import { requirementLines } from './requirements.ts'
import { pipInstallVendored, pipWheel } from './vendored.ts'

/**
 * For Python 2: virtualenv 20.21.1, and the pip 20.3.4 it puts into each environment. That pip cannot tell versions without
 * installing them, so freezing makes an environment and asks it.
 */
export function python2Builder(tools: Python2Tools, environment: NodeJS.ProcessEnv, report: Report): PythonBuilder {
  const env = pip2Environment(environment)
  const make = async (sources: string, directory: string, file: string, scratch: string): Promise<void> => {
    const cache = ['--app-data', join(scratch, 'app-data'), '--no-periodic-update', '--no-download'] as const
    const argv = [tools.python3, '-m', 'virtualenv', '--quiet', ...cache, '--python', tools.path, directory] as const
    const doing = 'Creating the virtualenv of Python 2'
    await runPythonStep({ argv, sources, doing, file }, { ...env, PYTHONPATH: tools.virtualenv }, report)
  }
  const install = async (sources: string, directory: string, file: string, doing: string): Promise<void> => {
    // The resolver that refuses what does not fit together; the one before only warns.
    const options = ['--quiet', '--no-python-version-warning', '--use-feature=2020-resolver', '--requirement', file] as const
    const argv = [join(directory, 'bin/python'), '-m', 'pip', 'install', ...options] as const
    await runPythonStep({ argv, sources, doing, file }, env, report)
  }
  return {
    makes: 'bound',
    freeze: (sources) =>
      withScratch('mfserv-python2-', async (scratch) => {
        const directory = join(scratch, 'virtualenv')
        await make(sources, directory, TO_FREEZE, scratch)
        await install(sources, directory, TO_FREEZE, 'Freezing the requirements of Python 2')
        return await frozen(directory, env)
      }),
    install: (sources, directory) =>
      withScratch('mfserv-python2-', async (scratch) => {
        await make(sources, directory, FROZEN2, scratch)
        if (existsSync(join(sources, FROZEN2))) {
          await install(sources, directory, FROZEN2, 'Installing the packages of Python 2')
        }
      }),
    installVendored: (sources, directory) =>
      withScratch('mfserv-python2-', async (scratch) => {
        await make(sources, directory, FROZEN2, scratch)
        if (existsSync(join(sources, FROZEN2))) {
          const [pip, python] = [[join(directory, 'bin/python'), '-m', 'pip'] as const, tools.path]
          await pipInstallVendored(pip, { sources, file: FROZEN2, python }, env, report)
        }
        makeRelocatable(directory)
      }),
    vendor: (sources, wheels) =>
      withScratch('mfserv-python2-', async (scratch) => {
        const directory = join(scratch, 'virtualenv')
        await make(sources, directory, FROZEN2, scratch)
        const pip = [join(directory, 'bin/python'), '-m', 'pip'] as const
        await pipWheel(pip, { sources, file: FROZEN2, wheels }, env, report)
      }),
  }
}

/** What is installed in an environment, in exact versions; not pip itself, setuptools and wheel. */
async function frozen(directory: string, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const argv = [join(directory, 'bin/python'), '-m', 'pip', 'freeze', '--no-python-version-warning'] as const
  const result = await runTool({ argv, cwd: directory, env, doing: '', install: installAgain(argv[0]) }, () => undefined)
  // With PIP_FIND_LINKS pip repeats it as a line of its own.
  if (result.is === 'done') return requirementLines(result.stdout).filter((line) => !/^(-f|--)/.test(line))
  throw new Problem('BUILD_FAILED', `pip freeze failed:\n${result.message}`, 'Fix what the message says and run make again.')
}

const SYSTEM_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt'

/** A company's own certificate authority is known to the system, not to the list that this old pip brings. */
function pip2Environment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const known = environment['PIP_CERT'] !== undefined || !existsSync(SYSTEM_AUTHORITIES)
  return known ? environment : { ...environment, PIP_CERT: SYSTEM_AUTHORITIES }
}

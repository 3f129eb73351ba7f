import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../../problem.ts'
import { withScratch } from '../../home/scratch.ts'
import { type Report, runTool } from '../../process/run-tool.ts'
import type { Python2Tools } from '../../programs/tools.ts'
import { blameVendored, FROZEN2, installAgain, type PythonBuilder, runPythonStep, type ToolInput } from '../python-builder.ts'
import { requirementLines } from '../requirements.ts'
import { pipInstallVendored, pipWheel } from '../vendored.ts'
import { withLocalInput } from './local-packages.ts'
import { makeRelocatable } from './relocate.ts'

/**
 * For Python 2: virtualenv 20.21.1, and the pip 20.3.4 it puts into each environment. That pip cannot tell versions without
 * installing them, so freezing makes an environment and asks it.
 */
export function python2Builder(tools: Python2Tools, environment: NodeJS.ProcessEnv, report: Report): PythonBuilder {
  const env = pip2Environment(environment)
  const make = async (about: ToolInput, directory: string, scratch: string): Promise<void> => {
    const cache = ['--app-data', join(scratch, 'app-data'), '--no-periodic-update', '--no-download'] as const
    const argv = [tools.python3, '-m', 'virtualenv', '--quiet', ...cache, '--python', tools.path, directory] as const
    const { blame, requirements } = about
    const step = { argv, directory: about.directory, doing: 'Creating the virtualenv of Python 2', blame, reads: requirements }
    await runPythonStep(step, { ...env, PYTHONPATH: tools.virtualenv }, report)
  }
  const install = async (input: ToolInput, directory: string, doing: string, words: readonly string[] = []): Promise<void> => {
    // The resolver that refuses what does not fit together; the one before only warns.
    const options = ['--quiet', '--no-python-version-warning', '--use-feature=2020-resolver', ...words] as const
    const from = [...input.constraints, '--requirement', input.requirements] as const
    const argv = [join(directory, 'bin/python'), '-m', 'pip', 'install', ...options, ...from] as const
    await runPythonStep({ argv, directory: input.directory, doing, blame: input.blame, reads: input.requirements }, env, report)
  }
  return {
    makes: 'bound',
    readsPyproject: false,
    freeze: (input) =>
      withScratch('mfserv-python2-', async (scratch) => {
        const directory = join(scratch, 'virtualenv')
        await make(input, directory, scratch)
        await install(input, directory, 'Freezing the requirements of Python 2')
        return await frozen(directory, env)
      }),
    install: (input, directory) =>
      withScratch('mfserv-python2-', async (scratch) => {
        await make(input, directory, scratch)
        if (input.blame.given.length > 0) await install(input, directory, 'Installing the packages of Python 2')
        await withLocalInput(input, 'as they are', (locals) =>
          install(locals, directory, 'Installing the local packages of Python 2', ['--no-deps']),
        )
      }),
    installVendored: (sources, directory) =>
      withScratch('mfserv-python2-', async (scratch) => {
        const blame = blameVendored(sources, FROZEN2, '')
        await make({ requirements: FROZEN2, constraints: [], directory: sources, blame }, directory, scratch)
        if (existsSync(join(sources, FROZEN2))) {
          const [pip, python] = [[join(directory, 'bin/python'), '-m', 'pip'] as const, tools.path]
          await pipInstallVendored(pip, { sources, file: FROZEN2, python }, env, report)
        }
        makeRelocatable(directory)
      }),
    vendor: (input, wheels) =>
      withScratch('mfserv-python2-', async (scratch) => {
        const directory = join(scratch, 'virtualenv')
        await make(input, directory, scratch)
        await pipWheel([join(directory, 'bin/python'), '-m', 'pip'], input, wheels, env, report)
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

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { textOf } from '../disk/text-of.ts'
import { withScratch } from '../home/scratch.ts'
import { type Report, runTool } from '../process/run-tool.ts'
import { archiveProblem } from './bounded-archives.ts'
import { withLocalInput } from './python/local-packages.ts'
import { vendoredRequirements } from './python/vendored-requirements.ts'
import {
  blameVendored,
  type InstallInput,
  installAgain,
  type PythonStep,
  runPythonStep,
  type ToolInput,
} from './python-builder.ts'

/** Where the files that a release brings are, below the directory with the requirements. */
export const VENDORED = 'src'

const NOT_TO_INSTALL = 'Do not install it. Ask whoever made the release for one without this file.'

type Argv = PythonStep['argv']

/**
 * Puts a wheel of everything that is frozen into `wheels`; what has none is built into one, and dated with SOURCE_DATE_EPOCH.
 * Without pip's cache: it may hold one that was built at another time. A local package is built from a copy, so that its
 * directory stays as it is and the same sources give the same wheel.
 */
export async function pipWheel(
  pip: Argv,
  input: InstallInput,
  wheels: string,
  env: NodeJS.ProcessEnv,
  report: Report,
): Promise<void> {
  const alike = { PYTHONHASHSEED: '0', ...env }
  const fetch = async ({ requirements, constraints, directory, blame }: ToolInput, words: readonly string[], doing: string) => {
    const options = ['--quiet', '--wheel-dir', wheels, ...words, ...constraints] as const
    const argv = [...pip, 'wheel', ...options, '--requirement', requirements] as const
    await runPythonStep({ argv, directory, doing, blame, reads: requirements }, alike, report)
  }
  await fetch(input, ['--no-cache-dir'], 'Fetching the Python packages')
  await withLocalInput(input, 'copied', (copies) => fetch(copies, ['--no-deps'], 'Building the local packages'))
}

/** Installs what `file` says from the vendored files alone. `python`: looked at for packages that a build from source needs. */
export async function pipInstallVendored(
  pip: Argv,
  { sources, file, python }: { readonly sources: string; readonly file: string; readonly python: string },
  env: NodeJS.ProcessEnv,
  report: Report,
): Promise<void> {
  await withVendored(sources, file, python, async (requirements, places) => {
    const options = ['--quiet', '--isolated', '--no-cache-dir', '--no-index', ...places, '--requirement', requirements] as const
    const argv = [...pip, 'install', ...options] as const
    const blame = blameVendored(sources, file, readFileSync(requirements, 'utf8'))
    const doing = 'Installing the Python packages'
    await runPythonStep({ argv, directory: sources, doing, blame, reads: requirements }, aloneEnvironment(env), report)
  })
}

/** Lends the requirements as they are for the vendored files, and the options that name the places to look in. */
export async function withVendored(
  sources: string,
  file: string,
  python: string,
  work: (requirements: string, places: readonly string[]) => Promise<void>,
): Promise<void> {
  const vendored = join(sources, VENDORED)
  const names = existsSync(vendored) ? readdirSync(vendored) : []
  for (const name of names) {
    const problem = await archiveProblem(join(vendored, name), NOT_TO_INSTALL)
    if (problem !== undefined) throw problem
  }
  const isSource = names.some((name) => !name.endsWith('.whl'))
  const places = [...(names.length === 0 ? [] : [vendored]), ...(isSource ? await buildPackages(python) : [])]
  await withScratch('mfserv-vendored-', async (scratch) => {
    const requirements = join(scratch, file)
    writeFileSync(requirements, vendoredRequirements(textOf(join(sources, file)) ?? '', names))
    await work(
      requirements,
      places.flatMap((place) => ['--find-links', place]),
    )
  })
}

/** Directories of the system with setuptools and wheel, which building a package from its source takes. */
async function buildPackages(python: string): Promise<readonly string[]> {
  const question = 'import ensurepip; print(ensurepip.__file__)'
  const tool = { argv: [python, '-c', question], cwd: '/', env: process.env, doing: '', install: installAgain(python) } as const
  const asked = await runTool(tool, () => undefined)
  const bundled = asked.is === 'done' ? [join(dirname(asked.stdout.trim()), '_bundled')] : []
  return [...bundled, '/usr/share/python-wheels'].filter((directory) => existsSync(directory))
}

/** Without what the caller says about indexes, caches and constraints: a release is installed the same by everybody. */
export function aloneEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^(UV|PIP)_/.test(name))
  return { ...Object.fromEntries(kept), UV_PYTHON_DOWNLOADS: 'never', UV_NO_PROGRESS: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1' }
}

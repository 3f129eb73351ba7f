import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RequirementOption } from '../../../plugin/python/requirement-line.ts'
import { withScratch } from '../../home/scratch.ts'
import type { Report } from '../../process/run-tool.ts'
import {
  blameVendored,
  FROZEN,
  type FreezeInput,
  type PythonBuilder,
  type PythonStep,
  runPythonStep,
  type ToolInput,
} from '../python-builder.ts'
import { requirementLines } from '../requirements.ts'
import { aloneEnvironment, pipWheel, withVendored } from '../vendored.ts'
import { withLocalInput } from './local-packages.ts'

export function uvBuilder(uv: string, python3: string, env: NodeJS.ProcessEnv, report: Report): PythonBuilder {
  const run = (step: PythonStep) => runPythonStep(step, env, report)
  const makeVenv = async (input: ToolInput, doing: string, words: readonly string[], directory: string): Promise<void> => {
    const argv = [uv, 'venv', '--quiet', ...words, '--no-project', '--python', python3, directory] as const
    await run({ argv, doing, directory: input.directory, blame: input.blame, reads: input.requirements })
  }
  const install = async (input: ToolInput, words: readonly string[], directory: string, doing: string): Promise<void> => {
    const { requirements, constraints, blame } = input
    const into = ['--python', join(directory, 'bin/python'), ...constraints, ...words] as const
    const argv = [uv, 'pip', 'install', '--quiet', ...into, '--requirement', requirements] as const
    await run({ argv, doing, directory: input.directory, blame, reads: requirements })
  }
  return {
    makes: 'relocatable',
    readsPyproject: true,
    freeze: (input) => (input.lock === undefined ? compile(uv, python3, input, env, run) : exportLock(uv, python3, input, run)),
    install: async (input, directory) => {
      await makeVenv(input, 'Creating the virtualenv', ['--relocatable'], directory)
      // Processes of a development link write no bytecode, so without this each start would compile every package anew.
      const words = ['--compile-bytecode', ...commandOptions(input.options)]
      await install(input, words, directory, 'Installing the Python packages')
      await withLocalInput(input, 'edited', (locals) =>
        install(locals, ['--no-deps', ...commandOptions(input.options)], directory, 'Installing the local packages'),
      )
      closeLock(directory)
    },
    installVendored: (sources, directory) => installVendored(uv, python3, { sources, directory }, env, report),
    vendor: (input, wheels) =>
      withScratch('mfserv-wheels-', async (scratch) => {
        const directory = join(scratch, 'virtualenv')
        await makeVenv(input, 'Getting pip', ['--seed'], directory)
        await pipWheel([join(directory, 'bin/python'), '-m', 'pip'], input, wheels, env, report)
      }),
  }
}

type Run = (step: PythonStep) => Promise<string>

async function compile(
  uv: string,
  python3: string,
  input: FreezeInput,
  env: NodeJS.ProcessEnv,
  run: Run,
): Promise<readonly string[]> {
  const { requirements, constraints, directory, blame, pyproject, before } = input
  return await withScratch('mfserv-freeze-', async (scratch) => {
    const output = join(scratch, FROZEN)
    // uv keeps the versions it finds in its output file where the requirements still allow them.
    writeFileSync(output, before)
    const options = ['--quiet', '--no-header', '--no-annotate', '--python', python3, '--output-file', output] as const
    // The hashes hold pip, which fetches for a release, to the files of the index that uv has chosen for each package.
    const hashes = isMixed(input, env) ? ['--generate-hashes'] : []
    const asked = [...(pyproject === undefined ? [] : [pyproject]), requirements]
    const argv = [
      uv,
      'pip',
      'compile',
      ...options,
      ...hashes,
      ...commandOptions(input.options),
      ...constraints,
      ...asked,
    ] as const
    await run({ argv, directory, doing: 'Freezing the Python requirements', blame, reads: requirements })
    return requirementLines(readFileSync(output, 'utf8'))
  })
}

/** Whether a package of the same name may be in several places. What is no file of an index, such as a repository, has no hash. */
function isMixed({ options, blame, pyproject }: FreezeInput, env: NodeJS.ProcessEnv): boolean {
  const isWritten = options.some(({ name }) => ['--extra-index-url', '--find-links'].includes(name))
  const isSet = [env['UV_EXTRA_INDEX_URL'], env['UV_INDEX']].some((value) => value !== undefined && value !== '')
  const isDirect = blame.given.some(({ text }) => /\s@\s|^[a-z]+\+[a-z]+:/i.test(text))
  return (isWritten || isSet) && !isDirect && pyproject === undefined
}

/** What uv.lock says, which must fit pyproject.toml. */
async function exportLock(uv: string, python3: string, input: FreezeInput, run: Run): Promise<readonly string[]> {
  const options = ['--quiet', '--locked', '--no-dev', '--no-header', '--no-annotate', '--format', 'requirements-txt'] as const
  const argv = [uv, 'export', ...options, '--python', python3] as const
  const { directory, blame, requirements } = input
  return requirementLines(await run({ argv, directory, doing: 'Reading uv.lock', blame, reads: requirements }))
}

/** Options that pip reads in a file, and uv takes on its command line only. */
function commandOptions(options: readonly RequirementOption[]): readonly string[] {
  return options.flatMap(({ name, value }) => {
    if (name === '--pre') return ['--prerelease', 'allow']
    if (name === '--require-hashes') return ['--require-hashes']
    return name === '--trusted-host' ? ['--allow-insecure-host', value] : []
  })
}

async function installVendored(
  uv: string,
  python3: string,
  { sources, directory }: { readonly sources: string; readonly directory: string },
  env: NodeJS.ProcessEnv,
  report: Report,
): Promise<void> {
  const alone = ['--quiet', '--offline', '--no-config'] as const
  const runAlone = (argv: PythonStep['argv'], doing: string, reads: string, text: string) =>
    runPythonStep(
      { argv, doing, reads, directory: sources, blame: blameVendored(sources, FROZEN, text) },
      aloneEnvironment(env),
      report,
    )
  const make = [uv, 'venv', ...alone, '--relocatable', '--no-project', '--python', python3, directory] as const
  await runAlone(make, 'Creating the virtualenv', FROZEN, '')
  await withVendored(sources, FROZEN, python3, async (requirements, places) => {
    // A cache of its own beside the virtualenv: nothing of this machine is needed, and the files are linked, not copied.
    const cache = `${directory}.cache`
    const options = ['--no-index', ...places, '--cache-dir', cache, '--link-mode', 'hardlink', '--compile-bytecode'] as const
    const into = ['--python', join(directory, 'bin/python'), '--requirement', requirements] as const
    const argv = [uv, 'pip', 'install', ...alone, ...options, ...into] as const
    try {
      await runAlone(argv, 'Installing the Python packages', requirements, readFileSync(requirements, 'utf8'))
      closeLock(directory)
    } finally {
      rmSync(cache, { recursive: true, force: true })
    }
  })
}

/** uv makes it for everybody, so that any user could hold it. */
function closeLock(directory: string): void {
  const lock = join(directory, '.lock')
  if (existsSync(lock)) chmodSync(lock, 0o600)
}

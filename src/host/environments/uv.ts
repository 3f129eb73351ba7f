import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { textOf } from '../disk/text-of.ts'
import { withScratch } from '../home/scratch.ts'
import type { Report } from '../process/run-tool.ts'
import { FROZEN, type PythonBuilder, type PythonStep, runPythonStep, TO_FREEZE } from './python-builder.ts'
import { requirementLines } from './requirements.ts'
import { aloneEnvironment, indexForPip, pipWheel, withVendored } from './vendored.ts'

export function uvBuilder(uv: string, python3: string, env: NodeJS.ProcessEnv, report: Report): PythonBuilder {
  const run = (step: PythonStep) => runPythonStep(step, env, report)
  return {
    makes: 'relocatable',
    freeze: (sources) =>
      withScratch('mfserv-freeze-', async (scratch) => {
        const output = join(scratch, FROZEN)
        // uv keeps the versions it finds in its output file where the requirements still allow them.
        writeFileSync(output, textOf(join(sources, FROZEN)) ?? '')
        const options = ['--quiet', '--no-header', '--no-annotate', '--python', python3, '--output-file', output]
        const argv = [uv, 'pip', 'compile', ...options, TO_FREEZE] as const
        await run({ argv, sources, doing: 'Freezing the Python requirements', file: TO_FREEZE })
        return requirementLines(readFileSync(output, 'utf8'))
      }),
    install: async (sources, directory) => {
      const make = [uv, 'venv', '--quiet', '--relocatable', '--no-project', '--python', python3, directory] as const
      await run({ argv: make, sources, doing: 'Creating the virtualenv', file: FROZEN })
      const argv = [uv, 'pip', 'install', '--quiet', '--python', join(directory, 'bin/python'), '--requirement', FROZEN] as const
      await run({ argv, sources, doing: 'Installing the Python packages', file: FROZEN })
      closeLock(directory)
    },
    installVendored: async (sources, directory) => {
      const alone = ['--quiet', '--offline', '--no-config'] as const
      const step = { sources, file: FROZEN, from: 'vendored' } as const
      const runAlone = (argv: PythonStep['argv'], doing: string) =>
        runPythonStep({ ...step, argv, doing }, aloneEnvironment(env), report)
      const make = [uv, 'venv', ...alone, '--relocatable', '--no-project', '--python', python3, directory] as const
      await runAlone(make, 'Creating the virtualenv')
      await withVendored(sources, FROZEN, python3, async (requirements, places) => {
        // A cache of its own beside the virtualenv: nothing of this machine is needed, and the files are linked, not copied.
        const cache = `${directory}.cache`
        const options = ['--no-index', ...places, '--cache-dir', cache, '--link-mode', 'hardlink', '--compile-bytecode'] as const
        const argv = [
          uv,
          'pip',
          'install',
          ...alone,
          ...options,
          '--python',
          join(directory, 'bin/python'),
          '--requirement',
        ] as const
        try {
          await runAlone([...argv, requirements], 'Installing the Python packages')
          closeLock(directory)
        } finally {
          rmSync(cache, { recursive: true, force: true })
        }
      })
    },
    vendor: (sources, wheels) =>
      withScratch('mfserv-wheels-', async (scratch) => {
        const directory = join(scratch, 'virtualenv')
        const make = [uv, 'venv', '--quiet', '--seed', '--no-project', '--python', python3, directory] as const
        await run({ argv: make, sources, doing: 'Getting pip', file: FROZEN })
        const pip = [join(directory, 'bin/python'), '-m', 'pip'] as const
        await pipWheel(pip, { sources, file: FROZEN, wheels }, indexForPip(env), report)
      }),
  }
}

/** uv makes it for everybody, so that any user could hold it. */
function closeLock(directory: string): void {
  const lock = join(directory, '.lock')
  if (existsSync(lock)) chmodSync(lock, 0o600)
}

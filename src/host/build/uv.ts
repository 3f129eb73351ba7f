import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { textOf } from './files.ts'
import { FROZEN, type PythonBuilder, type PythonStep, runPythonStep, TO_FREEZE } from './python-builder.ts'
import { requirementLines } from './requirements.ts'
import type { Report } from './run-tool.ts'

export function uvBuilder(uv: string, python3: string, env: NodeJS.ProcessEnv, report: Report): PythonBuilder {
  const run = (step: PythonStep) => runPythonStep(step, env, report)
  return {
    makes: 'relocatable',
    freeze: async (sources) => {
      const scratch = mkdtempSync(join(tmpdir(), 'mfserv-freeze-'))
      try {
        const output = join(scratch, FROZEN)
        // uv keeps the versions it finds in its output file where the requirements still allow them.
        writeFileSync(output, textOf(join(sources, FROZEN)) ?? '')
        const options = ['--quiet', '--no-header', '--no-annotate', '--python', python3, '--output-file', output]
        const argv = [uv, 'pip', 'compile', ...options, TO_FREEZE] as const
        await run({ argv, sources, doing: 'Freezing the Python requirements', file: TO_FREEZE })
        return requirementLines(readFileSync(output, 'utf8'))
      } finally {
        rmSync(scratch, { recursive: true, force: true })
      }
    },
    install: async (sources, directory) => {
      const make = [uv, 'venv', '--quiet', '--relocatable', '--no-project', '--python', python3, directory] as const
      await run({ argv: make, sources, doing: 'Creating the virtualenv', file: FROZEN })
      const argv = [uv, 'pip', 'install', '--quiet', '--python', join(directory, 'bin/python'), '--requirement', FROZEN] as const
      await run({ argv, sources, doing: 'Installing the Python packages', file: FROZEN })
    },
  }
}

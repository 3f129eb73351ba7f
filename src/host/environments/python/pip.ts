import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Problem } from '../../../problem.ts'
import { withScratch } from '../../home/scratch.ts'
import type { Report } from '../../process/run-tool.ts'
import { blameVendored, FROZEN, type FreezeInput, type PythonBuilder, runPythonStep, type ToolInput } from '../python-builder.ts'
import { pipInstallVendored, pipWheel } from '../vendored.ts'
import { withLocalInput } from './local-packages.ts'
import { makeRelocatable } from './relocate.ts'

/** For machines without uv: `venv` and `pip` of the Python itself. pip need not be in each virtualenv for that. */
export function pipBuilder(python3: string, env: NodeJS.ProcessEnv, report: Report): PythonBuilder {
  const pip = [python3, '-m', 'pip'] as const
  const run = (argv: readonly [string, ...string[]], { directory, blame, requirements }: ToolInput, doing: string) =>
    runPythonStep({ argv, directory, doing, blame, reads: requirements }, env, report)
  return {
    makes: 'bound',
    readsPyproject: false,
    freeze: (input) =>
      withScratch('mfserv-freeze-', async (scratch) => {
        if (input.lock !== undefined) throw needsUv(input.lock)
        const answer = join(scratch, 'report.json')
        const options = ['--quiet', '--dry-run', '--ignore-installed', '--report', answer, ...input.constraints] as const
        const argv = [...pip, 'install', ...options, '--requirement', input.requirements] as const
        await run(argv, input, 'Freezing the Python requirements')
        return pinned(JSON.parse(readFileSync(answer, 'utf8')) as PipReport)
      }),
    install: async (input, directory) => {
      const make = [python3, '-m', 'venv', '--without-pip', directory] as const
      await run(make, input, 'Creating the virtualenv')
      const into = [...pip, '--python', join(directory, 'bin/python'), 'install', '--quiet'] as const
      const argv = [...into, ...input.constraints, '--requirement', input.requirements] as const
      await run(argv, input, 'Installing the Python packages')
      await withLocalInput(input, 'edited', async (locals) => {
        await run([...into, '--no-deps', '--requirement', locals.requirements], locals, 'Installing the local packages')
      })
    },
    installVendored: async (sources, directory) => {
      const make = [python3, '-m', 'venv', '--without-pip', directory] as const
      const blame = blameVendored(sources, FROZEN, '')
      await runPythonStep({ argv: make, directory: sources, doing: 'Creating the virtualenv', blame, reads: FROZEN }, env, report)
      const into = [...pip, '--python', join(directory, 'bin/python')] as const
      await pipInstallVendored(into, { sources, file: FROZEN, python: python3 }, env, report)
      makeRelocatable(directory)
    },
    vendor: (input, wheels) => pipWheel(pip, input, wheels, env, report),
  }
}

function needsUv(lock: NonNullable<FreezeInput['lock']>): Problem {
  const fix = 'Run "make run" of mfserv again, which installs uv; or put a uv on PATH (pip install uv).'
  return new Problem('TOOL_MISSING', `only uv reads ${basename(lock)}, and it is not on this machine`, fix, { file: lock })
}

/** The part of the report of `pip install --report` that is used. */
interface PipReport {
  readonly install: readonly {
    readonly is_direct: boolean
    readonly download_info: { readonly url: string; readonly vcs_info?: { readonly vcs: string; readonly commit_id: string } }
    readonly metadata: { readonly name: string; readonly version: string }
  }[]
}

function pinned({ install }: PipReport): readonly string[] {
  const lines = install.map(({ is_direct, download_info: { url, vcs_info }, metadata: { name, version } }) => {
    if (!is_direct) return `${name.toLowerCase()}==${version}`
    return vcs_info === undefined ? `${name} @ ${url}` : `${name} @ ${vcs_info.vcs}+${url}@${vcs_info.commit_id}`
  })
  return lines.sort()
}

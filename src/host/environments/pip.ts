import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withScratch } from '../home/scratch.ts'
import type { Report } from '../process/run-tool.ts'
import { FROZEN, type PythonBuilder, runPythonStep, TO_FREEZE } from './python-builder.ts'
import { makeRelocatable } from './relocate.ts'
import { pipInstallVendored, pipWheel } from './vendored.ts'

/** For machines without uv: `venv` and `pip` of the Python itself. pip need not be in each virtualenv for that. */
export function pipBuilder(python3: string, env: NodeJS.ProcessEnv, report: Report): PythonBuilder {
  const pip = [python3, '-m', 'pip'] as const
  return {
    makes: 'bound',
    freeze: (sources) =>
      withScratch('mfserv-freeze-', async (scratch) => {
        const answer = join(scratch, 'report.json')
        const options = ['--quiet', '--dry-run', '--ignore-installed', '--report', answer, '--requirement', TO_FREEZE]
        const argv = [...pip, 'install', ...options] as const
        await runPythonStep({ argv, sources, doing: 'Freezing the Python requirements', file: TO_FREEZE }, env, report)
        return pinned(JSON.parse(readFileSync(answer, 'utf8')) as PipReport)
      }),
    install: async (sources, directory) => {
      const make = [python3, '-m', 'venv', '--without-pip', directory] as const
      await runPythonStep({ argv: make, sources, doing: 'Creating the virtualenv', file: FROZEN }, env, report)
      const argv = [...pip, '--python', join(directory, 'bin/python'), 'install', '--quiet', '--requirement', FROZEN] as const
      await runPythonStep({ argv, sources, doing: 'Installing the Python packages', file: FROZEN }, env, report)
    },
    installVendored: async (sources, directory) => {
      const make = [python3, '-m', 'venv', '--without-pip', directory] as const
      await runPythonStep({ argv: make, sources, doing: 'Creating the virtualenv', file: FROZEN, from: 'vendored' }, env, report)
      const into = [...pip, '--python', join(directory, 'bin/python')] as const
      await pipInstallVendored(into, { sources, file: FROZEN, python: python3 }, env, report)
      makeRelocatable(directory)
    },
    vendor: (sources, wheels) => pipWheel(pip, { sources, file: FROZEN, wheels }, env, report),
  }
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

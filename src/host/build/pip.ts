import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../../problem.ts'
import { FROZEN, installAgain, type PythonBuilder, type PythonStep, runPythonStep, TO_FREEZE } from './python-builder.ts'
import { type Report, runTool } from './run-tool.ts'

/** For machines without uv: `venv` and `pip` of Python itself. */
export function pipBuilder(python3: string, env: NodeJS.ProcessEnv, report: Report): PythonBuilder {
  const run = (step: PythonStep) => runPythonStep(step, env, report)
  const pip = (directory: string) => [join(directory, 'bin/python'), '-m', 'pip', 'install', '--quiet'] as const
  return {
    makes: 'bound',
    freeze: async (sources) => {
      const scratch = mkdtempSync(join(tmpdir(), 'mfserv-freeze-'))
      try {
        await makeVirtualenv(python3, scratch, env, report)
        const answer = join(scratch, 'report.json')
        const argv = [...pip(scratch), '--dry-run', '--ignore-installed', '--report', answer, '--requirement', TO_FREEZE] as const
        await run({ argv, sources, doing: 'Freezing the Python requirements', file: TO_FREEZE })
        return pinned(JSON.parse(readFileSync(answer, 'utf8')) as PipReport)
      } finally {
        rmSync(scratch, { recursive: true, force: true })
      }
    },
    install: async (sources, directory) => {
      await makeVirtualenv(python3, directory, env, report)
      const argv = [...pip(directory), '--requirement', FROZEN] as const
      await run({ argv, sources, doing: 'Installing the Python packages', file: FROZEN })
    },
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

async function makeVirtualenv(python3: string, directory: string, env: NodeJS.ProcessEnv, report: Report): Promise<void> {
  const argv = [python3, '-m', 'venv', directory] as const
  const result = await runTool({ argv, cwd: '/', env, doing: 'Creating a virtualenv', install: installAgain(python3) }, report)
  if (result.is === 'done') return
  const mend = 'Install the venv module of Python (Debian: apt install python3-venv), or uv.'
  throw new Problem('TOOL_MISSING', `${argv.join(' ')} failed:\n${result.message}`, mend)
}

import { join } from 'node:path'
import { Problem } from '../../problem.ts'
import { textOf } from '../disk/text-of.ts'
import { type Report, runTool, type ToolRun } from '../process/run-tool.ts'
import { blamedLine } from './blame.ts'

export const TO_FREEZE = 'requirements-to-freeze.txt'
export const FROZEN = 'requirements3.txt'
export const FROZEN2 = 'requirements2.txt'

/** What freezes and installs Python packages: uv, or venv and pip; for Python 2 its last virtualenv. `sources` holds the two requirements files. */
export interface PythonBuilder {
  /** `relocatable`: a virtualenv may be moved. `bound`: its scripts work only where it was built. */
  readonly makes: 'relocatable' | 'bound'
  /** Exact versions of everything that requirements-to-freeze.txt needs, one requirement each. */
  readonly freeze: (sources: string) => Promise<readonly string[]>
  /** Makes a virtualenv in a directory that does not exist yet, and installs the frozen requirements into it. */
  readonly install: (sources: string, directory: string) => Promise<void>
  /** The same from the files in `src` below `sources` alone, without any network. Such a virtualenv may be moved. */
  readonly installVendored: (sources: string, directory: string) => Promise<void>
  /** Puts everything that the frozen requirements need into an empty directory, as wheels. */
  readonly vendor: (sources: string, wheels: string) => Promise<void>
}

export interface PythonStep {
  readonly argv: ToolRun['argv']
  readonly sources: string
  readonly doing: string
  /** The requirements file the tool reads: a failure is about it. */
  readonly file: string
  /** `vendored`: nobody can correct the requirements, because what is built is a release. */
  readonly from?: 'index' | 'vendored'
}

/** Runs one step, or throws `BUILD_FAILED` with the tool's message and the line of the file it is about. */
export async function runPythonStep(step: PythonStep, env: NodeJS.ProcessEnv, report: Report): Promise<void> {
  const { argv, sources, doing, file } = step
  const result = await runTool({ argv, cwd: sources, env, doing, install: installAgain(argv[0]) }, report)
  if (result.is === 'done') return
  if (/No module named '?(pip|venv)\b/.test(result.message)) {
    const fix = 'Install uv, or pip and venv (Debian: apt install python3-pip python3-venv).'
    throw new Problem('TOOL_MISSING', `${argv.join(' ')} failed:\n${result.message}`, fix)
  }
  if (/no space left on device|disk quota exceeded/i.test(result.message)) {
    const fix = 'Make room on the disk, and run the command again.'
    throw new Problem('DISK', `${doing} failed:\n${result.message}`, fix, { file: sources })
  }
  const line = blamedLine(result.message, textOf(join(sources, file)) ?? '', file)
  if (step.from === 'vendored') throw incomplete(doing, result.message, join(sources, file), line)
  const correct = `Correct ${line === undefined ? file : `line ${line} of ${file}`} and run make again.`
  const fix = `${correct} If the package index could not be reached: docs/reference/templates.md tells of mirrors and proxies.`
  const where = { file: join(sources, file), ...(line === undefined ? {} : { line }) }
  throw new Problem('BUILD_FAILED', `${doing} failed:\n${result.message}`, fix, where)
}

function incomplete(doing: string, message: string, file: string, line: number | undefined): Problem {
  const fix = 'Make the release again with make release, where the Python is the same as here.'
  const where = { file, ...(line === undefined ? {} : { line }) }
  return new Problem('RELEASE_INCOMPLETE', `${doing} from the files of the release failed:\n${message}`, fix, where)
}

/** Such as `cpython-311`: packages built for one do not load in another. */
export async function interpreterTag(python3: string, env: NodeJS.ProcessEnv): Promise<string> {
  const argv = [python3, '-c', 'import sys; print(sys.implementation.cache_tag)'] as const
  const result = await runTool({ argv, cwd: '/', env, doing: '', install: installAgain(python3) }, () => undefined)
  if (result.is === 'done') return result.stdout.trim()
  const fix = 'Install Python 3 (Debian: apt install python3), then run "make run" of mfserv again.'
  throw new Problem('TOOL_MISSING', `${python3} does not run:\n${result.message}`, fix)
}

export function installAgain(program: string): string {
  return `Run "make run" of mfserv again: it installs ${program}.`
}

import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { withoutCredentials } from '../../plugin/python/credentials.ts'
import { logicalLines, packageName, type RequirementOption } from '../../plugin/python/requirement-line.ts'
import { Problem, type Where } from '../../problem.ts'
import { textOf } from '../disk/text-of.ts'
import { type Report, runTool, type ToolRun } from '../process/run-tool.ts'
import { blamedLine } from './blame.ts'
import type { LocalPackage, WrittenLine } from './python/read-requirements.ts'
import { type ClosedIndex, closedIndex, condensed, decisiveLine, failedPackage, missingPart } from './python/tool-message.ts'

export const TO_FREEZE = 'requirements-to-freeze.txt'
export const FROZEN = 'requirements3.txt'
export const FROZEN2 = 'requirements2.txt'

/** What freezes and installs Python packages: uv, or venv and pip; for Python 2 its last virtualenv. */
export interface PythonBuilder {
  /** `relocatable`: a virtualenv may be moved. `bound`: its scripts work only where it was built. */
  readonly makes: 'relocatable' | 'bound'
  /** Otherwise it gets the lines of pyproject.toml in a requirements file. */
  readonly readsPyproject: boolean
  /** Exact versions of everything that is asked for, one requirement each. Local directories stand by their absolute paths. */
  readonly freeze: (input: FreezeInput) => Promise<readonly string[]>
  /** Makes a virtualenv in a directory that does not exist yet, and installs what is frozen into it. */
  readonly install: (input: InstallInput, directory: string) => Promise<void>
  /** The same from the files in `src` below `sources` alone, without any network. Such a virtualenv may be moved. */
  readonly installVendored: (sources: string, directory: string) => Promise<void>
  /** Puts everything that the frozen requirements need into an empty directory, as wheels. */
  readonly vendor: (input: InstallInput, wheels: string) => Promise<void>
}

/** A requirements file for a tool, with the lines that people wrote in several. */
export interface ToolInput {
  /** Absolute. */
  readonly requirements: string
  /** The words that name its constraints, if it has some. */
  readonly constraints: readonly string[]
  readonly directory: string
  readonly blame: Blame
}

export interface FreezeInput extends ToolInput {
  /** For uv, which reads more in it than the lines that `requirements` has from it. Absolute. */
  readonly pyproject: string | undefined
  /** uv has frozen everything in it. Absolute. */
  readonly lock: string | undefined
  /** The versions of before: uv keeps those that still fit. */
  readonly before: string
  /** Those in it. */
  readonly options: readonly RequirementOption[]
}

export interface InstallInput extends ToolInput {
  readonly locals: readonly LocalPackage[]
  readonly options: readonly RequirementOption[]
}

/** Whose mistake it is when a tool fails. */
export interface Blame {
  /** The lines of the file that the tool reads. */
  readonly given: readonly WrittenLine[]
  /** What a person wrote and may edit. */
  readonly written: readonly WrittenLine[]
  /** The file that a person edits, for what has no line. Absolute. */
  readonly file: string
  /** `asked`: what a person wrote is frozen now. `frozen`: a file was made from it before; `locked`: uv.lock was. */
  readonly stage: 'asked' | 'frozen' | 'locked' | 'vendored'
}

export interface PythonStep {
  readonly argv: ToolRun['argv']
  readonly directory: string
  readonly doing: string
  readonly blame: Blame
  /** The file that the tool reads. */
  readonly reads: string
}

/** Runs one step, or throws `BUILD_FAILED` with the tool's message and the line that a person can correct. */
export async function runPythonStep(step: PythonStep, env: NodeJS.ProcessEnv, report: Report): Promise<string> {
  const { argv, directory, doing } = step
  const result = await runTool(
    { argv, cwd: existsSync(directory) ? directory : dirname(directory), env, doing, install: installAgain(argv[0]) },
    report,
  )
  if (result.is === 'done') return result.stdout
  const output = withoutCredentials(result.output.replaceAll(step.reads, basename(step.reads)))
  if (/No module named '?(pip|venv)\b/.test(output)) {
    const fix = 'Install uv, or pip and venv (Debian: apt install python3-pip python3-venv).'
    throw new Problem('TOOL_MISSING', `${argv.join(' ')} failed:\n${condensed(output)}`, fix)
  }
  if (/no space left on device|disk quota exceeded/i.test(output)) {
    const fix = 'Make room on the disk, and run the command again.'
    throw new Problem('DISK', `${doing} failed:\n${condensed(output)}`, fix, { file: directory })
  }
  throw step.blame.stage === 'vendored' ? incomplete(step, output) : failed(step, output)
}

const SHORT_LINES = 12

function failed({ doing, blame, reads }: PythonStep, output: string): Problem {
  if (blame.stage === 'locked' && /lockfile .*needs to be updated/i.test(output)) {
    const fix = 'Run "uv lock", and make again. Nothing was changed.'
    return new Problem('BUILD_FAILED', 'uv.lock does not fit pyproject.toml', fix, { file: join(dirname(blame.file), 'uv.lock') })
  }
  if (blame.stage === 'locked' && /failed to parse `uv\.lock`/i.test(output)) return brokenLock(blame, output)
  const closed = closedIndex(output)
  if (closed !== undefined) return closedProblem(closed, blame, saying(doing, output))
  const given = givenLine(output, blame.given, basename(reads))
  const name = packageName(given?.text ?? failedPackage(output) ?? '')
  const edited =
    blame.stage === 'asked' && given !== undefined ? given : blame.written.find(({ text }) => packageName(text) === name)
  const where = edited?.where ?? { file: blame.file }
  const fix = fixFor(blame, edited, given?.text ?? failedPackage(output))
  const missing = missingPart(output)
  return new Problem('BUILD_FAILED', saying(doing, output), missing === undefined ? fix : `${missing} ${fix}`, where)
}

function brokenLock({ file }: Blame, output: string): Problem {
  const line = /TOML parse error at line (\d+)/.exec(output)?.[1]
  const fix = 'Take the uv.lock of your repository again, or remove it and run "uv lock". Then make again. Nothing was changed.'
  const where = { file: join(dirname(file), 'uv.lock'), ...(line === undefined ? {} : { line: Number(line) }) }
  return new Problem('BUILD_FAILED', `uv.lock cannot be read:\n${condensed(output)}`, fix, where)
}

function closedProblem({ url, status }: ClosedIndex, { file, written }: Blame, said: string): Problem {
  const files = [...new Set([file, ...written.map(({ where }) => where.file)])]
  const where = files.flatMap((one) => lineWith(hostOf(url), one))[0] ?? { file }
  const place = where.line === undefined ? 'the address of the index' : `the address in line ${where.line}`
  const first = `the package index ${url} lets nobody in without a name and a password that it knows (HTTP ${status})`
  const fix = `Write them into ${place}, as https://NAME:$\{VARIABLE}@HOST/..., and set that variable; or write them into ~/.netrc. Then make again. Nothing was changed.`
  return new Problem('BUILD_FAILED', `${first}\n${said}`, fix, where)
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}

/** The line of a file that has a text outside of a comment. */
function lineWith(text: string, file: string): readonly Where[] {
  const lines = (textOf(file) ?? '').split('\n')
  const index = lines.findIndex((line) => line.includes(text) && !line.trimStart().startsWith('#'))
  return index < 0 ? [] : [{ file, line: index + 1 }]
}

/** Of a long output the line that says why comes first. */
function saying(doing: string, output: string): string {
  const shown = condensed(output)
  const why = decisiveLine(output)
  if (shown.split('\n').length <= SHORT_LINES || why === undefined) return `${doing} failed:\n${shown}`
  const failing = failedPackage(output)
  return `${doing} failed: ${failing === undefined ? '' : `${failing}: `}${why}\n${shown}`
}

function givenLine(output: string, given: readonly WrittenLine[], name: string): WrittenLine | undefined {
  const text = given.map((line) => line.text).join('\n')
  const index = blamedLine(output, text, name)
  return index === undefined ? undefined : given[index - 1]
}

function fixFor({ stage, file }: Blame, edited: WrittenLine | undefined, failing: string | undefined): string {
  const unreachable = 'If the package index could not be reached: docs/reference/dependencies.md tells of mirrors and proxies.'
  const line = edited === undefined ? basename(file) : `line ${edited.where.line} of ${basename(edited.where.file)}`
  if (stage === 'locked') {
    const name = packageName(failing ?? '')
    return `Run "uv lock${name === undefined ? '' : ` --upgrade-package ${name}`}" and make again, or change ${line}. ${unreachable}`
  }
  if (stage === 'asked') return `Correct ${line} and run make again. ${unreachable}`
  const as = failing === undefined ? 'The versions were frozen before.' : `The version was frozen before: ${failing}.`
  return `${as} Run "make superclean", which forgets it, and make again. Or change ${line}. ${unreachable}`
}

function incomplete({ doing, blame, reads }: PythonStep, output: string): Problem {
  const fix = 'Make the release again with make release, where the Python is the same as here.'
  const where = givenLine(output, blame.given, basename(reads))?.where ?? { file: blame.file }
  return new Problem('RELEASE_INCOMPLETE', `${doing} from the files of the release failed:\n${condensed(output)}`, fix, where)
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

/** What a failure is about that has nothing to do with a line. */
export function blameFile(file: string, stage: Blame['stage']): Blame {
  return { given: [], written: [], file, stage }
}

/** `text` is what a tool is given of the frozen file of a release, which nobody can correct there. */
export function blameVendored(sources: string, frozen: string, text: string): Blame {
  const file = join(sources, frozen)
  const lines = logicalLines(textOf(file) ?? '')
  const given = text.split('\n').map((line, index) => {
    const name = packageName(line)
    const found = lines.find((one) => name !== undefined && packageName(one.text) === name)
    return { text: line, where: { file, line: found?.line ?? index + 1 } }
  })
  return { given, written: [], file, stage: 'vendored' }
}

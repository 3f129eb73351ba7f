import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../../problem.ts'
import { writeProblem } from '../../disk/disk-problem.ts'
import { readStamp, textOf } from '../../disk/text-of.ts'
import { type Report, runTool } from '../../process/run-tool.ts'
import { type BuildTools, pythonEnvironment } from '../../programs/tools.ts'
import { DEVELOPMENT, STAMP } from './environment.ts'

const FILES = ['requirements-dev.txt', 'python3_virtualenv_sources/requirements-dev.txt']

/**
 * Installs what requirements-dev.txt of the plugin names, if that has changed. Answers whether it did. What the plugin itself
 * needs is there in the version that it is frozen to. Throws BUILD_FAILED, TOOL_MISSING or DISK; what was there stays then.
 */
export async function buildDevelopmentTools(home: string, tools: BuildTools, report: Report): Promise<boolean> {
  const file = FILES.map((name) => join(home, name)).find((path) => existsSync(path))
  const directory = join(home, DEVELOPMENT)
  if (file === undefined) {
    rmSync(directory, { recursive: true, force: true })
    return false
  }
  const versions = frozenVersions(home)
  const { python3, uv } = await tools.python()
  const own = join(home, 'local/bin/python')
  const python = existsSync(own) ? own : python3
  const stamp = JSON.stringify({ file: readFileSync(file, 'utf8'), versions, python })
  if (readStamp(join(directory, STAMP)) === stamp) return false
  const next = `${directory}.new`
  try {
    rmSync(next, { recursive: true, force: true })
    mkdirSync(next, { recursive: true })
    const constraints = join(next, 'constraints.txt')
    writeFileSync(constraints, versions)
    const words = ['install', '--quiet', '--target', next, '--constraint', constraints, '--requirement', file]
    const argv =
      uv === undefined ? ([python3, '-m', 'pip', ...words] as const) : ([uv, 'pip', ...words, '--python', python] as const)
    await run(argv, file, home, tools, report)
    writeFileSync(join(next, STAMP), JSON.stringify(stamp))
    rmSync(directory, { recursive: true, force: true })
    renameSync(next, directory)
    return true
  } catch (error) {
    rmSync(next, { recursive: true, force: true })
    const fix = `Make ${home} writable for this user, and make room on its disk.`
    throw writeProblem(error, { what: 'the tools of requirements-dev.txt could not be installed', fix, file: home })
  }
}

async function run(
  argv: readonly [string, ...string[]],
  file: string,
  home: string,
  tools: BuildTools,
  report: Report,
): Promise<void> {
  const env = pythonEnvironment(tools.environment)
  const doing = 'Installing the tools of requirements-dev.txt'
  const result = await runTool(
    { argv, cwd: home, env, doing, install: 'Install uv, or pip (Debian: apt install python3-pip).' },
    report,
  )
  if (result.is === 'done') return
  throw new Problem('BUILD_FAILED', `${doing} failed:\n${result.message}`, 'Correct that file, and run make again.', { file })
}

/** Of what the plugin itself needs, as far as it is a plain version. */
function frozenVersions(home: string): string {
  const lines = (textOf(join(home, 'python3_virtualenv_sources/requirements3.txt')) ?? '').split('\n')
  return lines.filter((line) => /^[\w.-]+==[\w.!+-]+\s*$/.test(line)).join('\n')
}

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomically } from '../atomic.ts'
import { modified, textOf } from './files.ts'
import { pipBuilder } from './pip.ts'
import { FROZEN, interpreterTag, type PythonBuilder, TO_FREEZE } from './python-builder.ts'
import { decideVirtualenv, fingerprint, frozenText, mustFreeze, requirementLines } from './requirements.ts'
import type { Report } from './run-tool.ts'
import { type BuildTools, pythonEnvironment } from './tools.ts'
import { uvBuilder } from './uv.ts'
import { builtVirtualenv, nextVersion, removeVirtualenv, useVersion } from './virtualenv.ts'

export type PythonPart = 'requirements3.txt' | 'virtualenv' | 'virtualenv removed'

/** The Python side of a plugin: freezes its requirements and builds its virtualenv, each only when it has to. */
export async function buildPython(home: string, tools: BuildTools, report: Report): Promise<readonly PythonPart[]> {
  const frozen = await freeze(join(home, 'python3_virtualenv_sources'), tools, report)
  const virtualenv = await buildVirtualenv(home, tools, report)
  return [frozen, virtualenv].filter((part) => part !== undefined)
}

async function freeze(sources: string, tools: BuildTools, report: Report): Promise<PythonPart | undefined> {
  const source = textOf(join(sources, TO_FREEZE))
  const age = modified(join(sources, TO_FREEZE)) > modified(join(sources, FROZEN)) ? 'newer' : 'not newer'
  if (source === undefined || !mustFreeze(source, textOf(join(sources, FROZEN)), age)) return undefined
  const requirements = requirementLines(source).length === 0 ? [] : await (await builderOf(tools, report)).freeze(sources)
  writeAtomically(join(sources, FROZEN), frozenText(source, requirements))
  return 'requirements3.txt'
}

async function buildVirtualenv(home: string, tools: BuildTools, report: Report): Promise<PythonPart | undefined> {
  const sources = join(home, 'python3_virtualenv_sources')
  const requirements = textOf(join(sources, FROZEN)) ?? ''
  const python = requirementLines(requirements).length === 0 ? '' : await tagOf(tools)
  const decision = decideVirtualenv(requirements, python, home, builtVirtualenv(home))
  if (decision === 'keep') return undefined
  if (decision === 'remove') {
    removeVirtualenv(home)
    return 'virtualenv removed'
  }
  const builder = await builderOf(tools, report)
  const version = nextVersion(home)
  try {
    await builder.install(sources, version)
    const boundTo = builder.makes === 'bound' ? home : undefined
    useVersion(home, version, { requirements: fingerprint(requirements), python, boundTo })
  } catch (error) {
    rmSync(version, { recursive: true, force: true })
    throw error
  }
  return 'virtualenv'
}

async function builderOf(tools: BuildTools, report: Report): Promise<PythonBuilder> {
  const { python3, uv } = await tools.python()
  const env = pythonEnvironment(tools.environment)
  return uv === undefined ? pipBuilder(python3, env, report) : uvBuilder(uv, python3, env, report)
}

async function tagOf(tools: BuildTools): Promise<string> {
  const { python3 } = await tools.python()
  return interpreterTag(python3, pythonEnvironment(tools.environment))
}

import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { FOR_EVERYBODY, writeAtomically } from '../disk/atomic.ts'
import { modified, textOf } from '../disk/text-of.ts'
import type { Report } from '../process/run-tool.ts'
import { type BuildTools, pythonEnvironment } from '../programs/tools.ts'
import { pipBuilder } from './pip.ts'
import { FROZEN, FROZEN2, interpreterTag, type PythonBuilder, TO_FREEZE } from './python-builder.ts'
import { python2Builder } from './python2-builder.ts'
import { decideVirtualenv, fingerprint, frozenText, mustFreeze, requirementLines, type VirtualenvNeed } from './requirements.ts'
import { uvBuilder } from './uv.ts'
import { builtVirtualenv, nextVersion, removeVirtualenv, useVersion, type VirtualenvPlace } from './virtualenv.ts'

export type PythonPart =
  | 'requirements3.txt'
  | 'virtualenv'
  | 'virtualenv removed'
  | 'requirements2.txt'
  | 'virtualenv of Python 2'
  | 'virtualenv of Python 2 removed'

/** `vendored`: from the files of a release alone, which has everything frozen and needs no network. */
export type BuildFrom = 'index' | 'vendored'

/** One of the two languages of a plugin. */
export interface PythonSide {
  readonly sources: string
  /** The file in `sources` with the exact versions. */
  readonly frozen: 'requirements3.txt' | 'requirements2.txt'
  readonly place: VirtualenvPlace
  readonly built: PythonPart
  readonly removed: PythonPart
  readonly need: VirtualenvNeed
  /** These two ask for the tools, so they are called only when something may have to be built. */
  readonly builder: () => Promise<PythonBuilder>
  readonly tag: () => Promise<string>
}

/** The Python 3 side of a plugin. */
export function python3Side(home: string, tools: BuildTools, report: Report): PythonSide {
  const env = pythonEnvironment(tools.environment)
  return {
    sources: join(home, 'python3_virtualenv_sources'),
    frozen: FROZEN,
    place: 'local',
    built: 'virtualenv',
    removed: 'virtualenv removed',
    need: 'with packages',
    builder: async () => {
      const { python3, uv } = await tools.python()
      return uv === undefined ? pipBuilder(python3, env, report) : uvBuilder(uv, python3, env, report)
    },
    tag: async () => interpreterTag((await tools.python()).python3, env),
  }
}

/**
 * The Python 2 side. A plugin that has sources for it gets a virtualenv even without any package: no other way brings
 * a `python2` into the PATH of its daemons and cron jobs.
 */
export function python2Side(home: string, tools: BuildTools, report: Report): PythonSide {
  const sources = join(home, 'python2_virtualenv_sources')
  return {
    sources,
    frozen: FROZEN2,
    place: 'local/python2',
    built: 'virtualenv of Python 2',
    removed: 'virtualenv of Python 2 removed',
    need: existsSync(sources) ? 'always' : 'with packages',
    builder: async () => python2Builder(await tools.python2(), pythonEnvironment(tools.environment), report),
    tag: async () => {
      const { tag, path } = await tools.python2()
      return `${tag} ${path}`
    },
  }
}

/** Freezes the requirements of one side and builds its virtualenv, each only when it has to. */
export async function buildSide(home: string, side: PythonSide, from: BuildFrom): Promise<readonly PythonPart[]> {
  const frozen = from === 'index' ? await freeze(side) : undefined
  const virtualenv = await buildVirtualenv(home, side, from)
  return [frozen, virtualenv].filter((part) => part !== undefined)
}

async function freeze({ sources, frozen, builder }: PythonSide): Promise<PythonPart | undefined> {
  const source = textOf(join(sources, TO_FREEZE))
  const age = modified(join(sources, TO_FREEZE)) > modified(join(sources, frozen)) ? 'newer' : 'not newer'
  if (source === undefined || !mustFreeze(source, textOf(join(sources, frozen)), age)) return undefined
  const requirements = requirementLines(source).length === 0 ? [] : await (await builder()).freeze(sources)
  writeAtomically(join(sources, frozen), frozenText(source, requirements), 'durable', FOR_EVERYBODY)
  return frozen
}

async function buildVirtualenv(home: string, side: PythonSide, from: BuildFrom): Promise<PythonPart | undefined> {
  const { place, need } = side
  const requirements = textOf(join(side.sources, side.frozen)) ?? ''
  const python = need === 'with packages' && requirementLines(requirements).length === 0 ? '' : await side.tag()
  const decision = decideVirtualenv({ requirements, python, home, need }, builtVirtualenv(home, place))
  if (decision === 'keep') return undefined
  if (decision === 'remove') {
    removeVirtualenv(home, place)
    return side.removed
  }
  const builder = await side.builder()
  const version = nextVersion(home, place)
  try {
    await (from === 'vendored' ? builder.installVendored : builder.install)(side.sources, version)
    const boundTo = builder.makes === 'bound' && from === 'index' ? home : undefined
    useVersion(version, { requirements: fingerprint(requirements), python, boundTo })
  } catch (error) {
    rmSync(version, { recursive: true, force: true })
    throw error
  }
  return side.built
}

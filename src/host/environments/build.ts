import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../problem.ts'
import { writeProblem } from '../disk/disk-problem.ts'
import { type Lock, tryLock } from '../disk/lock.ts'
import type { Report } from '../process/run-tool.ts'
import type { BuildTools } from '../programs/tools.ts'
import { chooseNode } from './node/choose-node.ts'
import { buildNodeModules, type NodePart } from './node/node-modules.ts'
import { checkVendoredNodeModules } from './node/vendored-node-modules.ts'
import { ROOT_FILES, unreadNote } from './python/source.ts'
import { type BuildFrom, buildSide, type PythonPart, python2Side, python3Side } from './python.ts'

export type BuiltPart = PythonPart | NodePart | 'the link to its Node'

/**
 * Builds what the plugin at `home` needs to run and does not have yet: frozen requirements and virtualenv, lock and
 * node_modules. Returns what was built, nothing when all was in place. A failure throws `BUILD_FAILED` with the tool's own
 * message, `TOOL_MISSING`, `BUSY` or `DISK`, and leaves the environment of before in use.
 *
 * `vendored` is for the unpacked tree of a release: nothing is frozen, and no network is used. node_modules is the one of
 * the release. What is built may be moved. It throws `RELEASE_INCOMPLETE` or `RELEASE_NEEDS` when the release does not fit.
 */
export async function buildPlugin(
  home: string,
  tools: BuildTools,
  report: Report,
  from: BuildFrom = 'index',
): Promise<readonly BuiltPart[]> {
  if (!SOURCES.some((name) => existsSync(join(home, name)))) return []
  const lock = lockBuild(home)
  try {
    const note = from === 'index' ? unreadNote(home) : undefined
    if (note !== undefined) report(note)
    return [
      ...(await buildSide(home, python3Side(home, tools, report, from), from)),
      ...(await buildSide(home, python2Side(home, tools, report), from)),
      ...(await buildNodeSide(home, tools, report, from)),
    ]
  } catch (error) {
    throw buildProblem(error, home)
  } finally {
    lock.release()
  }
}

async function buildNodeSide(home: string, tools: BuildTools, report: Report, from: BuildFrom): Promise<readonly BuiltPart[]> {
  const { path, abi, isNew } = await chooseNode(home, tools, report)
  const parts =
    from === 'vendored'
      ? checkVendoredNodeModules(home, abi)
      : await buildNodeModules(home, { ...tools, node: path }, abi, report)
  return isNew ? ['the link to its Node', ...parts] : parts
}

/** Without any of these there is nothing to build and nothing built. */
const SOURCES = [
  ...['python3_virtualenv_sources', 'python2_virtualenv_sources', ...ROOT_FILES, '.python-version'],
  ...['package.json', '.nvmrc', '.node-version', 'local', 'node_modules'],
]

/** Keeps every other build of the plugin at `home` out until it is released. Throws `BUSY` while there is one. */
export function lockBuild(home: string): Lock {
  const local = join(home, 'local')
  mkdirSync(local, { recursive: true })
  const lock = tryLock(join(local, 'build.lock'))
  if (lock !== undefined) return lock
  throw new Problem('BUSY', `another make builds ${home} now`, 'Wait until it has ended, then run make again.', { file: home })
}

function buildProblem(error: unknown, home: string): unknown {
  const fix = `Make ${home} writable for this user, and make room on its disk.`
  return writeProblem(error, { what: 'the environment could not be built', fix, file: home })
}

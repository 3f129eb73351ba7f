import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatProblem, Problem } from '../../../problem.ts'
import { FOR_EVERYBODY, writeAtomically } from '../../disk/atomic.ts'
import { readStamp, textOf } from '../../disk/text-of.ts'
import type { Report } from '../../process/run-tool.ts'
import type { BuildTools } from '../../programs/tools.ts'
import { localPackages } from './local-packages.ts'
import { lockIn, lockProblems, misfits, YARN_LOCK, yarnLockIn } from './locks.ts'
import { runNpm } from './npm.ts'
import {
  decideNodeModules,
  isLockOutdated,
  type NodeModulesStamp,
  type NodeSources,
  needsNpm,
  nodeModulesStamp,
  type PackageJson,
  parsePackageJson,
} from './package-json.ts'
import { withAddresses } from './yarn-lock.ts'

const STAMP = '.mfserv-build.json'

export type NodePart = 'package-lock.json' | 'npm-shrinkwrap.json' | 'node_modules' | 'node_modules removed'

/**
 * The Node side of a plugin: makes its lock and node_modules, only when package.json, the lock or Node changed. `abi`: of the
 * Node of the tools.
 */
export async function buildNodeModules(
  home: string,
  tools: BuildTools,
  abi: string,
  report: Report,
): Promise<readonly NodePart[]> {
  const sources = nodeSources(home)
  const { packageJson, lock } = sources
  const built = builtNodeModules(home)
  const decision = decideNodeModules(sources, abi, built)
  const chosen = lockFor(sources, built)
  if (needsNpm(packageJson)) for (const problem of lockProblems(home, packageJson, chosen.lock)) report(formatProblem(problem))
  if (decision === 'keep') return []
  if (packageJson === undefined || decision === 'remove') {
    rmSync(join(home, 'node_modules'), { recursive: true, force: true })
    return ['node_modules removed']
  }
  const job: Job = { home, packageJson, sources, abi, ...chosen }
  if (job.lock !== undefined) tellMisfit(job.lock, job, report)
  await (packageJson.needs === 'itself only' ? buildBeside : buildInPlace)(job, tools, report)
  const name = lockIn(home)
  return textOf(join(home, name)) === lock ? ['node_modules'] : [name, 'node_modules']
}

/** What there is to build node_modules from. */
export function nodeSources(home: string): NodeSources {
  const packageJson = readPackageJson(home)
  return {
    packageJson,
    lock: textOf(join(home, lockIn(home))),
    local: packageJson === undefined ? [] : localPackages(home, packageJson),
    yarnLock: yarnLockIn(home),
  }
}

export function builtNodeModules(home: string): NodeModulesStamp | undefined {
  const stamp = readStamp(join(home, 'node_modules', STAMP))
  return isStamp(stamp) ? stamp : undefined
}

function isStamp(value: unknown): value is NodeModulesStamp {
  return typeof value === 'object' && value !== null && 'packageJson' in value && 'lock' in value && 'abi' in value
}

/** Undefined when the plugin has none. */
export function readPackageJson(home: string): PackageJson | undefined {
  const file = join(home, 'package.json')
  const text = textOf(file)
  if (text === undefined) return undefined
  const parsed = parsePackageJson(text, file)
  if (parsed instanceof Problem) throw parsed
  return parsed
}

/** One build of node_modules. */
interface Job {
  readonly home: string
  readonly packageJson: PackageJson
  readonly sources: NodeSources
  readonly abi: string
  /** The lock that counts; undefined where npm is to make one. */
  readonly lock: string | undefined
  /** The yarn.lock that it is made from. */
  readonly yarnLock: string | undefined
}

/** npm reads a yarn.lock only where it has no lock; the one that it made of it is made anew when it changed. */
function lockFor(sources: NodeSources, built: NodeModulesStamp | undefined): Pick<Job, 'lock' | 'yarnLock'> {
  const lock = isLockOutdated(sources, built) ? undefined : sources.lock
  const isMade = lock === undefined || built?.yarnLock !== undefined
  return { lock, yarnLock: isMade ? sources.yarnLock : undefined }
}

function tellMisfit(lock: string, { home, packageJson, sources }: Job, report: Report): void {
  const found = misfits(lock, packageJson, sources.local)
  if (found.length === 0) return
  const more = found.length > 3 ? ` and ${found.length - 3} more` : ''
  const name = lockIn(home)
  const message = `${name} does not fit: ${found.slice(0, 3).join('; ')}${more}`
  const fix = `npm install corrects it now. Keep the new ${name} in your repository.`
  report(formatProblem(new Problem('NODE_LOCK', message, fix, { file: join(home, name) })))
}

/** Builds in `local/`, which nothing watches and no release contains, and renames. An interrupted build leaves the old one. */
async function buildBeside(job: Job, tools: BuildTools, report: Report): Promise<void> {
  const { home } = job
  const name = lockIn(home)
  const stage = join(home, 'local/node.tmp')
  rmSync(stage, { recursive: true, force: true })
  try {
    mkdirSync(stage, { recursive: true })
    for (const file of ['package.json', '.npmrc'].filter((one) => existsSync(join(home, one)))) {
      copyFileSync(join(home, file), join(stage, file))
    }
    if (job.lock !== undefined) writeFileSync(join(stage, name), job.lock)
    else if (job.yarnLock !== undefined) writeFileSync(join(stage, YARN_LOCK), withAddresses(job.yarnLock))
    await npm(job, stage, tools, report)
    const lock = sealNodeModules(stage, job)
    if (lock !== textOf(join(home, name))) writeAtomically(join(home, name), lock, 'durable', FOR_EVERYBODY)
    const before = setAside(home, ['node_modules'])
    renameSync(join(stage, 'node_modules'), join(home, 'node_modules'))
    rmSync(before, { recursive: true, force: true })
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** For a package.json that refers to its directory, which npm can only install there. A failed build puts the old one back. */
async function buildInPlace(job: Job, tools: BuildTools, report: Report): Promise<void> {
  const { home, sources } = job
  const places = ['node_modules', ...sources.local.map(({ path }) => `${path}/node_modules`)]
  const lockFile = join(home, lockIn(home))
  const before = setAside(home, places)
  try {
    if (job.lock === undefined) rmSync(lockFile, { force: true })
    if (job.yarnLock !== undefined && job.lock === undefined) writeFileSync(join(home, YARN_LOCK), withAddresses(job.yarnLock))
    await npm(job, home, tools, report)
    sealNodeModules(home, job)
  } catch (error) {
    for (const [index, place] of places.entries()) {
      rmSync(join(home, place), { recursive: true, force: true })
      if (existsSync(join(before, String(index)))) renameSync(join(before, String(index)), join(home, place))
    }
    if (sources.lock !== undefined) writeFileSync(lockFile, sources.lock)
    throw error
  } finally {
    // npm writes what it installed into a yarn.lock that is there.
    if (job.yarnLock !== undefined) writeFileSync(join(home, YARN_LOCK), job.yarnLock)
  }
  rmSync(before, { recursive: true, force: true })
}

/** Moves each of these out of the way, into files that are named by their index, and says where to. */
function setAside(home: string, places: readonly string[]): string {
  const aside = join(home, 'local/node_modules.old')
  rmSync(aside, { recursive: true, force: true })
  mkdirSync(aside, { recursive: true })
  for (const [index, place] of places.entries()) {
    if (existsSync(join(home, place))) renameSync(join(home, place), join(aside, String(index)))
  }
  return aside
}

async function npm({ home, packageJson, sources, lock }: Job, cwd: string, tools: BuildTools, report: Report): Promise<void> {
  const { local } = sources
  const command = lock !== undefined && misfits(lock, packageJson, local).length === 0 ? 'ci' : 'install'
  await runNpm({ home, cwd, command, packageJson, local }, tools, report)
}

/** Writes the stamp, which makes a build count as complete; returns the text of the lock it belongs to. */
function sealNodeModules(directory: string, { packageJson, sources, abi, yarnLock }: Job): string {
  const lock = textOf(join(directory, lockIn(directory)))
  if (lock === undefined) throw new Error(`npm made no ${lockIn(directory)}`)
  mkdirSync(join(directory, 'node_modules'), { recursive: true })
  const stamp = nodeModulesStamp(packageJson, lock, abi, sources.local, yarnLock)
  writeFileSync(join(directory, 'node_modules', STAMP), `${JSON.stringify(stamp, null, 2)}\n`)
  return lock
}

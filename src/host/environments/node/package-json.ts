import { createHash } from 'node:crypto'
import { JSON_FIX, readJsonObject } from '../../../plugin/json-object.ts'
import { Problem } from '../../../problem.ts'

/** A package that is a directory of the plugin: a workspace, or one that `file:` names. */
export interface LocalPackage {
  /** Relative to the plugin. */
  readonly path: string
  readonly packageJson: PackageJson
}

/** The parts of package.json that decide how node_modules is built. */
export interface PackageJson {
  readonly text: string
  /** Name and range, of every kind of dependency that gets installed. */
  readonly dependencies: Readonly<Record<string, string>>
  /** Command lines by their name. */
  readonly scripts: Readonly<Record<string, string>>
  /** The patterns of the directories that are packages of their own. */
  readonly workspaces: readonly string[]
  /** npm needs the whole directory: workspaces, packages by path, scripts of the plugin that run at installation. */
  readonly needs: 'itself only' | 'the directory'
}

export const INSTALLED = ['dependencies', 'devDependencies', 'optionalDependencies'] as const
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare']

/** Reads package.json, or says what is wrong with it. */
export function parsePackageJson(text: string, file: string): PackageJson | Problem {
  const parsed = parseJson(text, file)
  if (parsed instanceof Problem) return parsed
  const values: Record<string, unknown> = { ...parsed }
  const dependencies = Object.fromEntries(INSTALLED.flatMap((kind) => ranges(values[kind])))
  const scripts = Object.fromEntries(ranges(values['scripts']))
  const byPath = Object.values(dependencies).some((range) => /^(file:|link:|workspace:|\.{0,2}\/|~\/)/.test(range))
  const workspaces = workspacesOf(values['workspaces'])
  const alone = !byPath && workspaces.length === 0 && !INSTALL_SCRIPTS.some((script) => Object.hasOwn(scripts, script))
  return { text, dependencies, scripts, workspaces, needs: alone ? 'itself only' : 'the directory' }
}

/** A list, or an object with one in it, as yarn wrote it. */
function workspacesOf(value: unknown): readonly string[] {
  const list: unknown = typeof value === 'object' && value !== null && 'packages' in value ? value.packages : value
  return Array.isArray(list) ? list.filter((one): one is string => typeof one === 'string') : []
}

/** Whether npm has anything to do for it. */
export function needsNpm(packageJson: PackageJson | undefined): packageJson is PackageJson {
  return packageJson !== undefined && (Object.keys(packageJson.dependencies).length > 0 || packageJson.workspaces.length > 0)
}

/** What node_modules was built from; it is kept inside. */
export interface NodeModulesStamp {
  readonly packageJson: string
  readonly lock: string
  /** Of the package.json of every package in the plugin itself; absent when there is none. */
  readonly local?: string
  /** Of the yarn.lock that the lock was made from; absent when it was made from none. */
  readonly yarnLock?: string
  /** The version of Node's binary interface, which compiled packages depend on. */
  readonly abi: string
}

export type NodeModulesDecision = 'build' | 'remove' | 'keep'

/** What node_modules is to be built from. */
export interface NodeSources {
  readonly packageJson: PackageJson | undefined
  readonly lock: string | undefined
  /** The packages in the plugin itself. */
  readonly local: readonly LocalPackage[]
  readonly yarnLock?: string | undefined
}

export function decideNodeModules(sources: NodeSources, abi: string, built: NodeModulesStamp | undefined): NodeModulesDecision {
  if (!needsNpm(sources.packageJson)) return built === undefined ? 'keep' : 'remove'
  if (built === undefined || sources.lock === undefined) return 'build'
  const wanted = nodeModulesStamp(sources.packageJson, sources.lock, abi, sources.local)
  const isSame = built.packageJson === wanted.packageJson && built.lock === wanted.lock && built.local === wanted.local
  return isSame && built.abi === abi && !isLockOutdated(sources, built) ? 'keep' : 'build'
}

/** The lock was made from a yarn.lock that has changed since, and nobody has touched it. */
export function isLockOutdated({ lock, yarnLock }: NodeSources, built: NodeModulesStamp | undefined): boolean {
  if (built?.yarnLock === undefined || lock === undefined || yarnLock === undefined) return false
  return built.lock === hash(lock) && built.yarnLock !== hash(yarnLock)
}

/** `yarnLock`: the text of the one that the lock was made from. */
export function nodeModulesStamp(
  packageJson: PackageJson,
  lock: string,
  abi: string,
  local: readonly LocalPackage[] = [],
  yarnLock?: string,
): NodeModulesStamp {
  return {
    packageJson: hash(packageJson.text),
    lock: hash(lock),
    ...(local.length === 0 ? {} : { local: hash(JSON.stringify(local.map((one) => [one.path, one.packageJson.text]))) }),
    ...(yarnLock === undefined ? {} : { yarnLock: hash(yarnLock) }),
    abi,
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

export function ranges(value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).map(([name, range]) => [name, typeof range === 'string' ? range : ''] as const)
}

export function parseJson(text: string, file: string): object | Problem {
  const read = readJsonObject(text)
  if ('value' in read) return read.value
  return new Problem('BUILD_FAILED', `package.json ${read.mistake}`, JSON_FIX, { file, line: read.line }, read.cause)
}
